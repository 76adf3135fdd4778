import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { ModelVersion, RunRow } from '../api/wire';
import type { ICardFigure, ICardView } from '../model/card';
import { formatDuration, formatTime, printable, shortId } from '../model/format';
import { ReproduceButton } from './ReproduceButton';
import { type IReproduce, Reproduction } from './Reproduction';
import { stateOf, StateSign } from './RunState';
import { TaintBadge } from './Taint';
import { VerdictAndBasis } from './Verdict';

/** Characters of a name and of an error's line. */
const NAME = 80;
const LINE = 200;

/** What the buttons do; null: the button is not shown. */
export interface ICardActions {
  open: (() => void) | null;
  /** With the previous run of the name. */
  compare: (() => void) | null;
  register: (() => void) | null;
  reproduce: IReproduce | null;
  /** Run the notebook again from its first cell on, tracked, down to this cell. */
  restart: (() => void) | null;
}

/** The run card: four lines, filled with what the server says now. */
export function RunCard(props: {
  row: RunRow;
  view: ICardView;
  versions: readonly ModelVersion[];
  actions: ICardActions;
  trans: TranslationBundle;
}): React.ReactElement {
  const { row, view, versions, trans } = props;
  const name = printable(row.name) || trans.__('(no name)');
  const shown = name.length > NAME ? `${name.slice(0, NAME - 1)}…` : name;
  const allPrinted = view.metrics.length > 1 && view.metrics.every(figure => figure.printed);
  return (
    <div
      className={`bioml-Card bioml-mod-${stateOf(row).toLowerCase()}`}
      role="group"
      aria-label={trans.__('Run %1', shown)}
    >
      <div className="bioml-CardHead">
        <strong className="bioml-CardName" title={name}>
          {shown}
        </strong>
        <StateSign state={stateOf(row)} trans={trans} />
        <span className="bioml-soft" title={trans.__('started %1', formatTime(row.started))}>
          {[
            row.duration === null ? '' : formatDuration(row.duration),
            trans.__('run %1', shortId(row.record_id))
          ]
            .filter(Boolean)
            .join(' · ')}
        </span>
        <Actions {...props.actions} row={row} name={shown} trans={trans} />
      </div>
      {view.joined !== null && <div className="bioml-CardLine bioml-soft">{view.joined}</div>}
      {view.untracked !== null && (
        <div className="bioml-CardUntracked" role="note">
          <span aria-hidden="true">⚠ </span>
          <bdi>{view.untracked}</bdi>{' '}
          {props.actions.restart && (
            <button
              type="button"
              className="bioml-LinkButton"
              title={trans.__('Restart the kernel and run the cells above again, tracked, down to this one')}
              onClick={props.actions.restart}
            >
              {trans.__('Restart and run to here')}
            </button>
          )}
        </div>
      )}
      {row.error && !row.interrupted && (
        <div className="bioml-CardError bioml-error" title={printable(row.error)}>
          {printable(row.error).slice(0, LINE)}
        </div>
      )}
      <div className="bioml-CardMetrics">
        {view.metrics.length === 0 && <span className="bioml-soft">{noMetrics(view.values, trans)}</span>}
        {view.metrics.map((figure, index) => (
          <Metric
            key={index}
            figure={figure}
            first={index === 0}
            marked={figure.printed && !allPrinted}
            trans={trans}
          />
        ))}
        {allPrinted && <span className="bioml-soft">({trans.__('as printed')})</span>}
        <More count={view.moreMetrics} trans={trans} />
      </div>
      <div className="bioml-CardLine bioml-soft">
        <span>
          {view.params.length === 0
            ? trans.__('no parameters')
            : view.params.map(one => (
                <span key={one.key} className="bioml-CardParam" title={one.full}>
                  {one.key} {one.text}
                </span>
              ))}
          <More count={view.moreParams} trans={trans} />
        </span>
        {view.data.length > 0 && <span>{view.data.join(', ')}</span>}
        <span>{view.before}</span>
        {view.unknown !== null && <span>{view.unknown}</span>}
        {row.environment_changed && <span>{trans.__('environment changed')}</span>}
      </div>
      <div className="bioml-CardLine bioml-soft">
        <span>{view.resources.join(' · ')}</span>
        <span>
          {trans.__('verdict:')}{' '}
          {row.verdict ? (
            <VerdictAndBasis text={row.verdict} basis={row.verdict_basis} trans={trans} />
          ) : (
            trans.__('not checked')
          )}
        </span>
        <TaintBadge level={row.taint} trans={trans} />
        {versions.slice(0, 2).map(version => (
          <span key={`${version.name}/${version.version}`}>{registered(version, trans)}</span>
        ))}
        {!row.published && <span>{trans.__('not in MLflow yet')}</span>}
      </div>
      {props.actions.reproduce && <Reproduction reproduce={props.actions.reproduce} trans={trans} />}
    </div>
  );
}

/** What is said in place of metrics. */
function noMetrics(values: number, trans: TranslationBundle): string {
  return values ? trans._n('no metrics, %1 value', 'no metrics, %1 values', values) : trans.__('no metrics');
}

function registered(version: ModelVersion, trans: TranslationBundle): string {
  const aliases = version.aliases.map(alias => ` @${printable(alias)}`).join('');
  const name = printable(version.name).slice(0, NAME);
  return trans.__('registered: %1 v%2', name, version.version) + aliases;
}

function Metric(props: {
  figure: ICardFigure;
  first: boolean;
  /** It says that it is only known as it was printed. */
  marked: boolean;
  trans: TranslationBundle;
}): React.ReactElement {
  const { figure, first, marked, trans } = props;
  return (
    <span className="bioml-CardMetric" title={figure.full}>
      {figure.key} <strong>{figure.text}</strong>
      {marked && <span className="bioml-soft"> {trans.__('as printed')}</span>}
      {figure.change !== null && (
        <span className="bioml-CardChange">
          {' '}
          {figure.change}
          {first ? ` ${trans.__('vs previous')}` : ''}
        </span>
      )}
    </span>
  );
}

function More(props: { count: number; trans: TranslationBundle }): React.ReactElement | null {
  return props.count > 0 ? (
    <span className="bioml-soft">{props.trans.__('+ %1 more', String(props.count))}</span>
  ) : null;
}

function Actions(
  props: ICardActions & { row: RunRow; name: string; trans: TranslationBundle }
): React.ReactElement {
  const { row, name, reproduce, trans } = props;
  const buttons = [
    { run: props.open, label: trans.__('Open'), title: trans.__('Open the page of %1', name) },
    {
      run: props.compare,
      label: trans.__('Compare'),
      title: trans.__('Compare %1 with the previous run with this name', name)
    },
    {
      run: props.register,
      label: trans.__('Register'),
      title: trans.__('Make a model version from %1', name)
    }
  ];
  return (
    <span className="bioml-CardActions">
      {buttons.map(
        ({ run, label, title }) =>
          run && (
            <button key={label} type="button" className="bioml-Button" title={title} onClick={run}>
              {label}
            </button>
          )
      )}
      {reproduce && <ReproduceButton row={row} reproduce={reproduce} trans={trans} />}
    </span>
  );
}
