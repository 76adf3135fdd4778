import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { RunPage, RunRow } from '../api/wire';
import type { Rows } from './rows';

/** Rows of a page: small where only what is seen is read, large where all is needed for the groups. */
const PAGE = 50;
const LARGE_PAGE = 500;
/** Large pages that are asked for together: the groups grow while they are read. */
const AT_ONCE = 4;

/** What is to be read of a list. */
export interface IReading {
  path: string;
  query: runs.IRunQuery;
  /** What is known of the list. */
  rows: Rows;
  /** The lines that are seen; null: all are needed. */
  seen: readonly [number, number] | null;
  signal: AbortSignal;
}

/** The first page, and those that are seen, or the next ones that are needed. */
export async function readPages(client: IClient, reading: IReading): Promise<RunPage[]> {
  const { rows, seen } = reading;
  const limit = seen === null ? LARGE_PAGE : PAGE;
  const ask = (offset: number): Promise<RunPage> =>
    runs.list(client, reading.path, { ...reading.query, offset, limit }, reading.signal);
  return Promise.all((seen === null ? missingOffsets(rows) : seenOffsets(seen, rows.total)).map(ask));
}

/** Every row of a list, in its order. */
export async function readAll(
  client: IClient,
  { path, query, signal }: Omit<IReading, 'rows' | 'seen'>
): Promise<RunRow[]> {
  const found: RunRow[] = [];
  let total = 1;
  while (found.length < total) {
    const ask = { ...query, offset: found.length, limit: LARGE_PAGE };
    const page = await runs.list(client, path, ask, signal);
    found.push(...page.rows);
    // a list that gets shorter meanwhile ends with an empty page
    total = page.rows.length === 0 ? 0 : page.total;
  }
  return found;
}

function seenOffsets([first, last]: readonly [number, number], total: number): number[] {
  const found = [0];
  for (let at = Math.floor(first / PAGE) * PAGE; at <= last; at += PAGE) {
    if (at > 0 && at < total) {
      found.push(at);
    }
  }
  return found;
}

function missingOffsets(rows: Rows): number[] {
  const found = [0];
  const missing = rows.missing(0, rows.total - 1) ?? rows.total;
  for (let at = missing; at < rows.total && found.length <= AT_ONCE; at += LARGE_PAGE) {
    if (at > 0) {
      found.push(at);
    }
  }
  return found;
}
