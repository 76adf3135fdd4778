import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Best, RunDetail } from '../../api/wire';
import { formatBytes, formatChange, formatDuration, printable, shortId } from '../../model/format';
import { own } from '../../model/own';
import { fileName, plainNumber, plainValue, shapeOf, stripAnsi } from '../../model/record';
import { Figure, Name } from '../Figure';
import { Empty } from '../Notice';
import type { IRunTab } from './tab';

export interface IOverviewProps {
  detail: RunDetail;
  /** By metric, among the runs of this name; null until it was read. */
  best: Readonly<Record<string, Best>> | null;
  onOpenRun: (id: string) => void;
  trans: TranslationBundle;
}

/** What came out first, then what went in, then what is missing. */
export function Overview(props: IOverviewProps): React.ReactElement {
  const { detail, trans } = props;
  const { row, record } = detail;
  return (
    <div className="bioml-Overview">
      <Failure {...props} />
      {row.note && <p className="bioml-Note">{printable(row.note)}</p>}
      <section>
        <h2>{trans.__('Metrics')}</h2>
        <Metrics {...props} />
      </section>
      <section>
        <h2>{trans.__('Parameters')}</h2>
        <Pairs
          pairs={Object.entries(row.params)}
          empty={trans.__('No parameters were found in this cell or logged by it.')}
          trans={trans}
        />
      </section>
      <section>
        <h2>{trans.__('Data')}</h2>
        <ul className="bioml-Plain">
          {(record.data ?? []).map((use, index) => (
            <li key={index}>
              <span title={printable(use.path ?? use.name)}>
                <Name text={fileName(use)} />
              </span>{' '}
              <span className="bioml-soft">{shapeOf(use)}</span>{' '}
              <span className="bioml-soft">{shortId(use.digest)}</span>
            </li>
          ))}
        </ul>
        {(record.data ?? []).length === 0 && <Empty>{trans.__('No data were read or written.')}</Empty>}
      </section>
      <section>
        <h2>{trans.__('Resources')}</h2>
        <p>{resourcesLine(detail, trans).join(' · ') || trans.__('Nothing was measured.')}</p>
      </section>
      {Object.keys(row.tags).length > 0 && (
        <section>
          <h2>{trans.__('Tags')}</h2>
          <Pairs pairs={Object.entries(row.tags)} empty="" trans={trans} />
        </section>
      )}
      <Gaps {...props} />
    </div>
  );
}

function Failure(props: IOverviewProps): React.ReactElement | null {
  const { detail, trans } = props;
  const { row, record } = detail;
  const failure = record.failure ?? null;
  if (failure === null && row.error === null && !record.cause) {
    return null;
  }
  return (
    <div className="bioml-Failure" role="group" aria-label={trans.__('Why the run ended')}>
      <strong>
        <span aria-hidden="true">✗ </span>
        {printable(row.error ?? record.cause ?? '')}
      </strong>
      <p>{trans.__('Everything captured up to that point is kept and shown here.')}</p>
      {failure && (
        <details>
          <summary>{trans.__('Traceback')}</summary>
          <pre>{stripAnsi(failure.traceback)}</pre>
        </details>
      )}
    </div>
  );
}

function Metrics(props: IOverviewProps): React.ReactElement {
  const { detail, best, onOpenRun, trans } = props;
  const { row, record, previous } = detail;
  const others = Object.entries(record.values ?? {}).filter(([key]) => own(row.metrics, key) === undefined);
  if (Object.keys(row.metrics).length + others.length === 0) {
    return (
      <Empty>
        {trans.__(
          'No metrics. Log them with mlflow.log_metric or name them after --metrics in the magic line.'
        )}
      </Empty>
    );
  }
  return (
    <table className="bioml-Table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Metric')}</th>
          <th scope="col" className="bioml-figure">
            {trans.__('Value')}
          </th>
          <th scope="col" className="bioml-figure">
            {trans.__('Previous')}
          </th>
          <th scope="col" className="bioml-figure">
            {trans.__('Difference')}
          </th>
          <th scope="col" className="bioml-figure">
            {trans.__('Best with this name')}
          </th>
        </tr>
      </thead>
      <tbody>
        {Object.entries(row.metrics).map(([key, value]) => {
          const before = own(previous?.metrics, key) ?? null;
          const top = own(best, key) ?? null;
          const isBest = top?.record_id === row.record_id;
          return (
            <tr key={key}>
              <th scope="row">
                <Name text={key} />
              </th>
              <td className="bioml-figure bioml-mod-strong">
                <Figure value={value} trans={trans} />
              </td>
              <td className="bioml-figure">
                <Figure value={before} trans={trans} />
              </td>
              <td className="bioml-figure">
                {before === null ? (
                  '–'
                ) : (
                  <Figure value={value - before} text={formatChange(value, before)} trans={trans} />
                )}
              </td>
              <td className="bioml-figure">
                {isBest && (
                  <span role="img" aria-label={trans.__('this run is the best')}>
                    ★{' '}
                  </span>
                )}
                <Figure value={top?.value} trans={trans} />
                {top && !isBest && (
                  <button
                    type="button"
                    className="bioml-SignButton"
                    title={trans.__('Open the best run')}
                    aria-label={trans.__('Open the best run')}
                    onClick={() => onOpenRun(top.record_id)}
                  >
                    ↗
                  </button>
                )}
              </td>
            </tr>
          );
        })}
        {others.map(([key, value]) => (
          <tr key={key}>
            <th scope="row">
              <Name text={key} />
            </th>
            <td className="bioml-figure bioml-mod-strong">
              <Figure value={plainValue(value)} trans={trans} />
            </td>
            <td colSpan={3} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Pairs(props: {
  pairs: [string, string | number | boolean | null][];
  empty: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { pairs, empty, trans } = props;
  if (pairs.length === 0) {
    return <Empty>{empty}</Empty>;
  }
  return (
    <dl className="bioml-Pairs">
      {pairs.map(([key, value]) => (
        <div key={key}>
          <dt>
            <Name text={key} />
          </dt>
          <dd>
            <Figure value={value} trans={trans} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Gaps({ detail, trans }: IOverviewProps): React.ReactElement | null {
  const gaps = detail.record.gaps ?? [];
  if (gaps.length === 0) {
    return null;
  }
  return (
    <section>
      <h2>{trans.__('Not captured')}</h2>
      <ul className="bioml-Plain">
        {gaps.map((gap, index) => (
          <li key={index}>
            <span aria-hidden="true">⚠ </span>
            {printable(gap.part)}: {printable(gap.reason)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The figures of the run card's fourth line. */
function resourcesLine(detail: RunDetail, trans: TranslationBundle): string[] {
  const used = detail.record.resources;
  const cpu = plainNumber(used?.cpu_seconds);
  const duration = detail.row.duration;
  const line: string[] = [];
  if (cpu !== null) {
    line.push(trans.__('CPU time %1', formatDuration(cpu)));
    if (duration !== null && duration > 0) {
      line.push(trans.__('CPU %1 % of one core', Math.round((100 * cpu) / duration)));
    }
  }
  if (used?.peak_rss !== null && used?.peak_rss !== undefined) {
    line.push(trans.__('peak memory %1', formatBytes(used.peak_rss)));
  }
  return line;
}

export const overviewTab: IRunTab = {
  id: 'overview',
  rank: 10,
  label: trans => trans.__('Overview'),
  parts: model => [model.group],
  render: ({ detail, model, onOpenRun, trans }) => (
    <Overview detail={detail} best={model.group.value?.best ?? null} onOpenRun={onOpenRun} trans={trans} />
  )
};
