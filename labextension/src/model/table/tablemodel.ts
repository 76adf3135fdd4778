import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { ApiError, type IClient } from '../../api/request';
import * as runs from '../../api/runs';
import * as table from '../../api/table';
import type {
  ColumnKeys,
  ManyPatch,
  RunPage,
  RunPatch,
  RunRow,
  TableGroups,
  TableValues,
  TableView
} from '../../api/wire';
import type { Cell } from '../csv';
import { Watch } from '../watch';
import { csvRows, patched, Picked } from './picked';
import { FIGURE, firstColumns } from './tablecolumns';
import { TableLines } from './tablelines';
import { HEAD, idsBetween, type IRead, isMissing, pagesIn, readGroups, readPages } from './tablereading';
import { FIRST_VIEW, isSameList, type ITableView, queryOf } from './tableview';

/** How a choice changes what is chosen: alone, one more or less, or from the last one on. */
export type Pick = 'one' | 'toggle' | 'range';

/** The runs of a project as a table: only what is seen is read, and it is looked at again while it is seen. */
export class TableModel implements IDisposable {
  /** @param path - contents path that says which project is meant. @param kept - the view of before a reload. */
  constructor(
    readonly client: IClient,
    readonly path: string,
    kept: ITableView | null = null
  ) {
    this._view = this._listed = kept ?? FIRST_VIEW;
    this.watch = new Watch(() => this._look());
  }

  readonly watch: Watch;
  readonly lines = new TableLines();
  readonly picked = new Picked();

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get view(): ITableView {
    return this._view;
  }

  /** What the listed runs were asked by: the view, but for a change that is not answered yet, or never was. */
  get listed(): ITableView {
    return this._listed;
  }

  /** Name of the saved view that was opened last; empty: none was. */
  get viewName(): string {
    return this._viewName;
  }

  get views(): readonly TableView[] {
    return this._views;
  }

  /** Every metric, parameter and tag there is; null before they were read. */
  get keys(): ColumnKeys | null {
    return this._keys;
  }

  /** What was said beside the rows that were read last; null before the first. */
  get page(): RunPage | null {
    return this._page;
  }

  /** Runs that the filter finds; null: not known yet. */
  get total(): number | null {
    return this._groups?.runs ?? this._page?.total ?? null;
  }

  /** Groups that are not listed, because there are very many. */
  get moreGroups(): number {
    return this._groups === null ? 0 : this._groups.total - this._groups.groups.length;
  }

  /** Why the last look failed; what was read before is kept. */
  get error(): Error | null {
    return this._error;
  }

  /** What is wrong with the filter or the order; the runs of before are shown. */
  get refusal(): ApiError | null {
    return this._refusal;
  }

  /** Another number when other runs are listed, or in another order: the table begins at its top then. */
  get generation(): number {
    return this._generation;
  }

  /** New runs that are not shown yet, because the pointer is on the table. */
  get heldBack(): number {
    return this._heldBack;
  }

  /** The line that the keyboard is on; -1: the heads. */
  get line(): number {
    return Math.min(this._line, this.lines.count - 1);
  }

  /** The column that the keyboard is on. */
  get column(): number {
    return Math.min(this._column, Math.max(0, this._view.columns.length - 1));
  }

  get isDisposed(): boolean {
    return this.watch.isDisposed;
  }

  dispose(): void {
    this._abort.abort();
    this.watch.dispose();
    Signal.clearData(this);
  }

  /** Show other runs, or the same in another way. */
  show(changes: Partial<ITableView>): void {
    const before = this._view;
    this._view = { ...before, ...changes };
    if (!isSameList(before, this._view)) {
      this._abort.abort();
      this._abort = new AbortController();
      this._isOther = true;
      this.watch.soon();
    }
    this._changed.emit();
  }

  /** Lines that are seen now: they are read, and looked at again. */
  see(first: number, last: number): void {
    this._seen = [first, last];
    if (!this._isOther && this.watch.isShown && isMissing(this.lines, this._seen)) {
      void this.watch.now().catch(() => undefined);
    }
  }

  /** While the pointer is on the table no run comes in above: nothing moves under it. */
  hold(isHeld: boolean): void {
    this._isHeld = isHeld;
    if (!isHeld && this._heldBack > 0) {
      this.watch.soon();
    }
  }

  toggleGroup(key: string): void {
    this.lines.toggle(key);
    this._changed.emit();
    this.watch.soon();
  }

  /** Put the keyboard on a line and a column; -1 as the line: on the heads. */
  go(line: number, column = this._column): void {
    this._line = Math.min(this.lines.count - 1, Math.max(-1, line));
    this._column = Math.min(this._view.columns.length - 1, Math.max(0, column));
    this._changed.emit();
  }

  /** Choose the run on a line. A range goes from the last one that was chosen. */
  async pick(line: number, pick: Pick): Promise<void> {
    const item = this.lines.item(line);
    const ids =
      pick === 'range' && this._anchor !== null
        ? await idsBetween(this.lines, this._anchor, line, key => this._idsOf(key))
        : null;
    if (ids !== null) {
      this.picked.clear();
      ids.forEach(id => this.picked.add(id));
      this.picked.update(this.lines.known());
    } else if (item.kind === 'run') {
      this._anchor = line;
      const id = item.row.record_id;
      const wasPicked = pick === 'toggle' && this.picked.remove(id);
      if (pick !== 'toggle') {
        this.picked.clear();
      }
      if (!wasPicked) {
        this.picked.add(id, item.row);
      }
    }
    this._changed.emit();
  }

  /** Choose every run that the filter finds. */
  async pickAll(): Promise<void> {
    const { runs: ids } = await this.values([]);
    this.picked.clear();
    ids.forEach(id => this.picked.add(id));
    this.picked.update(this.lines.known());
    this._changed.emit();
  }

  pickNone(): void {
    this.picked.clear();
    this._anchor = null;
    this._changed.emit();
  }

  /** Whole columns of the runs that are found, in their order. Rejects with what the server said. */
  values(columns: readonly string[]): Promise<TableValues> {
    return table.values(this.client, this.path, queryOf(this._view), columns);
  }

  /** The columns that are shown, as rows of text and numbers: of the chosen runs, or of all that are found. */
  async rowsForCsv(): Promise<Cell[][]> {
    const columns = this._view.columns.filter(id => id !== FIGURE);
    return csvRows(await this.values(columns), columns, this.picked);
  }

  /** Star, archive or tag the chosen runs, some hundred at a time. Rejects with what the server said. */
  async changePicked(patch: Omit<ManyPatch, 'runs'>, onDone: (count: number) => void): Promise<void> {
    const { ids } = this.picked;
    try {
      for (let at = 0; at < ids.length; at += table.MOST_CHANGED) {
        const some = ids.slice(at, at + table.MOST_CHANGED);
        const { missing } = await table.change(this.client, this.path, { ...patch, runs: some });
        missing.forEach(id => this.picked.remove(id));
        // what was changed is so at once, also of runs that are not listed any more: they stay chosen
        this._update(patched([...this.lines.known(), ...this.picked.rows], some, patch));
        onDone(at + some.length);
      }
    } finally {
      await this.readKeys();
      this.watch.soon();
    }
  }

  private _update(rows: readonly RunRow[]): void {
    this.lines.update(rows);
    this.picked.update(rows);
    this._changed.emit();
  }

  /** Change one run. Rejects with what the server said. */
  async annotate(id: string, patch: RunPatch): Promise<void> {
    this._update([await runs.annotate(this.client, this.path, id, patch)]);
    this.watch.soon();
  }

  /** Delete one run. Rejects with what the server said. */
  async remove(id: string): Promise<void> {
    await runs.remove(this.client, this.path, id);
    this.lines.remove(id);
    this.picked.remove(id);
    this._changed.emit();
    this.watch.soon();
  }

  /** Read again what there is to choose columns from. Never rejects: what was known of them stays. */
  async readKeys(): Promise<void> {
    try {
      this._keys = await table.columns(this.client, this.path);
      if (this._view.columns.length === 0) {
        const columns = firstColumns(this._keys);
        this._view = { ...this._view, columns, widths: columns.map(() => 0) };
      }
      this._changed.emit();
    } catch {
      return;
    }
  }

  /** Read the saved views. Never rejects: those that were known stay. */
  async readViews(): Promise<void> {
    try {
      this._views = await table.views(this.client, this.path);
      this._changed.emit();
    } catch {
      return;
    }
  }

  open({ name, ...rest }: TableView): void {
    this._viewName = name;
    this.show(rest);
  }

  /** Keep what is shown under a name. Rejects with what the server said. */
  async saveView(name: string): Promise<void> {
    const saved = await table.saveView(this.client, this.path, { ...this._view, name });
    this._viewName = saved.name;
    await this.readViews();
  }

  async forgetView(name: string): Promise<void> {
    await table.forgetView(this.client, this.path, name);
    this._viewName = this._viewName === name ? '' : this._viewName;
    await this.readViews();
  }

  private async _look(): Promise<boolean> {
    const { signal } = this._abort;
    try {
      if (this._keys === null) {
        await Promise.all([this.readKeys(), this.readViews()]);
      }
      const { client, path, _view: view, _isOther: isOther } = this;
      const groups = await readGroups(client, path, view, signal);
      const wanted = isOther ? HEAD : pagesIn(this.lines, this._seen);
      const reads = await readPages(client, path, view, wanted, signal);
      if (signal.aborted) {
        return true;
      }
      this._error = null;
      this._refusal = null;
      return this._take(view, groups, reads);
    } catch (error) {
      if (signal.aborted) {
        return true;
      }
      return this._fail(error instanceof Error ? error : new Error(String(error)));
    }
  }

  private _fail(error: Error): boolean {
    this._refusal = error instanceof ApiError && error.code === 'usage' ? error : null;
    this._error = this._refusal === null ? error : null;
    this._changed.emit();
    if (this._error !== null) {
      throw this._error;
    }
    return false;
  }

  /** @returns whether something happens that makes another look soon worth it. */
  private _take(view: ITableView, groups: TableGroups | null, reads: readonly IRead[]): boolean {
    const isOther = this._isOther;
    const rows = reads.flatMap(({ page }) => page.rows);
    const head = reads[0]?.page ?? this._page;
    const runsNow = groups?.runs ?? head?.total ?? 0;
    const arrived = this.total === null ? 0 : runsNow - this.total;
    const isStill = this._isHeld && !isOther && arrived > 0 && this.view.sort === 'started';
    this._heldBack = isStill ? arrived : 0;
    if (!isStill) {
      if (isOther) {
        this._isOther = false;
        this._listed = view;
        this._generation += 1;
        this._anchor = null;
        this._line = Math.min(this._line, 0);
        this.lines.clear();
      }
      this._groups = groups;
      this._page = head;
      this.lines.group(groups?.groups ?? null);
      this._ids.clear();
      for (const { key, page } of reads) {
        if (groups === null || key !== null) {
          this.lines.put(key, page);
        }
      }
    }
    this._update(rows);
    if (isOther && isMissing(this.lines, this._seen)) {
      this.watch.soon();
    }
    return (head?.loading ?? false) || rows.some(row => row.state === 'RUNNING');
  }

  /** The ids of all runs of a stretch, in order. */
  private async _idsOf(key: string | null): Promise<readonly string[]> {
    const name = key ?? '';
    const within = key === null ? {} : { group: this._view.group ?? undefined, value: key };
    const ids =
      this._ids.get(name) ??
      (await table.values(this.client, this.path, { ...queryOf(this._view), ...within })).runs;
    this._ids.set(name, ids);
    return ids;
  }

  private _view: ITableView;
  private _listed: ITableView;
  private _viewName = '';
  private _views: readonly TableView[] = [];
  private _keys: ColumnKeys | null = null;
  private _page: RunPage | null = null;
  private _groups: TableGroups | null = null;
  private _error: Error | null = null;
  private _refusal: ApiError | null = null;
  private _generation = 0;
  private _heldBack = 0;
  private _isHeld = false;
  private _isOther = true;
  private _seen: [number, number] = [0, 0];
  private _line = 0;
  private _column = 0;
  private _anchor: number | null = null;
  private readonly _ids = new Map<string, readonly string[]>();
  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
}
