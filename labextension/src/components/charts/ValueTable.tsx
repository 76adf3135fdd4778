import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { toCsv } from '../../model/csv';
import type { ILine } from '../../model/lines';
import { stops } from '../../model/lines';
import { CopyButton } from '../CopyButton';
import { Figure, Name } from '../Figure';

/** Rows shown before the rest is asked for. */
const FIRST = 100;

/** The values of a chart as a table, for those who read rather than look. Made when it is opened. */
export function ValueTable(props: {
  lines: readonly ILine[];
  xLabel: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { lines, xLabel, trans } = props;
  const [open, setOpen] = React.useState(false);
  const [all, setAll] = React.useState(false);
  const rows = React.useMemo(() => (open ? tableOf(lines) : []), [open, lines]);
  const csv = (): string => toCsv([[xLabel, ...lines.map(line => line.label)], ...tableOf(lines)]);
  return (
    <details className="bioml-ValueTable" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{trans.__('Values as a table')}</summary>
      {open && (
        <>
          <CopyButton text={csv} label={trans.__('Copy every value as CSV')} trans={trans}>
            {trans.__('Copy as CSV')}
          </CopyButton>
          <div className="bioml-Scroll">
            <table className="bioml-Table">
              <thead>
                <tr>
                  <th scope="col" className="bioml-figure">
                    {xLabel}
                  </th>
                  {lines.map(line => (
                    <th scope="col" key={line.id} className="bioml-figure">
                      <Name text={line.label} />
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {(all ? rows : rows.slice(0, FIRST)).map(([x, ...values]) => (
                  <tr key={x}>
                    <th scope="row" className="bioml-figure">
                      <Figure value={x} trans={trans} />
                    </th>
                    {values.map((value, index) => (
                      <td key={index} className="bioml-figure">
                        <Figure value={value} trans={trans} />
                      </td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          {!all && rows.length > FIRST && (
            <button type="button" className="bioml-Button" onClick={() => setAll(true)}>
              {trans.__('Show all %1 rows', rows.length)}
            </button>
          )}
        </>
      )}
    </details>
  );
}

/** One row per x: the x, then the value of each line there (the last one, where there are several). */
function tableOf(lines: readonly ILine[]): [number, ...(number | null)[]][] {
  const columns = lines.map(line => new Map(line.points.map(point => [point.x, point.y])));
  return stops(lines).map(x => [x, ...columns.map(column => column.get(x) ?? null)]);
}
