import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../../api/wire';
import { type Children, differing } from '../../model/children';
import { formatDuration, formatNumber } from '../../model/format';
import { own } from '../../model/own';
import type { RunModel } from '../../model/run';
import { Figure, Name } from '../Figure';
import { Empty, Lazy, Problem } from '../Notice';
import { stateOf, StateSign } from '../RunState';
import type { IRunTab } from './tab';

/** Columns of a table that fits on a page: the page of a run and the comparison have them all. */
const PARAMS = 6;
const METRICS = 5;

/** The runs in a run, the best first: what differs between them, then what came out. */
export function RunsIn(props: {
  runs: Children;
  onOpenRun: (id: string) => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { runs, trans } = props;
  const { rows, total, metric, metricKeys } = runs;
  if (total === 0) {
    return <Empty>{trans.__('This run has no parts.')}</Empty>;
  }
  return (
    <>
      <div className="bioml-Choices">
        {metricKeys.length > 0 && (
          <label>
            {trans.__('Best by')}{' '}
            <select value={metric} onChange={event => runs.sortBy(event.target.value)}>
              {metricKeys.map(key => (
                <option key={key} value={key}>
                  {key}
                </option>
              ))}
            </select>
          </label>
        )}
        <span className="bioml-soft" role="status">
          {trans.__('%1 of %2 shown', formatNumber(rows.length), formatNumber(total))}
        </span>
      </div>
      <Table {...props} />
      {runs.error && (
        <Problem
          error={runs.error}
          kept={trans.__('What was read earlier is still shown.')}
          onRetry={() => void (total === null ? runs.look() : runs.more())}
          trans={trans}
        />
      )}
      {runs.next > 0 && (
        <button
          type="button"
          className="bioml-Button"
          disabled={runs.isReading}
          onClick={() => void runs.more()}
        >
          {runs.isReading ? trans.__('Loading…') : trans.__('Show %1 more', formatNumber(runs.next))}
        </button>
      )}
    </>
  );
}

function Table(props: React.ComponentProps<typeof RunsIn>): React.ReactElement {
  const { runs, trans } = props;
  const { rows, metric } = runs;
  const params = differing(rows).slice(0, PARAMS);
  const metrics = [metric, ...runs.metricKeys.filter(key => key !== metric)]
    .filter(key => key !== '' && (key === metric || !key.startsWith('timing.')))
    .slice(0, METRICS);
  return (
    <div className="bioml-Scroll">
      <table className="bioml-Table">
        <thead>
          <tr>
            <th scope="col">{trans.__('Run')}</th>
            {[...params, ...metrics].map((key, index) => (
              <th key={index} scope="col" className="bioml-figure">
                <Name text={key} />
              </th>
            ))}
            <th scope="col">{trans.__('State')}</th>
            <th scope="col" className="bioml-figure">
              {trans.__('Duration')}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <Row key={row.record_id} {...props} row={row} params={params} metrics={metrics} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Row(
  props: React.ComponentProps<typeof RunsIn> & {
    row: RunRow;
    params: readonly string[];
    metrics: readonly string[];
  }
): React.ReactElement {
  const { runs, row, params, metrics, onOpenRun, trans } = props;
  return (
    <tr>
      <th scope="row">
        <button type="button" className="bioml-Link" onClick={() => onOpenRun(row.record_id)}>
          <Name text={row.name} />
        </button>
      </th>
      {params.map(key => (
        <td key={key} className="bioml-figure">
          <Figure value={own(row.params, key)} trans={trans} />
        </td>
      ))}
      {metrics.map(key => (
        <td key={key} className="bioml-figure">
          {key === runs.metric && runs.best?.record_id === row.record_id && (
            <span role="img" aria-label={trans.__('best')}>
              ★{' '}
            </span>
          )}
          <Figure value={own(row.metrics, key)} trans={trans} />
        </td>
      ))}
      <td>
        <StateSign state={stateOf(row)} trans={trans} />
      </td>
      <td className="bioml-figure">{formatDuration(row.duration)}</td>
    </tr>
  );
}

/** Read as a part of the page, so that it follows a run that runs. */
function partOf(model: RunModel): ReturnType<typeof model.part<Children>> {
  return model.part('runs-in', async () => {
    await model.children.look();
    if (model.children.total === null && model.children.error !== null) {
      throw model.children.error;
    }
    return model.children;
  });
}

export const runsInTab: IRunTab = {
  id: 'runs-in',
  rank: 15,
  label: trans => trans.__('Runs in it'),
  count: ({ row }) => row.children,
  isFor: ({ row }) => row.children > 0,
  parts: model => [partOf(model)],
  render: ({ model, onOpenRun, onTab, trans }) => (
    <Lazy part={partOf(model)} onRetry={() => onTab('runs-in')} trans={trans}>
      {runs => <RunsIn runs={runs} onOpenRun={onOpenRun} trans={trans} />}
    </Lazy>
  )
};
