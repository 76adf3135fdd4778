/** One point of a line; a value that is not a number leaves a gap. */
export interface IPoint {
  x: number;
  y: number | null;
}

/** One line of a chart. `style` chooses colour and dashes, the same for the same run everywhere. */
export interface ILine {
  id: string;
  label: string;
  style: number;
  /** In order of x. */
  points: readonly IPoint[];
}

export type Range = readonly [number, number];

/** Points from two columns of equal length. */
export function points(xs: readonly number[], ys: readonly (number | null)[]): IPoint[] {
  const all = xs.map((x, index) => ({ x, y: ys[index] ?? null }));
  return isSorted(xs) ? all : all.sort((a, b) => a.x - b.x);
}

/** From the smallest to the largest x; null without points. */
export function xRange(lines: readonly ILine[]): Range | null {
  let range: Range | null = null;
  for (const { points: all } of lines) {
    if (all.length > 0) {
      const [low, high] = [all[0].x, all[all.length - 1].x];
      range = range === null ? [low, high] : [Math.min(range[0], low), Math.max(range[1], high)];
    }
  }
  return range;
}

/** From the smallest to the largest value within a range of x (on a log scale only those above zero count). */
export function yRange(lines: readonly ILine[], within: Range, log: boolean): Range | null {
  let low = Infinity;
  let high = -Infinity;
  for (const line of lines) {
    for (const { x, y } of line.points) {
      if (y !== null && x >= within[0] && x <= within[1] && isDrawn(y, log)) {
        low = Math.min(low, y);
        high = Math.max(high, y);
      }
    }
  }
  return low <= high ? [low, high] : null;
}

/** Whether a value has a place on the axis. */
export function isDrawn(y: number, log: boolean): boolean {
  return Number.isFinite(y) && (!log || y > 0);
}

/** How many values a log scale cannot show. */
export function hiddenByLog(lines: readonly ILine[]): number {
  return lines.reduce(
    (sum, line) => sum + line.points.filter(({ y }) => y !== null && Number.isFinite(y) && y <= 0).length,
    0
  );
}

/** The range with a little room on both sides; a single value gets room too. */
export function padded([low, high]: Range, log: boolean): Range {
  if (log) {
    return low === high ? [low / 2, high * 2] : [low / 1.1, high * 1.1];
  }
  const room = low === high ? Math.abs(low) * 0.05 || 1 : (high - low) * 0.05;
  return [low - room, high + room];
}

/** The point nearest to x; null in an empty line. */
export function nearest(line: ILine, x: number): IPoint | null {
  const all = line.points;
  let low = 0;
  let high = all.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (all[middle].x < x) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  if (all.length === 0) {
    return null;
  }
  const before = all[Math.max(0, low - 1)];
  return x - before.x <= all[low].x - x ? before : all[low];
}

/** Every x of the lines once, in order. */
export function stops(lines: readonly ILine[]): number[] {
  return [...new Set(lines.flatMap(line => line.points.map(point => point.x)))].sort((a, b) => a - b);
}

/** The stop nearest to x; x itself where there are none. */
export function snap(all: readonly number[], x: number): number {
  const point = nearest({ id: '', label: '', style: 0, points: all.map(at => ({ x: at, y: null })) }, x);
  return point === null ? x : point.x;
}

/** Ticks that leave room for their text: on a log scale with many, the powers of ten alone. */
export function sparse(ticks: readonly number[], most: number): readonly number[] {
  const tens = ticks.filter(tick => Number.isInteger(Math.round(Math.log10(tick) * 1e9) / 1e9));
  return ticks.length <= most || tens.length === 0 ? ticks : tens;
}

/**
 * A line smoothed by an exponential moving average whose first values are not drawn to zero.
 *
 * @param weight - 0: unchanged; towards 1: smoother. Gaps stay gaps.
 */
export function smoothed(line: ILine, weight: number): ILine {
  if (weight <= 0) {
    return line;
  }
  let last = 0;
  let count = 0;
  const all = line.points.map(({ x, y }) => {
    if (y === null || !Number.isFinite(y)) {
      return { x, y: null };
    }
    last = last * weight + (1 - weight) * y;
    count += 1;
    return { x, y: last / (1 - weight ** count) };
  });
  return { ...line, points: all };
}

/** How fast a counter grew between two looks, per second; null where it was not read or was set back. */
export function rates(times: readonly number[], counts: readonly (number | null)[]): IPoint[] {
  return times.slice(1).map((x, index) => {
    const [before, after] = [counts[index], counts[index + 1]];
    const seconds = x - times[index];
    const known = before !== null && after !== null && after >= before && seconds > 0;
    return { x, y: known ? (after - before) / seconds : null };
  });
}

function isSorted(xs: readonly number[]): boolean {
  return xs.every((x, index) => index === 0 || xs[index - 1] <= x);
}
