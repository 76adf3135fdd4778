import type { IClient } from '../../api/request';
import * as runs from '../../api/runs';
import * as table from '../../api/table';
import type { RunPage, TableGroups } from '../../api/wire';
import type { IStretch, TableLines } from './tablelines';
import { type ITableView, metricOf, queryOf } from './tableview';

/** Rows of a page: what is seen at once lies on one or two of them. */
const PAGE = 100;

/** Lines that are seen: the first and the last. */
export type Seen = readonly [number, number];

/** Which page is to be read. `key` is of its group; null: there are no groups. */
export interface IWanted {
  key: string | null;
  offset: number;
}

/** A page and where it belongs. */
export interface IRead {
  key: string | null;
  page: RunPage;
}

/** What is read of a list of which nothing is known. */
export const HEAD: readonly IWanted[] = [{ key: null, offset: 0 }];

/** The groups of a view; null: it has none. */
export async function readGroups(
  client: IClient,
  path: string,
  view: ITableView,
  signal: AbortSignal
): Promise<TableGroups | null> {
  const { group } = view;
  return group === null ? null : table.groups(client, path, queryOf(view), group, metricOf(view), signal);
}

/** Pages of a view. */
export function readPages(
  client: IClient,
  path: string,
  view: ITableView,
  wanted: readonly IWanted[],
  signal: AbortSignal
): Promise<IRead[]> {
  const { group } = view;
  return Promise.all(
    wanted.map(async ({ key, offset }) => {
      const within = key === null ? {} : { group: group ?? undefined, value: key };
      // of a table in groups that nobody opened, only what is said beside the rows is needed
      const limit = group !== null && key === null ? 1 : PAGE;
      const query = { ...queryOf(view), ...within, offset, limit };
      return { key, page: await runs.list(client, path, query, signal) };
    })
  );
}

/** The pages that lie in sight; in any case one, which says how many runs there are. */
export function pagesIn(lines: TableLines, seen: Seen): readonly IWanted[] {
  const found = lines
    .stretches(...seen)
    .flatMap(stretch => offsetsIn(stretch, seen).map(offset => ({ key: stretch.key, offset })));
  return found.length > 0 ? found : HEAD;
}

/** Whether something in sight was not read. */
export function isMissing(lines: TableLines, seen: Seen): boolean {
  return lines.stretches(...seen).some(({ start, rows, length }) => {
    const [first, last] = [Math.max(0, seen[0] - start), Math.min(length - 1, seen[1] - start)];
    return (rows.total === 0 && length > 0) || rows.missing(first, last) !== null;
  });
}

/** Where the pages of a stretch begin that lie in sight. */
function offsetsIn({ start, length }: IStretch, [first, last]: Seen): number[] {
  const [from, to] = [Math.max(0, first - start), Math.min(Math.max(0, length - 1), last - start)];
  const found: number[] = [];
  for (let at = Math.floor(from / PAGE) * PAGE; at <= to; at += PAGE) {
    found.push(at);
  }
  return found;
}

/**
 * The runs between two lines; those of groups that are not open are not among them.
 *
 * @param idsOf - asks for the ids of all runs of a stretch, in order, where not all of them were read.
 */
export async function idsBetween(
  lines: TableLines,
  from: number,
  to: number,
  idsOf: (key: string | null) => Promise<readonly string[]>
): Promise<string[]> {
  const [first, last] = [Math.min(from, to), Math.max(from, to)];
  const found: string[] = [];
  for (const { key, start, rows, length } of lines.stretches(first, last)) {
    const [begin, end] = [Math.max(0, first - start), Math.min(length - 1, last - start)];
    const isRead = rows.total > 0 && rows.missing(begin, end) === null;
    const ids = isRead ? null : await idsOf(key);
    for (let index = begin; index <= end; index++) {
      const id = ids === null ? rows.at(index)?.record_id : ids[index];
      if (id !== undefined) {
        found.push(id);
      }
    }
  }
  return found;
}
