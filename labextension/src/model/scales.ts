import { scaleLinear, scalePoint } from 'd3-scale';
import type { Cell } from './csv';
import { formatExact, formatNumber, printable } from './format';
import { isNumeric } from './columns';

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
    const numbers = values.filter((value): value is number => typeof value === 'number');
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
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

function shortened(word: string): string {
  const text = printable(word);
  return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
}
