import { formatNumber } from './format';

/**
 * How far a value is from the best, short: `−0.4 %`, `+12 %`, `=`; the plain difference where the best is 0.
 *
 * Two digits are enough to see how far; the value itself stands beside it.
 */
export function differenceToBest(value: number, best: number): string {
  if (value === best) {
    return '=';
  }
  const change = best === 0 ? value : ((value - best) / Math.abs(best)) * 100;
  if (!Number.isFinite(change)) {
    return '';
  }
  const sign = change > 0 ? '+' : '';
  return `${sign}${formatNumber(Number(change.toPrecision(2)))}${best === 0 ? '' : ' %'}`;
}
