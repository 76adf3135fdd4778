import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { Comparison, SeriesSet } from '../api/wire';
import { distinct, MOST_COMPARED } from './address';
import { Part } from './part';
import { IPace, Watch } from './watch';

/** Points of each curve: twenty runs at once stay quick. */
const CURVE_POINTS = 500;
/** Milliseconds between two looks, while a run runs and afterwards. */
const PACE_OF_PAGE: IPace = { quick: 3000, slow: 60_000 };

/** Two to twenty runs side by side; the first is what the others are compared with. */
export class ComparisonModel implements IDisposable {
  constructor(
    readonly client: IClient,
    ids: readonly string[],
    readonly path: string
  ) {
    this._ids = distinct(ids).slice(0, MOST_COMPARED);
    const changed = (): void => this._changed.emit();
    this.comparison = new Part(() => runs.compare(client, path, this._ids), changed);
    this.curves = new Part(() => this.readCurves(), changed);
    this.watch = new Watch(() => this.look(), PACE_OF_PAGE);
  }

  /** Looks at the runs while their page is seen. */
  readonly watch: Watch;
  readonly comparison: Part<Comparison>;
  /** The step metrics of every run, by record id. */
  readonly curves: Part<Record<string, SeriesSet>>;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The runs are others now, or in another order. */
  get idsChanged(): ISignal<this, readonly string[]> {
    return this._idsChanged;
  }

  get ids(): readonly string[] {
    return this._ids;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Compare with this run: it becomes the first. */
  makeFirst(index: number): void {
    this.setIds([this._ids[index], ...this._ids.filter((_, at) => at !== index)]);
  }

  /** Leave a run out; the last two stay. */
  remove(index: number): void {
    if (this._ids.length > 2) {
      this.setIds(this._ids.filter((_, at) => at !== index));
    }
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.watch.dispose();
    this.comparison.dispose();
    this.curves.dispose();
    Signal.clearData(this);
  }

  /** One look at the runs: says whether one of them runs; rejects when they could not be read. */
  private async look(): Promise<boolean> {
    await this.comparison.load();
    if (this._isDisposed) {
      return false;
    }
    if (this.comparison.error) {
      throw this.comparison.error;
    }
    const running = this.comparison.value?.runs.some(run => run.state === 'RUNNING') ?? false;
    if (running && this.curves.wanted) {
      await this.curves.load();
    }
    return running;
  }

  private setIds(ids: readonly string[]): void {
    this._ids = ids;
    this._idsChanged.emit(ids);
    void this.comparison.load();
  }

  private async readCurves(): Promise<Record<string, SeriesSet>> {
    const comparison = this.comparison.value;
    if (comparison === null) {
      return {};
    }
    const keys = comparison.sections.find(one => one.section === 'metrics')?.rows.map(row => row.key) ?? [];
    if (keys.length === 0) {
      return {};
    }
    const sets = await Promise.all(
      comparison.runs.map(run => runs.series(this.client, this.path, run.record_id, keys, CURVE_POINTS))
    );
    return Object.fromEntries(comparison.runs.map((run, index) => [run.record_id, sets[index]]));
  }

  private _ids: readonly string[];
  private _changed = new Signal<this, void>(this);
  private _idsChanged = new Signal<this, readonly string[]>(this);
  private _isDisposed = false;
}
