import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { IColumn } from '../../model/columns';
import { scaleOf } from '../../model/scales';
import { Axes, chartText, lineStyle, MARGIN, useWidth } from './frame';
import { SaveChart } from './SaveChart';

interface IScatterProps {
  labels: readonly string[];
  columns: readonly IColumn[];
  /** The first metric, where there is one. */
  initialX: string;
  initialY: string;
  onOpen: (index: number) => void;
  trans: TranslationBundle;
}

const HEIGHT = 320;

/** Any two columns against each other; each run is a point that can be reached by the Tab key and opened. */
export function Scatter(props: IScatterProps): React.ReactElement {
  const { labels, columns, onOpen, trans } = props;
  const [xId, setX] = React.useState(props.initialX);
  const [yId, setY] = React.useState(props.initialY);
  const [told, setTold] = React.useState('');
  const [place, width] = useWidth();
  const xColumn = columns.find(column => column.id === xId) ?? columns[0];
  const yColumn = columns.find(column => column.id === yId) ?? columns[0];
  const x = scaleOf(xColumn.values, [MARGIN.left + 12, width - MARGIN.right - 12]);
  const y = scaleOf(yColumn.values, [HEIGHT - MARGIN.bottom - 12, MARGIN.top + 12]);
  const spots = labels.flatMap((label, index) => {
    const [left, top] = [x.at(xColumn.values[index]), y.at(yColumn.values[index])];
    return left === null || top === null ? [] : [{ index, label, left, top }];
  });
  const missing = labels.length - spots.length;
  return (
    <div ref={place}>
      <div className="bioml-Choices">
        <ColumnChoice label={trans.__('Across')} columns={columns} value={xColumn.id} onChange={setX} />
        <ColumnChoice label={trans.__('Up')} columns={columns} value={yColumn.id} onChange={setY} />
      </div>
      <svg
        width={width}
        height={HEIGHT}
        className="bioml-Scatter"
        role="group"
        aria-label={trans.__('%1 against %2', chartText(yColumn.key), chartText(xColumn.key))}
      >
        <Axes
          width={width}
          height={HEIGHT}
          xTicks={x.ticks}
          yTicks={y.ticks}
          xLabel={chartText(xColumn.key)}
        />
        {spots.map(({ index, label, left, top }) => {
          const values = [xColumn, yColumn].map(
            one => `${chartText(one.key)} ${chartText(one.values[index])}`
          );
          const text = `${label}: ${values.join(', ')}`;
          return (
            <g
              key={index}
              transform={`translate(${left},${top})`}
              className="bioml-Spot"
              role="button"
              tabIndex={0}
              aria-label={text}
              onFocus={() => setTold(text)}
              onBlur={() => setTold('')}
              onPointerEnter={() => setTold(text)}
              onPointerLeave={() => setTold('')}
              onClick={() => onOpen(index)}
              onKeyDown={event => {
                if (event.key === 'Enter' || event.key === ' ') {
                  event.preventDefault();
                  onOpen(index);
                }
              }}
            >
              <title>{text}</title>
              <circle r={6} fill={lineStyle(index).stroke} />
              <text x={9} dy="0.32em">
                {index + 1}
              </text>
            </g>
          );
        })}
      </svg>
      <div className="bioml-Readout" aria-hidden="true">
        {told}
      </div>
      <SaveChart
        place={place}
        title={trans.__('%1 against %2', chartText(yColumn.key), chartText(xColumn.key))}
        legend={labels.map((label, style) => ({ label: `${style + 1}  ${label}`, style }))}
        trans={trans}
      />
      {missing > 0 && (
        <p className="bioml-soft">
          {trans._n(
            '%1 run lacks one of the two values and is not plotted.',
            '%1 runs lack one of the two values and are not plotted.',
            missing
          )}
        </p>
      )}
    </div>
  );
}

/** The choice of a column. */
export function ColumnChoice(props: {
  label: string;
  columns: readonly IColumn[];
  value: string;
  onChange: (id: string) => void;
}): React.ReactElement {
  const { label, columns, value, onChange } = props;
  return (
    <label>
      {label}
      <select value={value} onChange={event => onChange(event.target.value)}>
        {columns.map(column => (
          <option key={column.id} value={column.id}>
            {chartText(column.key)}
          </option>
        ))}
      </select>
    </label>
  );
}
