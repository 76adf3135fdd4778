import { live } from '../api/live';
import type { IClient } from '../api/request';
import type { Live, Point } from '../api/wire';
import { Followed } from './followed';
import { PACE } from './watch';

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
export class LiveModel extends Followed<Live, string | null> {
  constructor(client: IClient) {
    super(client, null, PACE, { onMove: true });
  }

  /** The last answer; null before the first one. */
  get live(): Live | null {
    return this.answer;
  }

  protected async ask(path: string | null): Promise<Live | null> {
    return path === null ? null : live(this.client, path);
  }

  protected happens(answer: Live): boolean {
    return answer.runs.length > 0 || answer.cell_started !== null;
  }
}

/** Nothing runs, and nothing was read of the kernel. */
export function isQuiet(live: Live): boolean {
  return live.runs.length === 0 && live.points.length === 0 && live.cell_started === null;
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
