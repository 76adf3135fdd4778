import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Best, RecordScore, RunDetail } from '../../api/wire';
import { brief, formatChange, formatNumber, formatPrinted, printable, shortId } from '../../model/format';
import { own } from '../../model/own';
import { byImportance, decimalsOf, originText, scoresOf } from '../../model/score';
import { Figure, Name } from '../Figure';
import { Empty } from '../Notice';

export interface IScoresProps {
  detail: RunDetail;
  /** By metric, among the runs of this name; null until it was read. */
  best: Readonly<Record<string, Best>> | null;
  onOpenRun: (id: string) => void;
  /** Go to a later cell of the run's notebook. */
  onOpenLater: (cellId: string | null) => void;
  /** Show another tab. */
  onTab: (tab: string) => void;
  trans: TranslationBundle;
}

/** One metric with its last value, and where it comes from. */
interface IScoreRow {
  key: string;
  value: number;
  score: RecordScore | undefined;
}

/** Rows shown before the rest is asked for. */
const FIRST = 100;
/** Characters of the first line of a cell. */
const LINE = 60;

/** The metrics of a run: each with where it comes from, by model where there are several. */
export function Scores(props: IScoresProps): React.ReactElement {
  const { detail, trans } = props;
  const [all, setAll] = React.useState(false);
  const scores = scoresOf(detail);
  const metrics = byImportance(Object.entries(detail.row.metrics), scores);
  const rows: IScoreRow[] = metrics.map(([key, value]) => ({ key, value, score: scores.get(key) }));
  if (rows.length === 0) {
    return (
      <Empty>
        {trans.__(
          'No score was found in this cell or in a later one. Print or display one, log it with bioml.log, or name it after --metrics in the magic line.'
        )}
      </Empty>
    );
  }
  const grouped = byModel(rows);
  const groups = all ? grouped : firstOf(grouped, FIRST);
  const known = rows.some(({ score }) => originText(score, trans) !== '');
  return (
    <>
      <div
        className="bioml-Scroll"
        role="group"
        tabIndex={0}
        aria-label={trans.__('Metrics and where they come from')}
      >
        <table className="bioml-Table bioml-Scores">
          <thead>
            <tr>
              <th scope="col">{trans.__('Metric')}</th>
              {known && <th scope="col">{trans.__('Where from')}</th>}
              {[
                trans.__('Value'),
                trans.__('Previous'),
                trans.__('Difference'),
                trans.__('Best with this name')
              ].map(label => (
                <th key={label} scope="col" className="bioml-figure">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          {groups.map(([model, some]) => (
            <tbody key={model}>
              {grouped.length > 1 && (
                <tr>
                  <th scope="rowgroup" colSpan={known ? 6 : 5} className="bioml-mod-strong">
                    {model ? <Name text={trans.__('Model %1', model)} /> : trans.__('No model named')}
                  </th>
                </tr>
              )}
              {some.map(row => (
                <ScoreRow key={row.key} {...props} row={row} known={known} grouped={grouped.length > 1} />
              ))}
            </tbody>
          ))}
        </table>
      </div>
      {!all && rows.length > FIRST && (
        <button type="button" className="bioml-Button" onClick={() => setAll(true)}>
          {trans.__('Show all %1 metrics', formatNumber(rows.length))}
        </button>
      )}
    </>
  );
}

/** The rows of each model, in the order in which they come first; one group where they are of one model. */
function byModel(rows: readonly IScoreRow[]): [string, IScoreRow[]][] {
  const groups = new Map<string, IScoreRow[]>();
  for (const row of rows) {
    const model = row.score?.model ?? '';
    const group = groups.get(model) ?? [];
    group.push(row);
    groups.set(model, group);
  }
  const named = [...groups.keys()].filter(model => model !== '');
  return named.length > 1 ? [...groups] : [['', [...rows]]];
}

/** The first so many rows of the groups. */
function firstOf(groups: readonly [string, IScoreRow[]][], count: number): [string, IScoreRow[]][] {
  const shown: [string, IScoreRow[]][] = [];
  let left = count;
  for (const [model, rows] of groups) {
    if (left > 0) {
      shown.push([model, rows.slice(0, left)]);
    }
    left -= rows.length;
  }
  return shown;
}

function ScoreRow(
  props: IScoresProps & { row: IScoreRow; known: boolean; grouped: boolean }
): React.ReactElement {
  const { detail, row, best, known, onOpenRun, trans } = props;
  const { key, value, score } = row;
  const decimals = decimalsOf(score);
  const text = formatPrinted(value, decimals);
  const before = own(detail.previous?.metrics, key) ?? null;
  const top = own(best, key) ?? null;
  const isBest = top?.record_id === detail.row.record_id;
  return (
    <tr>
      <th scope="row">
        <Name text={key} />
      </th>
      {known && <td className="bioml-WhereFrom">{score && <WhereFrom {...props} score={score} />}</td>}
      <td className="bioml-figure bioml-mod-strong">
        <Figure value={value} text={text} trans={trans} />
      </td>
      <td className="bioml-figure">
        <Figure value={before} trans={trans} />
      </td>
      <td className="bioml-figure">
        {before === null ? (
          '–'
        ) : (
          <Figure value={value - before} text={formatChange(value, before, decimals)} trans={trans} />
        )}
      </td>
      <td className="bioml-figure">
        {isBest && (
          <span role="img" aria-label={trans.__('this run is the best')}>
            ★{' '}
          </span>
        )}
        <Figure value={top?.value} text={isBest ? text : undefined} trans={trans} />
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
}

/** Where a score comes from: how it was found, its model, its series, the later cell and the other run it belongs to. */
function WhereFrom(props: IScoresProps & { score: RecordScore; grouped: boolean }): React.ReactElement {
  const { score, grouped, onTab, trans } = props;
  const count = score.count ?? 1;
  // what a model states, or was computed from its predictions, names it already
  const names = grouped || score.origin === 'stated' || score.origin === 'computed' || score.of;
  const parts = [
    originText(score, trans),
    names || !score.model ? null : brief(score.model),
    count > 1 && (
      <button
        type="button"
        className="bioml-Link"
        title={trans.__('Show its curve')}
        onClick={() => onTab('curves')}
      >
        {trans.__('last of %1', formatNumber(count))}
      </button>
    ),
    score.cell && <ShownBy {...props} cell={score.cell} />,
    score.of && <OfRun {...props} run={score.of} />
  ];
  return (
    <>
      {parts.filter(Boolean).map((part, index) => (
        <React.Fragment key={index}>
          {index > 0 && ' · '}
          {part}
        </React.Fragment>
      ))}
    </>
  );
}

/** The later cell that showed a score: a way there, where the journal has it. */
function ShownBy(props: IScoresProps & { cell: string }): React.ReactElement {
  const { detail, cell, onOpenLater, trans } = props;
  const found = detail.later_cells.find(one => one.record_id === cell);
  if (found === undefined) {
    return <>{trans.__('shown by a later cell')}</>;
  }
  const number = found.execution_count ?? ' ';
  return (
    <button
      type="button"
      className="bioml-Link"
      title={trans.__('Go to the cell: %1', brief(found.line, LINE))}
      onClick={() => onOpenLater(found.cell_id)}
    >
      {trans.__('shown by a later cell: In [%1]', number)}
    </button>
  );
}

/** The run whose model was scored, where that is another. */
function OfRun(props: IScoresProps & { score: RecordScore; run: string }): React.ReactElement {
  const { detail, score, run, onOpenRun, trans } = props;
  const name = own(detail.scored_runs, run);
  const model = score.model ? brief(score.model) : trans.__('a model');
  return (
    <>
      {trans.__('%1 of run', model)}{' '}
      <button type="button" className="bioml-Link" title={printable(run)} onClick={() => onOpenRun(run)}>
        {name === undefined ? shortId(run) : <Name text={name} />}
      </button>
    </>
  );
}
