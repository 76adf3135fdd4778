import { scaleLinear, scaleLog, scalePoint, scaleTime } from 'd3-scale';
import type { Cell } from './csv';
import { formatExact, formatNumber, printable } from './format';
import { isNumeric } from './columns';
import { sparse } from './lines';

/** A column as an axis: where each value stands, and the ticks. A run without the value has no place. */
export interface IScale {
  at: (value: Cell) => number | null;
  ticks: readonly { at: number; text: string }[];
}

/** Longest text of a tick. */
const WIDEST = 14;

/** Numbers on a line, anything else one place for each value. @param range - pixels of the two ends. */
export function scaleOf(values: readonly Cell[], range: readonly [number, number], count = 5): IScale {
  if (isNumeric(values)) {
    const [low, high] = rangeOf(values);
    const room = low === high ? Math.abs(low) * 0.1 || 1 : 0;
    const scale = scaleLinear()
      .domain([low - room, high + room])
      .range(range);
    return {
      at: value => (typeof value === 'number' ? scale(value) : null),
      ticks: scale.ticks(count).map(tick => ({ at: scale(tick), text: formatNumber(tick) }))
    };
  }
  const words = [...new Set(values.filter(value => value !== null).map(formatExact))].sort();
  const scale = scalePoint().domain(words).range(range).padding(0.5);
  return {
    at: value => (value === null ? null : (scale(formatExact(value)) ?? null)),
    ticks: words.map(word => ({ at: scale(word) ?? range[0], text: shortened(word) }))
  };
}

/** Powers of ten on a line; what is not above zero has no place. */
export function logScaleOf(values: readonly Cell[], range: readonly [number, number], count = 5): IScale {
  const [low, high] = rangeOf(values.filter(value => typeof value === 'number' && value > 0));
  if (!(low > 0) || !Number.isFinite(high)) {
    return { at: () => null, ticks: [] };
  }
  const room = low === high ? 2 : 1;
  const scale = scaleLog()
    .domain([low / room, high * room])
    .range(range);
  return {
    at: value => (typeof value === 'number' && value > 0 ? scale(value) : null),
    ticks: sparse(scale.ticks(count), 2 * count).map(tick => ({ at: scale(tick), text: formatNumber(tick) }))
  };
}

/** Moments, in seconds since the epoch, on a line whose ticks are dates and times. */
export function timeScaleOf(values: readonly Cell[], range: readonly [number, number], count = 5): IScale {
  const [low, high] = rangeOf(values);
  if (!Number.isFinite(low)) {
    return { at: () => null, ticks: [] };
  }
  const scale = scaleTime()
    .domain([low * 1000, low === high ? low * 1000 + 1 : high * 1000])
    .range(range);
  const text = scale.tickFormat(count);
  return {
    at: value => (typeof value === 'number' ? scale(value * 1000) : null),
    ticks: scale.ticks(count).map(tick => ({ at: scale(tick), text: text(tick) }))
  };
}

/** The least and the greatest; without any number from ∞ to −∞. */
function rangeOf(values: readonly Cell[]): [number, number] {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (typeof value === 'number') {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  return [low, high];
}

function shortened(word: string): string {
  const text = printable(word);
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}
