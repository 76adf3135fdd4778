import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { Best, Experiment, RunPage, RunPatch, RunRow } from '../api/wire';
import type { Children } from './children';
import { Folds } from './folds';
import type { Item } from './groups';
import { readAll, readPages } from './reading';
import { Rows } from './rows';
import { DEFAULT_VIEW, IRunView, keyMetric, queryOf, usesMetric } from './runview';
import { Choice, ILines, Selection } from './selection';
import { TopLines } from './toplines';
import { Watch } from './watch';

/** The runs of a notebook or project: only what is seen is read, and it is looked at again while it is seen. */
export class RunListModel implements IDisposable, ILines {
  constructor(private readonly client: IClient) {
    this.watch = new Watch(() => this._look());
    this._folds = new Folds(client, this._top, children => this._onChildren(children));
  }

  readonly watch: Watch;
  readonly selection = new Selection(this);

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Runs that ended since the last look. */
  get ended(): ISignal<this, readonly RunRow[]> {
    return this._ended;
  }

  /** Contents path that says which notebook and project is meant; null: no notebook. */
  get path(): string | null {
    return this._path;
  }
  set path(path: string | null) {
    if (path !== this._path) {
      this._path = path;
      this._top.rows.clear();
      this._page = null;
      this._folds.clear();
      this.restart();
    }
  }

  get view(): IRunView {
    return this._view;
  }

  /** What the last page said beside its rows; null before the first one. */
  get page(): RunPage | null {
    return this._page;
  }

  /** Why the last look failed; what was read before is kept. */
  get error(): Error | null {
    return this._error;
  }

  get experiments(): readonly Experiment[] {
    return this._experiments;
  }

  get metric(): string {
    return keyMetric(this._view.metric, this._page?.metric_keys ?? []);
  }

  get best(): Best | undefined {
    return this._page?.best[this.metric];
  }

  /** All runs that were found. */
  get total(): number {
    return this._top.rows.total;
  }

  /** Runs that were read. */
  get known(): RunRow[] {
    return this._top.rows.known();
  }

  /** The groups do not hold all runs yet: they are still being read. */
  get isPartial(): boolean {
    return this._view.grouped && this._top.rows.missing(0, this.total - 1) !== null;
  }

  /** New runs that are not shown yet, because the pointer is on the list. */
  get heldBack(): number {
    return this._heldBack;
  }

  /** How many lines came in above since the list began: a scrolled list moves with them. */
  get inserted(): number {
    return this._inserted;
  }

  get isDisposed(): boolean {
    return this.watch.isDisposed;
  }

  dispose(): void {
    this._abort.abort();
    this.watch.dispose();
    this._folds.clear();
    Signal.clearData(this);
  }

  get count(): number {
    return this._folds.count;
  }

  /** Some lines may be opened. */
  get isTree(): boolean {
    return this._view.grouped || this.known.some(row => row.children > 0);
  }

  item(index: number): Item {
    return this._folds.item(index);
  }

  indexOf(key: string): number {
    return this._folds.indexOf(key);
  }

  /** See other runs, or the same in another way. */
  show(changes: Partial<IRunView>): void {
    const before = this._view;
    this._view = { ...before, ...changes };
    const names = (Object.keys(changes) as (keyof IRunView)[]).filter(
      name => before[name] !== this._view[name]
    );
    if (names.some(name => name !== 'metric') || (names.length > 0 && usesMetric(this._view))) {
      this.restart();
    } else {
      this._redraw();
    }
  }

  /** Read again from the start; what was read is shown until the answer is there. */
  restart(): void {
    this._abort.abort();
    this._abort = new AbortController();
    this._isOther = true;
    this._error = null;
    this._heldBack = 0;
    this.selection.clear();
    this._redraw();
    this.watch.soon();
  }

  /** Lines that are seen now: they are read, and looked at again. */
  see(first: number, last: number): void {
    const [from, to] = this._folds.baseRange(first, last);
    this._seen = [from, to];
    const isMissing = this._page !== null && this._top.rows.missing(from, to) !== null;
    if (isMissing && !this._view.grouped && this.watch.isShown) {
      void this.watch.now().catch(() => undefined);
    }
  }

  /** While the pointer is on the list no run comes in above: nothing moves under it. */
  hold(isHeld: boolean): void {
    this._isHeld = isHeld;
    if (!isHeld && this._heldBack > 0) {
      this.watch.soon();
    }
  }

  choose(index: number, choice: Choice): void {
    this.selection.choose(index, choice);
    this._changed.emit();
  }

  /** Choose every run of the list; those that were not read are read for it. */
  async chooseAll(): Promise<void> {
    const { signal } = this._abort;
    const rows = await readAll(this.client, {
      path: this._path ?? '',
      query: queryOf(this._view, this.metric),
      signal
    });
    if (!signal.aborted) {
      this.selection.chooseAll(rows);
      this._changed.emit();
    }
  }

  /** Go by some lines; see `Selection.move`. */
  move(by: number, choice: 'one' | 'range' | null): number {
    const index = this.selection.move(by, choice);
    this._changed.emit();
    return index;
  }

  toggleGroup(key: string): void {
    this._top.toggle(key);
    this._redraw();
  }

  /** Show the runs in a run, or hide them. */
  toggleRun(id: string): void {
    this._folds.toggle(id, this._path ?? '');
    this._redraw();
  }

  /** Read more of the runs in a run. */
  showMore(id: string): void {
    this._folds.more(id);
  }

  async readExperiments(): Promise<void> {
    try {
      this._experiments = await runs.experiments(this.client, this._path ?? '');
      this._changed.emit();
    } catch {
      // The list of runs says what is wrong; the choice of experiments stays as it was.
    }
  }

  /** Change a run. Rejects with what the server said. */
  async annotate(id: string, patch: RunPatch): Promise<void> {
    this._update([await runs.annotate(this.client, this._path ?? '', id, patch)]);
    this.watch.soon();
  }

  /** Delete a run. Rejects with what the server said. */
  async remove(id: string): Promise<void> {
    await runs.remove(this.client, this._path ?? '', id);
    this._top.rows.remove(id);
    this._folds.remove(id);
    this.selection.remove(id);
    this._redraw();
    this.watch.soon();
  }

  private async _look(): Promise<boolean> {
    const { signal } = this._abort;
    if (this._path === null && this._view.scope === 'notebook') {
      return false;
    }
    try {
      const pages = await readPages(this.client, {
        path: this._path ?? '',
        query: queryOf(this._view, this.metric),
        rows: this._isOther ? new Rows() : this._top.rows,
        seen: this._view.grouped ? null : this._seen,
        signal
      });
      if (signal.aborted) {
        return true;
      }
      this._error = null;
      return this._take(pages);
    } catch (error) {
      if (signal.aborted) {
        return true;
      }
      this._error = error instanceof Error ? error : new Error(String(error));
      this._changed.emit();
      throw this._error;
    }
  }

  /** @returns whether something happens that makes another look soon worth it. */
  private _take(pages: readonly RunPage[]): boolean {
    const [head] = pages;
    const rows = pages.flatMap(page => page.rows);
    this._announce(rows);
    if (this._isOther) {
      this._isOther = false;
      this._top.rows.clear();
    }
    const arrived = Math.max(0, this._top.rows.arrived(head));
    this._page = head;
    this._heldBack = this._isHeld ? arrived : 0;
    if (this._heldBack === 0) {
      this._inserted += arrived;
      this._top.rows.put(head, arrived);
      pages.slice(1).forEach(page => this._top.rows.put(page));
    }
    this._update(rows);
    this._folds.look(rows);
    if (this.isPartial && rows.length > 0) {
      this.watch.soon();
    }
    return head.loading || rows.some(row => row.state === 'RUNNING');
  }

  private _announce(rows: readonly RunRow[]): void {
    const running = new Set(this.known.filter(row => row.state === 'RUNNING').map(row => row.record_id));
    const ended = rows.filter(row => row.state !== 'RUNNING' && running.has(row.record_id));
    if (ended.length) {
      this._ended.emit(ended);
    }
  }

  private _update(rows: readonly RunRow[]): void {
    this._top.rows.update(rows);
    this._folds.update(rows);
    this.selection.update(rows);
    this._redraw();
  }

  private _onChildren(children: Children): void {
    this.selection.update(children.rows);
    this._changed.emit();
  }

  private _redraw(): void {
    this._top.forget();
    this._folds.forget();
    this._folds.sortBy(this.metric);
    this._changed.emit();
  }

  private _path: string | null = null;
  private _view: IRunView = DEFAULT_VIEW;
  private _page: RunPage | null = null;
  private _error: Error | null = null;
  private _experiments: readonly Experiment[] = [];
  private _seen: [number, number] = [0, 0];
  private _isOther = true;
  private _isHeld = false;
  private _heldBack = 0;
  private _inserted = 0;
  private readonly _top = new TopLines(() => ({
    isGrouped: this._view.grouped,
    metric: this.metric,
    best: this.best
  }));
  private readonly _folds: Folds;
  private _abort = new AbortController();
  private _changed = new Signal<this, void>(this);
  private _ended = new Signal<this, readonly RunRow[]>(this);
}
