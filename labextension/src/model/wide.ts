import type { RunRow } from '../api/wire';
import { differing } from './children';

/** What a wide list shows beside the metric of its choice: another metric, or a parameter. */
export interface IWideColumn {
  kind: 'metric' | 'param';
  key: string;
}

/** Pixels that a line needs for its name, its metric and what is odd about it, and that each further column needs. */
const LINE = 360;
const COLUMN = 92;
/** The most columns: more of them is what the table is for. */
const MOST = 8;
/** Runs whose parameters are looked at; a list may hold ten thousand. */
const LOOKED_AT = 200;

/** Other metrics and parameters that tell these runs apart, by turns, so that a little room shows one of each. */
export function wideColumns(
  rows: readonly RunRow[],
  metric: string,
  metricKeys: readonly string[]
): IWideColumn[] {
  const metrics = metricKeys.filter(key => key !== metric);
  const params = differing(rows.slice(0, LOOKED_AT));
  const turns = Array.from({ length: Math.max(metrics.length, params.length) }, (_, turn): IWideColumn[] => [
    ...metrics.slice(turn, turn + 1).map((key): IWideColumn => ({ kind: 'metric', key })),
    ...params.slice(turn, turn + 1).map((key): IWideColumn => ({ kind: 'param', key }))
  ]);
  return turns.flat().slice(0, MOST);
}

/** How many columns a list of this width has room for. */
export function columnsIn(width: number): number {
  return Math.max(0, Math.floor((width - LINE) / COLUMN));
}
