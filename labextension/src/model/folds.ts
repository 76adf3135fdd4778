import type { IClient } from '../api/request';
import type { RunRow } from '../api/wire';
import { Children, differing, PAGE } from './children';
import { type Item, runKey } from './groups';
import type { ILines } from './selection';

/** Lines that stand below one line of the list. */
interface IBlock {
  /** Index of the line in the list without any such lines. */
  at: number;
  items: readonly Item[];
}

/** A list whose runs can be opened: below an opened run stand the runs in it. */
export class Folds implements ILines {
  /**
   * @param base - the list while nothing is opened.
   * @param changed - the runs in an opened run changed.
   */
  constructor(
    private readonly client: IClient,
    private readonly base: ILines,
    private readonly changed: (children: Children) => void
  ) {}

  get count(): number {
    return this._lines().reduce((sum, block) => sum + block.items.length, this.base.count);
  }

  item(index: number): Item {
    let shift = 0;
    for (const { at, items } of this._lines()) {
      const first = at + shift + 1;
      if (index < first) {
        break;
      }
      if (index < first + items.length) {
        return items[index - first];
      }
      shift += items.length;
    }
    return this._foldable(this.base.item(index - shift));
  }

  indexOf(key: string): number {
    let shift = 0;
    for (const { at, items } of this._lines()) {
      const place = items.findIndex(item => item.key === key);
      if (place !== -1) {
        return at + shift + 1 + place;
      }
      shift += items.length;
    }
    const found = this.base.indexOf(key);
    return found === -1 ? -1 : found + this._above(found);
  }

  /** The range of lines of the list without opened runs that a range of its lines covers. */
  baseRange(first: number, last: number): [number, number] {
    return [this._baseIndex(first), this._baseIndex(last)];
  }

  /** Open or close a run. @param path - contents path that says which project is meant. */
  toggle(id: string, path: string): void {
    const open = this._open.get(id);
    if (open) {
      this._open.delete(id);
      open.dispose();
    } else {
      const children = new Children(this.client, path, () => id);
      children.changed.connect(() => {
        this.forget();
        this.changed(children);
      });
      children.sortBy(this._metric);
      this._open.set(id, children);
      void children.look();
    }
    this.forget();
  }

  /** Show more of the runs in a run. */
  more(id: string): void {
    void this._open.get(id)?.more();
  }

  /** Sort the runs in opened runs by this metric. */
  sortBy(metric: string): void {
    this._metric = metric;
    this._open.forEach(children => children.sortBy(metric));
  }

  /** The list was read again: look at the runs in those that are open, unless they are many and at rest. */
  look(rows: readonly RunRow[]): void {
    for (const row of rows) {
      const children = this._open.get(row.record_id);
      const isNews =
        row.state === 'RUNNING' ||
        row.children !== children?.total ||
        children.isMoving ||
        children.error !== null ||
        children.rows.length <= PAGE;
      if (children && isNews && !children.isReading) {
        void children.look();
      }
    }
  }

  update(rows: readonly RunRow[]): void {
    this._open.forEach(children => children.update(rows));
    this.forget();
  }

  remove(id: string): void {
    this._open.forEach(children => children.remove(id));
    this.forget();
  }

  /** Something of the list or of the opened runs changed. */
  forget(): void {
    this._blocks = null;
  }

  /** Close all. */
  clear(): void {
    this._open.forEach(children => children.dispose());
    this._open.clear();
    this.forget();
  }

  private _foldable(item: Item): Item {
    return item.kind === 'run' && item.row.children > 0
      ? { ...item, isOpen: this._open.has(item.row.record_id) }
      : item;
  }

  private _lines(): readonly IBlock[] {
    if (this._blocks === null) {
      this._blocks = [...this._open]
        .map(([parent, children]) => this._block(parent, children))
        .filter(block => block.at !== -1)
        .sort((a, b) => a.at - b.at);
    }
    return this._blocks;
  }

  private _block(parent: string, children: Children): IBlock {
    const at = this.base.indexOf(runKey(parent));
    const above = at === -1 ? null : this.base.item(at);
    const level = above?.kind === 'run' && above.level === 2 ? 3 : 2;
    const { rows, total, metric, best } = children;
    const keys = differing(rows);
    const of = total ?? rows.length;
    const items = rows.map((row, index): Item => ({
      kind: 'run',
      key: runKey(row.record_id),
      row,
      level,
      place: [index + 1, of],
      child: { parent, keys, metric, best }
    }));
    if (total === null || rows.length < total || children.error !== null) {
      items.push({ kind: 'more', key: `more:${parent}`, parent, children, level });
    }
    return { at, items };
  }

  /** How many lines of opened runs stand above a line of the list without them. */
  private _above(at: number): number {
    return this._lines().reduce((sum, block) => (block.at < at ? sum + block.items.length : sum), 0);
  }

  private _baseIndex(index: number): number {
    let shift = 0;
    for (const { at, items } of this._lines()) {
      const first = at + shift + 1;
      if (index < first) {
        break;
      }
      if (index < first + items.length) {
        return at;
      }
      shift += items.length;
    }
    return index - shift;
  }

  private _open = new Map<string, Children>();
  private _metric = '';
  private _blocks: readonly IBlock[] | null = null;
}
