import type { Best } from '../api/wire';
import { BLANK, Groups, idOf, type Item, runKey } from './groups';
import { Rows } from './rows';
import type { ILines } from './selection';

/** The lines of the list while no run is opened: its runs, or the groups that they are in. */
export class TopLines implements ILines {
  /** @param how - how they are shown now. */
  constructor(private readonly how: () => { isGrouped: boolean; metric: string; best: Best | undefined }) {}

  readonly rows = new Rows();

  get count(): number {
    return this.how().isGrouped ? this._grouped().length : this.rows.total;
  }

  item(index: number): Item {
    if (this.how().isGrouped) {
      return this._grouped()[index] ?? { kind: 'blank', key: `${BLANK}${index}` };
    }
    const row = this.rows.at(index);
    return row
      ? { kind: 'run', key: runKey(row.record_id), row, level: 1, place: [index + 1, this.rows.total] }
      : { kind: 'blank', key: `${BLANK}${index}` };
  }

  indexOf(key: string): number {
    if (this.how().isGrouped) {
      return this._grouped().findIndex(item => item.key === key);
    }
    return key.startsWith(BLANK) ? Number(key.slice(BLANK.length)) : this.rows.indexOf(idOf(key));
  }

  /** Open or close a group. */
  toggle(key: string): void {
    this._groups.toggle(key);
  }

  /** Something of the runs changed. */
  forget(): void {
    this._groups.forget();
  }

  private _grouped(): Item[] {
    return this._groups.items(() => ({ ...this.how(), rows: this.rows.known() }));
  }

  private readonly _groups = new Groups();
}
