import type { Cell } from '../csv';
import { formatExact } from '../format';
import { isNumeric } from '../columns';
import { type IScale, logScaleOf, scaleOf, timeScaleOf } from '../scales';

/** Colours that are told apart as words; more values share a last one. */
export const MOST_KINDS = 6;
/** Steps of a scale of colours. */
export const SHADES = 12;

/** One run in a chart. */
export interface ISpot {
  /** Index of the run among those that were asked for. */
  index: number;
  x: number;
  y: number;
  /** Which kind it is, or which shade, from 0; -1: it has no value to be coloured by. */
  kind: number;
}

/** What the colours of a chart stand for: kinds with names, or numbers from the lowest to the highest. */
export type Colours =
  { by: 'nothing' } | { by: 'kind'; names: readonly string[] } | { by: 'number'; low: number; high: number };

/** An axis of a column. */
export function axisOf(
  id: string,
  values: readonly Cell[],
  range: readonly [number, number],
  log: boolean
): IScale {
  return id === 'started'
    ? timeScaleOf(values, range)
    : log
      ? logScaleOf(values, range)
      : scaleOf(values, range);
}

/** What the values of a column are coloured by. */
export function coloursOf(values: readonly Cell[] | null): Colours {
  if (values === null) {
    return { by: 'nothing' };
  }
  const names = [...new Set(values.filter(value => value !== null).map(formatExact))];
  if (names.length > MOST_KINDS && isNumeric(values)) {
    const numbers = values.filter((value): value is number => typeof value === 'number');
    return { by: 'number', low: Math.min(...numbers), high: Math.max(...numbers) };
  }
  const isNumber = isNumeric(values);
  names.sort(isNumber ? (a, b) => Number(a) - Number(b) : undefined);
  return { by: 'kind', names };
}

/** Which kind or shade a value is. */
export function kindOf(colours: Colours, value: Cell): number {
  if (colours.by === 'nothing') {
    return 0;
  }
  if (value === null) {
    return -1;
  }
  if (colours.by === 'kind') {
    return Math.min(MOST_KINDS - 1, colours.names.indexOf(formatExact(value)));
  }
  const share = (Number(value) - colours.low) / (colours.high - colours.low || 1);
  return Math.min(SHADES - 1, Math.floor(share * SHADES));
}

/** The runs that have both values, from left to right. */
export function spotsOf(
  xs: readonly Cell[],
  ys: readonly Cell[],
  kinds: readonly Cell[] | null,
  x: IScale,
  y: IScale,
  colours: Colours
): ISpot[] {
  const found: ISpot[] = [];
  for (let index = 0; index < xs.length; index++) {
    const [left, top] = [x.at(xs[index]), y.at(ys[index])];
    if (left !== null && top !== null) {
      found.push({ index, x: left, y: top, kind: kinds === null ? 0 : kindOf(colours, kinds[index]) });
    }
  }
  return found.sort((a, b) => a.x - b.x || b.y - a.y);
}

/** The spots moved to the middles of strips of equal width. They come from left to right. */
function gathered(spots: readonly ISpot[]): ISpot[] {
  const [left, right] = [spots[0].x, spots[spots.length - 1].x];
  const width = (right - left) / PLACES;
  return spots.map(spot => {
    const strip = Math.min(PLACES - 1, Math.floor((spot.x - left) / width));
    return { ...spot, x: left + (strip + 0.5) * width };
  });
}

/** The spot nearest to a place, within some pixels; -1: none is so near. */
export function nearestSpot(spots: readonly ISpot[], x: number, y: number, within = 14): number {
  let [best, nearest] = [-1, within * within];
  spots.forEach((spot, at) => {
    const distance = (spot.x - x) ** 2 + (spot.y - y) ** 2;
    if (distance <= nearest) {
      [best, nearest] = [at, distance];
    }
  });
  return best;
}

/** Places at which a mean is taken, where the runs stand at very many. */
const PLACES = 30;

/** For each kind a line through the mean height at each place; places that are very many are taken together. */
export function meanLines(all: readonly ISpot[]): Map<number, [number, number][]> {
  const spots = new Set(all.map(({ x }) => x)).size > 2 * PLACES ? gathered(all) : all;
  const sums = new Map<number, Map<number, [number, number]>>();
  for (const { x, y, kind } of spots) {
    const places = sums.get(kind) ?? new Map<number, [number, number]>();
    const [sum, count] = places.get(x) ?? [0, 0];
    places.set(x, [sum + y, count + 1]);
    sums.set(kind, places);
  }
  return new Map(
    [...sums].map(([kind, places]) => [
      kind,
      [...places].sort(([a], [b]) => a - b).map(([x, [sum, count]]) => [x, sum / count])
    ])
  );
}
