import type { IDisposable } from '@lumino/disposable';
import { Poll } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { Comparison, SeriesSet } from '../api/wire';
import { distinct, MOST_COMPARED } from './address';
import { Part } from './part';

/** Points of each curve: twenty runs at once stay quick. */
const CURVE_POINTS = 500;
const WHILE_RUNNING = 3000;
const AFTERWARDS = 60_000;
const LONGEST = 300_000;

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
    this._poll = new Poll({
      auto: false,
      factory: () => this.look(),
      frequency: { interval: WHILE_RUNNING, backoff: true, max: LONGEST },
      name: 'jupyter-bioml:comparison',
      standby: () => this._hidden || 'when-hidden'
    });
  }

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

  set hidden(hidden: boolean) {
    const shown = this._hidden && !hidden;
    this._hidden = hidden;
    if (shown) {
      void this._poll.refresh();
    }
  }

  start(): void {
    void this._poll.start();
  }

  refresh(): void {
    void this._poll.refresh();
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
    this._poll.dispose();
    this.comparison.dispose();
    this.curves.dispose();
    Signal.clearData(this);
  }

  /** One look at the runs; rejects when they could not be read. */
  async look(): Promise<void> {
    await this.comparison.load();
    if (this._isDisposed) {
      return;
    }
    if (this.comparison.error) {
      throw this.comparison.error;
    }
    const running = this.comparison.value?.runs.some(run => run.state === 'RUNNING') ?? false;
    this._poll.frequency = { ...this._poll.frequency, interval: running ? WHILE_RUNNING : AFTERWARDS };
    if (running && this.curves.wanted) {
      await this.curves.load();
    }
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

  private readonly _poll: Poll<void, unknown>;
  private _ids: readonly string[];
  private _changed = new Signal<this, void>(this);
  private _idsChanged = new Signal<this, readonly string[]>(this);
  private _hidden = false;
  private _isDisposed = false;
}
