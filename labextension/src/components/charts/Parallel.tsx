import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IColumn } from '../../model/columns';
import { printable } from '../../model/format';
import { shortName } from '../../model/name';
import { scaleOf } from '../../model/scales';
import { chartText, lineStyle, useWidth } from './frame';
import { SaveChart } from './SaveChart';

interface IParallelProps {
  labels: readonly string[];
  /** The axes from left to right; the metric last. */
  columns: readonly IColumn[];
  onOpen: (index: number) => void;
  trans: TranslationBundle;
}

const HEIGHT = 280;
const TOP = 34;
const BOTTOM = HEIGHT - 30;
/** Where runs without the value pass: below the axis. */
const ABSENT_AT = HEIGHT - 10;
const SIDE = 70;
/** Room of one axis at least: with more axes the chart is wider than the page, and scrolls. */
const NARROWEST = 110;
/** Characters that fit above an axis. */
const ABOVE_AXIS = 16;

/** Every run as a line through its parameters to its metric; each line can be reached by the Tab key. */
export function Parallel(props: IParallelProps): React.ReactElement {
  const { labels, columns, onOpen, trans } = props;
  const [told, setTold] = React.useState<number | null>(null);
  const [place, room] = useWidth();
  const width = Math.max(room, 2 * SIDE + NARROWEST * (columns.length - 1));
  const left = (axis: number): number =>
    columns.length === 1 ? width / 2 : SIDE + (axis * (width - 2 * SIDE)) / (columns.length - 1);
  const scales = columns.map(column => scaleOf(column.values, [BOTTOM, TOP]));
  const lacks = columns.some(column => column.values.some(value => value === null));
  const textOf = (run: number): string =>
    `${labels[run]}: ${columns.map(one => `${chartText(one.key)} ${chartText(one.values[run])}`).join(', ')}`;
  return (
    <div ref={place}>
      <div className="bioml-Scroll">
        <svg
          width={width}
          height={HEIGHT}
          className="bioml-Parallel"
          role="group"
          aria-label={trans.__('Parameters of the runs and %1', chartText(columns[columns.length - 1].key))}
        >
          {labels.map((_, run) => (
            <g
              key={run}
              className={`bioml-Thread${told === null || told === run ? '' : ' bioml-mod-behind'}`}
              role="button"
              tabIndex={0}
              aria-label={textOf(run)}
              onFocus={() => setTold(run)}
              onBlur={() => setTold(null)}
              onPointerEnter={() => setTold(run)}
              onPointerLeave={() => setTold(null)}
              onClick={() => onOpen(run)}
              onKeyDown={event => {
                if (event.key === 'Enter' || event.key === ' ') {
                  event.preventDefault();
                  onOpen(run);
                }
              }}
            >
              <polyline
                fill="none"
                points={columns
                  .map((column, axis) => `${left(axis)},${scales[axis].at(column.values[run]) ?? ABSENT_AT}`)
                  .join(' ')}
                {...lineStyle(run)}
              />
            </g>
          ))}
          {columns.map((column, axis) => (
            <g
              key={column.id}
              className="bioml-ParallelAxis"
              transform={`translate(${left(axis)},0)`}
              aria-hidden="true"
            >
              <line className="bioml-AxisLine" y1={TOP} y2={BOTTOM} />
              <text y={14} textAnchor="middle" className="bioml-AxisLabel">
                {shortName(column.key, ABOVE_AXIS)}
                <title>{printable(column.key).slice(0, 400)}</title>
              </text>
              {scales[axis].ticks.map(tick => (
                <text key={tick.at} x={-5} y={tick.at} dy="0.32em" textAnchor="end">
                  {tick.text}
                </text>
              ))}
              {lacks && (
                <text x={-5} y={ABSENT_AT} dy="0.32em" textAnchor="end">
                  –
                </text>
              )}
            </g>
          ))}
        </svg>
      </div>
      <div className="bioml-Readout" aria-hidden="true">
        {told === null ? '' : textOf(told)}
      </div>
      <SaveChart
        place={place}
        title={trans.__('Parameters and %1', chartText(columns[columns.length - 1].key))}
        legend={labels.map((label, style) => ({ label, style }))}
        trans={trans}
      />
    </div>
  );
}
