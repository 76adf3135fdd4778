import type { TranslationBundle } from '@jupyterlab/translation';
import { scaleLinear, scaleLog } from 'd3-scale';
import { line as lineShape } from 'd3-shape';
import React from 'react';
import { formatNumber } from '../../model/format';
import type { ILine, IPoint, Range } from '../../model/lines';
import { isDrawn, nearest, padded, snap, sparse, stops, xRange, yRange } from '../../model/lines';
import { Axes, chartText, lineStyle, MARGIN, useWidth } from './frame';
import { SaveChart } from './SaveChart';
import { useBrush } from './brush';

export interface ILineChartProps {
  /** What is drawn, for those who do not see it. */
  title: string;
  lines: readonly ILine[];
  /** Lines drawn faintly behind, those that were smoothed. */
  behind?: readonly ILine[];
  xLabel: string;
  log?: boolean;
  height?: number;
  /** The part of x that is shown; null: everything. Charts that share it zoom together. */
  zoom: Range | null;
  onZoom: (zoom: Range | null) => void;
  /** The x that is read out; charts that share it are read together. */
  cursor: number | null;
  onCursor: (x: number | null) => void;
  /** Zero belongs to the y axis (shares, sizes). */
  fromZero?: boolean;
  /** The whole of x where it is more than the lines have (charts one above the other). */
  extent?: Range;
  formatX?: (x: number) => string;
  formatY?: (y: number) => string;
  trans: TranslationBundle;
}

/** Lines over one axis, read and zoomed with pointer or keyboard. */
export function LineChart(props: ILineChartProps): React.ReactElement {
  const {
    title,
    lines,
    behind = [],
    log = false,
    height = 220,
    zoom,
    onZoom,
    cursor,
    onCursor,
    trans
  } = props;
  const { formatX = formatNumber, formatY = formatNumber } = props;
  const [place, width] = useWidth();
  const whole = props.extent ?? xRange(lines);
  const shown = zoom ?? whole ?? [0, 1];
  const found = yRange([...lines, ...behind], shown, log);
  const values = found === null ? ([log ? 0.1 : 0, 1] as const) : padded(found, log);
  const low = props.fromZero && !log ? 0 : values[0];
  const x = scaleLinear()
    .domain(shown[0] === shown[1] ? [shown[0] - 0.5, shown[1] + 0.5] : shown)
    .range([MARGIN.left, width - MARGIN.right]);
  const y = (log ? scaleLog() : scaleLinear())
    .domain([low, values[1]])
    .range([height - MARGIN.bottom, MARGIN.top]);
  const shape = lineShape<IPoint>()
    .defined(point => point.y !== null && isDrawn(point.y, log))
    .x(point => x(point.x))
    .y(point => y(point.y ?? 0));
  const all = React.useMemo(() => stops(lines), [lines]);
  const onPoint = (at: number | null): void => onCursor(at === null ? null : snap(all, at));
  const brush = useBrush({ place, scale: x, onZoom, onCursor: onPoint });
  const count = Math.max(2, Math.round(height / 48));
  const yTicks = log ? sparse(y.ticks(count), count * 2) : y.ticks(count);
  const onKeyDown = useKeys({ all, shown, whole, zoom, onZoom, cursor, onCursor });
  const readout = readoutOf(lines, cursor, props.xLabel, formatX, formatY);
  const clip = React.useId();
  return (
    <>
      <div
        ref={place}
        className="bioml-LineChart"
        role="slider"
        tabIndex={0}
        aria-label={trans.__(
          '%1. Arrow keys read values, plus and minus zoom, Escape shows everything.',
          title
        )}
        aria-valuemin={whole?.[0] ?? 0}
        aria-valuemax={whole?.[1] ?? 0}
        aria-valuenow={cursor ?? whole?.[0] ?? 0}
        aria-valuetext={readout || title}
        onKeyDown={onKeyDown}
        {...brush.handlers}
        onDoubleClick={() => onZoom(null)}
      >
        <svg width={width} height={height} aria-hidden="true">
          <clipPath id={clip}>
            <rect
              x={MARGIN.left}
              y={0}
              width={Math.max(0, width - MARGIN.left - MARGIN.right)}
              height={height - MARGIN.bottom}
            />
          </clipPath>
          <Axes
            width={width}
            height={height}
            xLabel={props.xLabel}
            xTicks={x.ticks(Math.max(2, Math.round(width / 110))).map(t => ({ at: x(t), text: formatX(t) }))}
            yTicks={yTicks.map(t => ({ at: y(t), text: formatY(t) }))}
          />
          <g clipPath={`url(#${clip})`} fill="none">
            {behind.map(line => (
              <path
                key={line.id}
                className="bioml-ChartLineBehind"
                d={shape(line.points) ?? ''}
                {...lineStyle(line.style)}
              />
            ))}
            {lines.map(line => (
              <path
                key={line.id}
                className="bioml-ChartLine"
                d={shape(line.points) ?? ''}
                {...lineStyle(line.style)}
              />
            ))}
            <Dots lines={lines} cursor={cursor} log={log} x={x} y={y} />
            {cursor !== null && (
              <line
                className="bioml-Cursor"
                x1={x(cursor)}
                x2={x(cursor)}
                y1={MARGIN.top}
                y2={height - MARGIN.bottom}
              />
            )}
            {brush.range && (
              <rect
                className="bioml-Brush"
                x={Math.min(...brush.range)}
                width={Math.abs(brush.range[1] - brush.range[0])}
                y={MARGIN.top}
                height={height - MARGIN.bottom - MARGIN.top}
              />
            )}
          </g>
        </svg>
        <div className="bioml-Readout" aria-hidden="true">
          {readout}
        </div>
      </div>
      <SaveChart place={place} title={title} legend={lines.length > 1 ? lines : []} trans={trans} />
    </>
  );
}

/** The points under the cursor, and single points that no line shows. */
function Dots(props: {
  lines: readonly ILine[];
  cursor: number | null;
  log: boolean;
  x: (value: number) => number;
  y: (value: number) => number;
}): React.ReactElement {
  const { lines, cursor, log, x, y } = props;
  const dots = lines.flatMap(line => {
    const point = cursor !== null ? nearest(line, cursor) : line.points.length === 1 ? line.points[0] : null;
    return point === null || point.y === null || !isDrawn(point.y, log)
      ? []
      : [{ line, x: point.x, y: point.y }];
  });
  return (
    <>
      {dots.map(dot => (
        <circle
          key={dot.line.id}
          cx={x(dot.x)}
          cy={y(dot.y)}
          r={3.5}
          fill={lineStyle(dot.line.style).stroke}
        />
      ))}
    </>
  );
}

function readoutOf(
  lines: readonly ILine[],
  cursor: number | null,
  xLabel: string,
  formatX: (x: number) => string,
  formatY: (y: number) => string
): string {
  if (cursor === null) {
    return '';
  }
  const parts = lines.flatMap(line => {
    const point = nearest(line, cursor);
    return point === null ? [] : [`${chartText(line.label)} ${point.y === null ? '–' : formatY(point.y)}`];
  });
  return [`${xLabel} ${formatX(cursor)}`, ...parts].join('  ·  ');
}

interface IKeys {
  all: readonly number[];
  shown: Range;
  whole: Range | null;
  zoom: Range | null;
  onZoom: (zoom: Range | null) => void;
  cursor: number | null;
  onCursor: (x: number | null) => void;
}

/** Arrows go from point to point (what is shown follows), plus and minus zoom while the cursor keeps its place, Escape shows everything. */
function useKeys(keys: IKeys): (event: React.KeyboardEvent) => void {
  const { all, shown, whole, zoom, onZoom, cursor, onCursor } = keys;
  return event => {
    if (all.length === 0 || whole === null || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const middle = cursor ?? (shown[0] + shown[1]) / 2;
    const by = (factor: number): Range => [
      Math.max(whole[0], middle - (middle - shown[0]) * factor),
      Math.min(whole[1], middle + (shown[1] - middle) * factor)
    ];
    const wide = by(2);
    const last = all[all.length - 1];
    const go = (x: number): void => {
      const half = (shown[1] - shown[0]) / 2;
      onCursor(x);
      if (zoom !== null && (x < shown[0] || x > shown[1])) {
        onZoom([x - half, x + half]);
      }
    };
    const actions: Record<string, () => void> = {
      // the cursor may stand between this chart's points, or behind them: another chart's line is longer
      ArrowRight: () => go(all.find(x => x > (cursor ?? -Infinity)) ?? last),
      ArrowLeft: () => go([...all].reverse().find(x => x < (cursor ?? -Infinity)) ?? all[0]),
      Home: () => go(all[0]),
      End: () => go(last),
      '+': () => onZoom(by(0.5)),
      '-': () => onZoom(wide[0] === whole[0] && wide[1] === whole[1] ? null : wide),
      Escape: () => (zoom === null ? onCursor(null) : onZoom(null))
    };
    if (event.key in actions) {
      event.preventDefault();
      actions[event.key]();
    }
  };
}
