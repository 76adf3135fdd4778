import type { Best, RunRow } from '../api/wire';
import type { Children } from './children';
import { own } from './own';

/** The runs of one name and notebook. */
export interface IGroup {
  key: string;
  name: string;
  rows: readonly RunRow[];
  latest: RunRow;
  /** By the key metric, of the finished ones; null where none of these has it. */
  best: RunRow | null;
}

/** Place among the lines of the same level below the same line, from 1, and how many those are. */
export type Place = readonly [number, number];

/** How a run is shown below the run that it is a part of. */
export interface IChild {
  /** Record id of that run. */
  parent: string;
  /** The parameters that are not the same in all runs of that run. */
  keys: readonly string[];
  /** The metric that those runs are sorted by, and its best value. */
  metric: string;
  best: Best | undefined;
}

/** One line of the list. */
export type Item =
  | {
      kind: 'run';
      key: string;
      row: RunRow;
      level: 1 | 2 | 3;
      place?: Place;
      child?: IChild;
      /** Whether the runs in it are shown; undefined: there are none. */
      isOpen?: boolean;
    }
  | { kind: 'group'; key: string; group: IGroup; isOpen: boolean; place: Place }
  /** Stands below the runs in a run while not all of them were read. */
  | { kind: 'more'; key: string; parent: string; children: Children; level: 2 | 3 }
  | { kind: 'blank'; key: string };

const RUN = 'run:';

/** What a line is called that was not read yet; its index follows. */
export const BLANK = 'blank:';

/** What the line of a run is called. */
export function runKey(id: string): string {
  return RUN + id;
}

/** The run of a line that is called so. */
export function idOf(key: string): string {
  return key.slice(RUN.length);
}

/**
 * Runs by name and notebook, groups in the order of their first run.
 *
 * @param best - the best of all, as the server says it: it tells whether the metric is better large or small.
 */
export function groupRuns(rows: readonly RunRow[], metric: string, best: Best | undefined): IGroup[] {
  const found = new Map<string, RunRow[]>();
  for (const row of rows) {
    const key = `group:${JSON.stringify(kin(row))}`;
    const group = found.get(key);
    if (group) {
      group.push(row);
    } else {
      found.set(key, [row]);
    }
  }
  const isLess =
    best !== undefined &&
    rows.filter(ended).some(row => (own(row.metrics, metric) ?? -Infinity) > best.value);
  return [...found].map(([key, runs]) => ({
    key,
    name: runs[0].name,
    rows: runs,
    latest: runs.reduce((latest, row) => ((row.started ?? 0) > (latest.started ?? 0) ? row : latest)),
    best: bestOf(runs.filter(ended), metric, isLess)
  }));
}

/** A cell that gives no name is known by its id: its name is only its place, which another cell can take. */
function kin(row: RunRow): unknown[] {
  const isUnnamed = row.cell_id !== null && (row.mark === 'tag' || row.mark === 'auto');
  return isUnnamed ? ['cell', row.notebook, row.cell_id] : ['name', row.notebook, row.name];
}

/** What a run that failed, was killed or still runs has reached is not what it would end with. */
function ended(row: RunRow): boolean {
  return row.state === 'FINISHED';
}

function bestOf(rows: readonly RunRow[], metric: string, isLess: boolean): RunRow | null {
  let best: RunRow | null = null;
  for (const row of rows) {
    const value = own(row.metrics, metric);
    const known = own(best?.metrics, metric);
    if (value !== undefined && (known === undefined || (isLess ? value < known : value > known))) {
      best = row;
    }
  }
  return best;
}

/** The lines of a grouped list: a group, then its runs where it is open. */
export function groupItems(groups: readonly IGroup[], open: ReadonlySet<string>): Item[] {
  const items: Item[] = [];
  for (const [index, group] of groups.entries()) {
    const isOpen = open.has(group.key);
    items.push({ kind: 'group', key: group.key, group, isOpen, place: [index + 1, groups.length] });
    if (isOpen) {
      items.push(
        ...group.rows.map((row, at): Item => ({
          kind: 'run',
          key: runKey(row.record_id),
          row,
          level: 2,
          place: [at + 1, group.rows.length]
        }))
      );
    }
  }
  return items;
}

/** Which groups are open, and the lines of that, made once for each change. */
export class Groups {
  toggle(key: string): void {
    if (!this._open.delete(key)) {
      this._open.add(key);
    }
    this._items = null;
  }

  /** Something of the runs changed. */
  forget(): void {
    this._items = null;
  }

  items(read: () => { rows: readonly RunRow[]; metric: string; best: Best | undefined }): Item[] {
    if (this._items === null) {
      const { rows, metric, best } = read();
      this._items = groupItems(groupRuns(rows, metric, best), this._open);
    }
    return this._items;
  }

  private _open = new Set<string>();
  private _items: Item[] | null = null;
}
