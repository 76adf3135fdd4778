import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { RunPage } from '../api/wire';
import type { Rows } from './rows';

/** Rows of a page: small where only what is seen is read, large where all is needed for the groups. */
const PAGE = 50;
const LARGE_PAGE = 500;

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

/** The first page, and those that are seen or needed. */
export async function readPages(client: IClient, reading: IReading): Promise<RunPage[]> {
  const limit = reading.seen === null ? LARGE_PAGE : PAGE;
  const ask = (offset: number): Promise<RunPage> =>
    runs.list(client, reading.path, { ...reading.query, offset, limit }, reading.signal);
  if (reading.seen !== null) {
    return Promise.all(offsets(reading.seen, reading.rows.total).map(ask));
  }
  const head = await ask(0);
  const pages = [head];
  const isKnown = head.total === reading.rows.known().length + Math.max(0, reading.rows.arrived(head));
  for (let at = limit; !isKnown && at < head.total; at += limit) {
    pages.push(await ask(at));
  }
  return pages;
}

function offsets([first, last]: readonly [number, number], total: number): number[] {
  const found = [0];
  for (let at = Math.floor(first / PAGE) * PAGE; at <= last; at += PAGE) {
    if (at > 0 && at < total) {
      found.push(at);
    }
  }
  return found;
}
