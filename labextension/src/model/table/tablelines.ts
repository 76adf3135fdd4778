import type { RunPage, RunRow, TableGroup } from '../../api/wire';
import { Rows } from '../rows';

/** One line of the table. */
export type TableItem =
  | { kind: 'run'; row: RunRow; level: 1 | 2 }
  | { kind: 'group'; group: TableGroup; isOpen: boolean }
  | { kind: 'blank'; level: 1 | 2 };

/** A stretch of runs that pages are read of: all runs, or those of one open group. */
export interface IStretch {
  /** Key of the group; null: there are no groups. */
  key: string | null;
  /** Index of its first run among the lines. */
  start: number;
  rows: Rows;
  length: number;
}

/** The lines of the table, of which only some pages were read. */
export class TableLines {
  /** null: the runs are not in groups. */
  get groups(): readonly TableGroup[] | null {
    return this._groups;
  }

  get count(): number {
    return this._count;
  }

  /** Runs that were read. */
  known(): RunRow[] {
    return [...this._rows.values()].flatMap(rows => rows.known());
  }

  clear(): void {
    this._groups = null;
    this._rows.clear();
    this._arrange();
  }

  isOpen(key: string): boolean {
    return this._open.has(key);
  }

  toggle(key: string): void {
    if (!this._open.delete(key)) {
      this._open.add(key);
    }
    this._arrange();
  }

  /** The groups as they are now; null: there are none. Runs of a group that has another size now are forgotten. */
  group(groups: readonly TableGroup[] | null): void {
    if ((groups === null) !== (this._groups === null)) {
      this._rows.clear();
    }
    this._groups = groups;
    for (const group of groups ?? []) {
      const rows = this._rows.get(group.key);
      if (rows && rows.total > 0 && rows.total !== group.runs) {
        rows.clear();
      }
    }
    this._arrange();
  }

  /** Put a page where it belongs. @param key - of its group; null: there are no groups. */
  put(key: string | null, page: RunPage): void {
    this._rowsOf(key).put(page);
    this._arrange();
  }

  update(rows: readonly RunRow[]): void {
    this._rows.forEach(known => known.update(rows));
  }

  remove(id: string): void {
    this._rows.forEach(rows => rows.remove(id));
    this._arrange();
  }

  item(index: number): TableItem {
    if (this._groups === null) {
      const row = this._rowsOf(null).at(index);
      return row ? { kind: 'run', row, level: 1 } : { kind: 'blank', level: 1 };
    }
    const place = this._placeOf(index);
    const group = this._groups[place];
    if (group === undefined) {
      return { kind: 'blank', level: 1 };
    }
    const within = index - this._starts[place] - 1;
    if (within < 0) {
      return { kind: 'group', group, isOpen: this._open.has(group.key) };
    }
    const row = this._rowsOf(group.key).at(within);
    return row ? { kind: 'run', row, level: 2 } : { kind: 'blank', level: 2 };
  }

  /** Index of the group that a line stands in; -1: in none. */
  headOf(index: number): number {
    return this._groups === null ? -1 : this._starts[this._placeOf(index)];
  }

  /** The stretches that lie in a range of lines. */
  stretches(first: number, last: number): IStretch[] {
    if (this._groups === null) {
      const rows = this._rowsOf(null);
      return [{ key: null, start: 0, rows, length: rows.total }];
    }
    return this._groups.flatMap((group, place) => {
      const start = this._starts[place] + 1;
      const isSeen = this._open.has(group.key) && start <= last && start + group.runs > first;
      return isSeen ? [{ key: group.key, start, rows: this._rowsOf(group.key), length: group.runs }] : [];
    });
  }

  private _rowsOf(key: string | null): Rows {
    const name = key ?? '';
    const rows = this._rows.get(name) ?? new Rows();
    this._rows.set(name, rows);
    return rows;
  }

  /** The group in which a line lies: the last that begins at it or above. */
  private _placeOf(index: number): number {
    let [low, high] = [0, this._starts.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      [low, high] = this._starts[middle] <= index ? [middle, high] : [low, middle - 1];
    }
    return low;
  }

  private _arrange(): void {
    if (this._groups === null) {
      this._count = this._rowsOf(null).total;
      return;
    }
    let at = 0;
    this._starts = this._groups.map(group => {
      const start = at;
      at += 1 + (this._open.has(group.key) ? group.runs : 0);
      return start;
    });
    this._count = at;
  }

  private _groups: readonly TableGroup[] | null = null;
  private _starts: number[] = [];
  private _count = 0;
  private readonly _open = new Set<string>();
  private readonly _rows = new Map<string, Rows>();
}
