import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';
import React from 'react';

const WIDTH = 120;
const HEIGHT = 22;

/** A small curve over a span of time, with the moment marked at which something began. */
export function Sparkline(props: {
  times: readonly number[];
  /** null: nothing was read, the curve has a gap. */
  values: readonly (number | null)[];
  /** The span that is shown, seconds since the epoch. */
  from: number;
  to: number;
  /** The largest value of the scale; the curve's own where it is larger. */
  top: number;
  /** The moment that is marked; null: none. */
  mark: number | null;
  /** What it shows, in words. */
  label: string;
}): React.ReactElement {
  const { times, values, from, to, mark } = props;
  const largest = values.reduce<number>((top, value) => Math.max(top, value ?? 0), props.top);
  const x = scaleLinear([from, to], [0, WIDTH]);
  const y = scaleLinear([0, largest || 1], [HEIGHT - 1, 1]);
  const points = times
    .map((time, index): [number, number | null] => [time, values[index]])
    .filter(([time]) => time >= from);
  const isThere = ([, value]: [number, number | null]): boolean => value !== null;
  const shape = {
    x: ([time]: [number, number | null]) => x(time),
    y: (point: [number, number | null]) => y(point[1] ?? 0)
  };
  const curve = line<[number, number | null]>().defined(isThere).x(shape.x).y(shape.y)(points);
  const ground = area<[number, number | null]>().defined(isThere).x(shape.x).y0(HEIGHT).y1(shape.y)(points);
  return (
    <svg
      className="bioml-Sparkline"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={props.label}
    >
      <title>{props.label}</title>
      <path className="bioml-Sparkline-area" d={ground ?? ''} />
      <path className="bioml-Sparkline-line" d={curve ?? ''} vectorEffect="non-scaling-stroke" />
      {mark !== null && mark >= from && (
        <line
          className="bioml-Sparkline-mark"
          x1={x(mark)}
          x2={x(mark)}
          y1={0}
          y2={HEIGHT}
          vectorEffect="non-scaling-stroke"
        />
      )}
    </svg>
  );
}
