import type { RunPage, RunRow } from '../api/wire';

/** A long list of which only some pages were read: what was not is null. */
export class Rows {
  get total(): number {
    return this._rows.length;
  }

  at(index: number): RunRow | null {
    return this._rows[index] ?? null;
  }

  /** Rows that were read, in order. */
  known(): RunRow[] {
    return this._rows.filter((row): row is RunRow => row !== null);
  }

  indexOf(id: string): number {
    return this._rows.findIndex(row => row?.record_id === id);
  }

  clear(): void {
    this._rows = [];
  }

  /** The first index in a range of which no row was read; null: all were. */
  missing(first: number, last: number): number | null {
    for (let index = Math.max(0, first); index <= Math.min(last, this.total - 1); index++) {
      if (this._rows[index] === null) {
        return index;
      }
    }
    return null;
  }

  /** How many rows of a first page are new, that is, above the row that was first; -1: nothing is known of it. */
  arrived(page: RunPage): number {
    const first = this._rows[0];
    return first ? page.rows.findIndex(row => row.record_id === first.record_id) : -1;
  }

  /**
   * Put a page where it belongs.
   *
   * @param inserted - how many rows are new at the front: the others move down with what was read of them.
   */
  put(page: RunPage, inserted = 0): void {
    const rows = [...Array<null>(inserted).fill(null), ...this._rows];
    if (rows.length !== page.total) {
      this._resize(rows, page.total);
    }
    page.rows.forEach((row, index) => {
      if (page.offset + index < rows.length) {
        rows[page.offset + index] = row;
      }
    });
    this._rows = rows;
  }

  /** Exchange rows that are known by what they are now; no row comes or moves. */
  update(rows: readonly RunRow[]): void {
    const now = new Map(rows.map(row => [row.record_id, row]));
    this._rows = this._rows.map(row => (row === null ? null : (now.get(row.record_id) ?? row)));
  }

  remove(id: string): void {
    this._rows = this._rows.filter(row => row?.record_id !== id);
  }

  /** The length is not the expected one: what was read may stand elsewhere now, so it is forgotten. */
  private _resize(rows: (RunRow | null)[], total: number): void {
    rows.fill(null);
    while (rows.length < total) {
      rows.push(null);
    }
    rows.length = total;
  }

  private _rows: (RunRow | null)[] = [];
}
