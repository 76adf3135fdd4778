import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { ILegendEntry } from '../../model/chartfile';
import { formatNumber } from '../../model/format';
import { type Colours, SHADES } from '../../model/table/tablechart';
import { labelOf } from '../../model/table/tablecolumns';
import { chartText, lineStyle } from '../charts/frame';
import { Name } from '../Figure';
import { shapes } from './paint';

/** What colours and shapes stand for, in a file of the chart. @param shades - the colours of the theme as they are now. */
export function legendOf(
  colours: Colours,
  by: string,
  shades: readonly string[],
  trans: TranslationBundle
): ILegendEntry[] {
  if (colours.by === 'nothing' || by === '') {
    return [];
  }
  const label = chartText(labelOf(by, trans));
  if (colours.by === 'number') {
    const ends: [number, number][] = [
      [colours.low, 0],
      [colours.high, SHADES - 1]
    ];
    return ends.map(([value, at]) => ({
      label: `${label} ${formatNumber(value)}`,
      stroke: shades[at],
      mark: null
    }));
  }
  return kindsOf(colours.names, trans).map((name, kind) => ({
    label: `${label} ${name}`,
    stroke: shades[kind],
    mark: shapes[kind](5)
  }));
}

/** The names of kinds that have a shape of their own; what is more shares the last one. */
function kindsOf(names: readonly string[], trans: TranslationBundle): string[] {
  const last = shapes.length - 1;
  return names
    .slice(0, shapes.length)
    .map((name, kind) =>
      kind === last && names.length > shapes.length ? trans.__('others') : chartText(name)
    );
}

/** What colours and shapes stand for. */
export function Key(props: {
  colours: Colours;
  by: string;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { colours, by, trans } = props;
  if (colours.by === 'nothing' || by === '') {
    return null;
  }
  const label = chartText(labelOf(by, trans));
  if (colours.by === 'number') {
    return (
      <p className="bioml-ChartKey">
        {label} {formatNumber(colours.low)} <span className="bioml-Shades" aria-hidden="true" />{' '}
        {formatNumber(colours.high)}
      </p>
    );
  }
  return (
    <p className="bioml-ChartKey">
      <span>{label}:</span>
      {kindsOf(colours.names, trans).map((name, kind) => (
        <span key={kind}>
          <svg width="12" height="12" viewBox="-7 -7 14 14" aria-hidden="true">
            <Shape kind={kind} />
          </svg>{' '}
          <Name text={name} />
        </span>
      ))}
    </p>
  );
}

function Shape(props: { kind: number }): React.ReactElement {
  const { stroke } = lineStyle(props.kind);
  const corners = shapes[props.kind](5);
  return corners === null ? (
    <circle r={5} fill={stroke} />
  ) : (
    <polygon points={corners.map(corner => corner.join(',')).join(' ')} fill={stroke} />
  );
}
