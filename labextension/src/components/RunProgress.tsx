import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';
import { brief, formatNumber } from '../model/format';

const WIDTH = 60;
const HEIGHT = 16;

type Progress = NonNullable<RunRow['progress']>;

/** How far a run is: the curve of its metric so far, and the step it is at; nothing where it logs none. */
export function RunProgress(props: {
  row: RunRow;
  /** In a header there is room for a bar. */
  hasBar?: boolean;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { row, hasBar, trans } = props;
  const { progress } = row;
  if (row.state !== 'RUNNING' || progress === null) {
    return null;
  }
  const { metric, values, done, total } = progress;
  const at =
    total === null
      ? trans.__('step %1', formatNumber(done))
      : trans.__('step %1 of %2', formatNumber(done), formatNumber(total));
  const last = values[values.length - 1];
  const label =
    last === undefined ? at : trans.__('%1, %2 now %3', at, brief(metric, 60), formatNumber(last));
  return (
    <span className="bioml-Progress" role="img" aria-label={label} title={label}>
      <svg width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <polyline className="bioml-Progress-line" fill="none" points={pointsOf(progress)} />
      </svg>
      {hasBar && total !== null && <progress max={total} value={done} aria-hidden="true" />}
      <span className="bioml-figure" aria-hidden="true">
        {total === null ? formatNumber(done) : `${formatNumber(done)}/${formatNumber(total)}`}
      </span>
    </span>
  );
}

/** The curve from its lowest to its highest value, over all of its width. */
function pointsOf({ values }: Progress): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const height = (value: number): number =>
    high > low ? HEIGHT - 2 - ((value - low) / (high - low)) * (HEIGHT - 4) : HEIGHT / 2;
  const across = (index: number): number => (index / Math.max(1, values.length - 1)) * WIDTH;
  return values.map((value, index) => `${across(index).toFixed(1)},${height(value).toFixed(1)}`).join(' ');
}
