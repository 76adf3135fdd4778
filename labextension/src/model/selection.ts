import type { RunRow } from '../api/wire';
import type { Item } from './groups';

/** A list whose lines can be chosen. */
export interface ILines {
  readonly count: number;
  item(index: number): Item;
  indexOf(key: string): number;
}

/** How a choice changes what is chosen: alone, one more or less, or from the last one on. */
export type Choice = 'one' | 'toggle' | 'range';

/** Which runs are chosen, and which line the keyboard is on. Runs stay chosen while they are out of sight. */
export class Selection {
  constructor(private readonly lines: ILines) {}

  /** The chosen runs, in the order of their choice. */
  get rows(): RunRow[] {
    return [...this._rows.values()];
  }

  get size(): number {
    return this._rows.size;
  }

  /** Key of the line that the keyboard is on; null before it was used. */
  get active(): string | null {
    return this._active;
  }

  has(id: string): boolean {
    return this._rows.has(id);
  }

  clear(): void {
    this._rows.clear();
    this._active = null;
    this._anchor = null;
  }

  /** Choose the line at an index. */
  choose(index: number, choice: Choice): void {
    const item = this.lines.item(index);
    this._active = item.key;
    if (choice === 'range' && this._anchor !== null) {
      this._range(this.lines.indexOf(this._anchor), index);
      return;
    }
    this._anchor = item.key;
    if (choice === 'toggle' && item.kind === 'run' && this._rows.delete(item.row.record_id)) {
      return;
    }
    if (choice !== 'toggle') {
      this._rows.clear();
    }
    this._add(item);
  }

  /**
   * Go up or down by some lines.
   *
   * @param choice - how what is there is chosen; null: it is not, the keyboard only goes there.
   * @returns the index that the keyboard is on then; -1 in an empty list.
   */
  move(by: number, choice: 'one' | 'range' | null): number {
    const last = this.lines.count - 1;
    const from = this._active === null ? -1 : this.lines.indexOf(this._active);
    const to = Math.min(last, Math.max(0, from + by));
    if (last < 0) {
      return -1;
    }
    if (choice === null) {
      this._active = this.lines.item(to).key;
    } else {
      this.choose(to, choice);
    }
    return to;
  }

  /** Choose exactly these. The keyboard stays where it is. */
  chooseAll(rows: readonly RunRow[]): void {
    this._rows = new Map(rows.map(row => [row.record_id, row]));
  }

  /** Chosen runs as they are now. */
  update(rows: readonly RunRow[]): void {
    for (const row of rows) {
      if (this._rows.has(row.record_id)) {
        this._rows.set(row.record_id, row);
      }
    }
  }

  remove(id: string): void {
    this._rows.delete(id);
  }

  private _range(from: number, to: number): void {
    this._rows.clear();
    const start = from === -1 ? to : from;
    const step = start <= to ? 1 : -1;
    for (let index = start; index !== to + step; index += step) {
      this._add(this.lines.item(index));
    }
  }

  private _add(item: Item): void {
    if (item.kind === 'run') {
      this._rows.set(item.row.record_id, item.row);
    }
  }

  private _rows = new Map<string, RunRow>();
  private _active: string | null = null;
  private _anchor: string | null = null;
}
