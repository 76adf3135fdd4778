import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { live } from '../api/live';
import type { IClient } from '../api/request';
import type { Live, Point } from '../api/wire';
import { Watch } from './watch';

/** The longest and the shortest span that is shown, in seconds. */
const LONGEST = 600;
const SHORTEST = 60;

/** One curve: moments and values, null where nothing was read. */
export interface ITrace {
  /** `cpu`, `memory`, `gpu0`, `vram0`. */
  key: string;
  kind: 'cpu' | 'memory' | 'gpu' | 'vram';
  /** Of a GPU. */
  index: number | null;
  times: readonly number[];
  values: readonly (number | null)[];
  /** The last value; null where it was not read. */
  last: number | null;
}

/** What the kernel of the notebook uses now, and used in the last ten minutes. */
export class LiveModel implements IDisposable {
  constructor(private readonly client: IClient) {
    this.watch = new Watch(() => this._look());
  }

  readonly watch: Watch;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string | null {
    return this._path;
  }
  set path(path: string | null) {
    if (path !== this._path) {
      this._path = path;
      this._live = null;
      this._error = null;
      this._changed.emit();
      this.watch.soon();
    }
  }

  /** The last answer; null before the first one. */
  get live(): Live | null {
    return this._live;
  }

  get error(): Error | null {
    return this._error;
  }

  get isDisposed(): boolean {
    return this.watch.isDisposed;
  }

  dispose(): void {
    this.watch.dispose();
    Signal.clearData(this);
  }

  private async _look(): Promise<boolean> {
    const path = this._path;
    if (path === null) {
      return false;
    }
    let answer: Live | null = null;
    let failed: Error | null = null;
    try {
      answer = await live(this.client, path);
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error));
    }
    if (path !== this._path || this.isDisposed) {
      return true;
    }
    this._error = failed;
    this._live = answer ?? this._live;
    this._changed.emit();
    if (failed) {
      throw failed;
    }
    return isBusy(answer);
  }

  private _path: string | null = null;
  private _live: Live | null = null;
  private _error: Error | null = null;
  private _changed = new Signal<this, void>(this);
}

function isBusy(live: Live | null): boolean {
  return live !== null && (live.runs.length > 0 || live.cell_started !== null);
}

/** The curves of some readings: CPU, memory, and two for each GPU that was there. */
export function traces(points: readonly Point[]): ITrace[] {
  if (points.length === 0) {
    return [];
  }
  const times = points.map(point => point.t);
  const trace = (
    kind: ITrace['kind'],
    index: number | null,
    read: (point: Point) => number | null
  ): ITrace => {
    const values = points.map(read);
    return { key: kind + (index ?? ''), kind, index, times, values, last: values[values.length - 1] ?? null };
  };
  const found = [trace('cpu', null, point => point.cpu_percent), trace('memory', null, point => point.rss)];
  const indices = [...new Set(points.flatMap(point => point.gpus.map(gpu => gpu.index)))].sort(
    (a, b) => a - b
  );
  for (const index of indices) {
    const gpu = (point: Point): Point['gpus'][number] | undefined =>
      point.gpus.find(one => one.index === index);
    found.push(trace('gpu', index, point => gpu(point)?.utilization_percent ?? null));
    found.push(trace('vram', index, point => gpu(point)?.memory ?? null));
  }
  return found;
}

/** The span that curves are shown over: what was read, at most ten minutes. */
export function spanOf(points: readonly Point[], now: number): [number, number] {
  const to = Math.max(now, points[points.length - 1]?.t ?? now);
  const first = points[0]?.t ?? to;
  return [Math.max(to - LONGEST, Math.min(first, to - SHORTEST)), to];
}
