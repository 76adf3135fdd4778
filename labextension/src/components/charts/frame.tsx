import React from 'react';
import { Figure as Value, formatNumber, printable } from '../../model/format';
import { Name } from '../Figure';

/** Room around the plot for ticks and labels, in pixels. */
export const MARGIN = { top: 8, right: 16, bottom: 30, left: 64 };

const COLOURS = [
  'var(--jp-brand-color1)',
  'var(--jp-warn-color1)',
  'var(--jp-success-color1)',
  'var(--jp-icon-contrast-color2, var(--jp-error-color1))',
  'var(--jp-info-color1)',
  'var(--jp-icon-contrast-color0, var(--jp-error-color2))'
];
const DASHES = ['', '7 3', '2 3', '9 3 2 3'];

/** Colour and dashes of a line: 24 that are told apart, by dashes alone where colours are not seen. */
export function lineStyle(style: number): { stroke: string; strokeDasharray: string | undefined } {
  const dashes = DASHES[(style + Math.floor(style / COLOURS.length)) % DASHES.length];
  return { stroke: COLOURS[style % COLOURS.length], strokeDasharray: dashes || undefined };
}

/** The width of an element in pixels, followed while it changes. */
export function useWidth(fallback = 640): [React.RefObject<HTMLDivElement>, number] {
  const place = React.useRef<HTMLDivElement>(null);
  const [width, setWidth] = React.useState(fallback);
  React.useEffect(() => {
    const element = place.current;
    if (element === null || typeof ResizeObserver === 'undefined') {
      return undefined;
    }
    const observer = new ResizeObserver(entries => {
      const found = Math.floor(entries[entries.length - 1].contentRect.width);
      if (found > 0) {
        setWidth(found);
      }
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  return [place, Math.max(180, width)];
}

/** Longest name or value in a chart. */
const SHOWN = 80;

/** A name or value within a chart's text: short, and unable to move or forge what stands around it. */
export function chartText(value: Value): string {
  const text = printable(formatNumber(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN - 1)}…` : text;
}

interface ITick {
  at: number;
  text: string;
}

interface IAxesProps {
  width: number;
  height: number;
  xTicks: readonly ITick[];
  yTicks: readonly ITick[];
  xLabel: string;
}

/** Grid, ticks and the x label of a plot. Decoration: figures are read out elsewhere. */
export function Axes(props: IAxesProps): React.ReactElement {
  const { width, height, xTicks, yTicks, xLabel } = props;
  const bottom = height - MARGIN.bottom;
  return (
    <g className="bioml-Axes" aria-hidden="true">
      {yTicks.map(tick => (
        <g key={tick.at} transform={`translate(0,${tick.at})`}>
          <line className="bioml-Grid" x1={MARGIN.left} x2={width - MARGIN.right} />
          <text x={MARGIN.left - 6} dy="0.32em" textAnchor="end">
            {tick.text}
          </text>
        </g>
      ))}
      {xTicks.map(tick => (
        <g key={tick.at} transform={`translate(${tick.at},${bottom})`}>
          <line className="bioml-Grid" y2={4} />
          <text y={15} textAnchor="middle">
            {tick.text}
          </text>
        </g>
      ))}
      <line className="bioml-AxisLine" x1={MARGIN.left} x2={width - MARGIN.right} y1={bottom} y2={bottom} />
      <text className="bioml-AxisLabel" x={width - MARGIN.right} y={height - 3} textAnchor="end">
        {xLabel}
      </text>
    </g>
  );
}

/** Which line belongs to which name. */
export function Legend(props: {
  entries: readonly { id: string; label: string; style: number }[];
}): React.ReactElement {
  return (
    <ul className="bioml-Legend">
      {props.entries.map(entry => (
        <li key={entry.id}>
          <svg width="26" height="10" aria-hidden="true">
            <line x1="0" x2="26" y1="5" y2="5" strokeWidth="2" {...lineStyle(entry.style)} />
          </svg>
          <Name text={entry.label} />
        </li>
      ))}
    </ul>
  );
}
