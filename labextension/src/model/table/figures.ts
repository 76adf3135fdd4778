import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../../api/request';
import { outputs } from '../../api/runs';
import { contentOf } from '../content';

/** Runs whose figures are read at the same time, and whose figures are kept. */
const AT_ONCE = 3;
const KEPT = 300;

/** The figures of runs: addresses of pictures, in the order in which the cell displayed them. */
export type RunFigures = readonly string[];

/** Reads the figures of runs that are looked at, those in sight first. */
export class Figures implements IDisposable {
  constructor(
    private readonly client: IClient,
    private readonly path: string
  ) {}

  /** Figures came in. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The figures of a run; null: they could not be read; undefined: they are not read yet, and are from now on. */
  of(id: string): RunFigures | null | undefined {
    const known = this._known.get(id);
    if (known === undefined && id !== '' && !this._reading.has(id)) {
      if (this._asked.length === 0) {
        Promise.resolve().then(
          () => this._line(),
          () => undefined
        );
      }
      this._asked.push(id);
    }
    return known;
  }

  /** How many figures the run has that has the most of these, as far as they were read. */
  most(ids: readonly string[]): number {
    return ids.reduce((most, id) => Math.max(most, this._known.get(id)?.length ?? 0), 0);
  }

  /** The run is another now: read its figures again when they are asked for. */
  forget(id: string): void {
    this._known.delete(id);
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._queue = [];
    Signal.clearData(this);
  }

  /** What was asked for last is what is seen, and is read from the top down; a picture that is scrolled past is not read. */
  private _line(): void {
    const asked = new Set(this._asked);
    this._asked = [];
    this._queue = [...this._queue.filter(id => !asked.has(id)), ...[...asked].reverse()].slice(-KEPT);
    this._next();
  }

  private _next(): void {
    while (this._reading.size < AT_ONCE && this._queue.length > 0) {
      const id = this._queue.pop();
      if (id !== undefined && !this._known.has(id)) {
        this._reading.add(id);
        void this._read(id);
      }
    }
  }

  private async _read(id: string): Promise<void> {
    let found: RunFigures | null = null;
    try {
      const all = await outputs(this.client, this.path, id);
      found = all.flatMap(output => {
        const content = contentOf(output);
        return content.kind === 'image' ? [content.url] : [];
      });
    } catch {
      // said in the place of the figure
    }
    this._reading.delete(id);
    if (this._isDisposed) {
      return;
    }
    this._known.set(id, found);
    for (const oldest of [...this._known.keys()].slice(0, Math.max(0, this._known.size - KEPT))) {
      this._known.delete(oldest);
    }
    this._changed.emit();
    this._next();
  }

  private readonly _known = new Map<string, RunFigures | null>();
  private readonly _reading = new Set<string>();
  private _queue: string[] = [];
  private _asked: string[] = [];
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
