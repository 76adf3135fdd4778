import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Best, RunRow } from '../../api/wire';
import { differenceToBest } from '../../model/difference';
import * as format from '../../model/format';
import { paramsText } from '../../model/children';
import type { IChild, IGroup } from '../../model/groups';
import { own } from '../../model/own';
import type { IWideColumn } from '../../model/wide';
import { Name } from '../Figure';
import { RunKind } from '../RunKind';
import { RunProgress } from '../RunProgress';
import { SIGNS, stateOf, stateWord } from '../RunState';
import { TaintBadge } from '../Taint';
import { VerdictSign } from '../Verdict';

/** Longest part of a name or error that is shown: a line shows less anyway, and 10 kB make a title useless. */
const SHOWN = 300;
/** Parameters that stand on the line of a run which is a part of another. */
const PARAMS = 6;

function shown(text: string): string {
  return format.printable(text.slice(0, SHOWN));
}

interface IRunLineProps {
  row: RunRow;
  metric: string;
  best: Best | undefined;
  /** Seconds since the epoch. */
  now: number;
  /** The notebook is worth a word: runs of several are listed. */
  withNotebook: boolean;
  /** It is being reproduced. */
  isReproducing?: boolean;
  /** It is a part of the run above it. */
  child?: IChild;
  /** Whether the runs in it are shown; undefined: there are none. */
  isOpen?: boolean;
  /** Show or hide the runs in it. */
  onToggle?: () => void;
  /** What there is room for beside the metric. */
  columns?: readonly IWideColumn[];
  trans: TranslationBundle;
}

/** One run on two lines: what it is and how good, then when, and what is odd about it; more figures beside them. */
export function RunLine(props: IRunLineProps): React.ReactElement {
  const { row, columns = [] } = props;
  if (columns.length === 0) {
    return <TwoLines {...props} />;
  }
  return (
    <div className="bioml-Line-wide">
      <div className="bioml-Line-both">
        <TwoLines {...props} />
      </div>
      {columns.map(column => (
        <Column key={`${column.kind}:${column.key}`} row={row} column={column} />
      ))}
    </div>
  );
}

/** A figure above its name. */
function Column(props: { row: RunRow; column: IWideColumn }): React.ReactElement {
  const { row, column } = props;
  const value = own<format.Figure>(column.kind === 'metric' ? row.metrics : row.params, column.key);
  const key = shown(column.key);
  return (
    <div className="bioml-Line-column" title={`${key}: ${shown(format.formatExact(value))}`}>
      <div className="bioml-Line-main bioml-figure">{shown(format.formatNumber(value))}</div>
      <div className="bioml-Line-key bioml-soft">
        <Name text={column.key.slice(0, SHOWN)} />
      </div>
    </div>
  );
}

function TwoLines(props: IRunLineProps): React.ReactElement {
  const { row, trans } = props;
  // of a run among its siblings its parameters say what it is, and more than one stands on the second line
  const [key, ...keys] = props.child?.keys.slice(0, PARAMS) ?? [];
  const isSibling = key !== undefined;
  return (
    <>
      <div className="bioml-Line-main">
        <span className={`bioml-Sign bioml-mod-${stateOf(row).toLowerCase()}`} aria-hidden="true">
          {SIGNS[stateOf(row)]}
        </span>
        {isSibling ? (
          <LineName
            text={paramsText(row, [key])}
            title={`${shown(row.name)}: ${paramsText(row, [key, ...keys], true)}`}
          />
        ) : (
          <LineName text={row.name} />
        )}
        {row.starred && (
          <span
            className="bioml-Line-star"
            role="img"
            aria-label={trans.__('starred')}
            title={trans.__('starred')}
          >
            ☆
          </span>
        )}
        <Metric {...props} />
      </div>
      <div className="bioml-Line-more">
        <Disclosure {...props} />
        {!props.child && <RunKind row={row} trans={trans} />}
        {isSibling && <LineName text={keys.length > 0 ? paramsText(row, keys) : row.name} />}
        <span className={`bioml-State bioml-mod-${stateOf(row).toLowerCase()}`}>
          {stateWord(stateOf(row), trans)}
        </span>
        {(!isSibling || row.state === 'RUNNING') && <When row={row} now={props.now} trans={trans} />}
        <Marks {...props} />
      </div>
    </>
  );
}

/** Says how many runs are in it; the line itself says to screen readers whether they are shown. */
function Disclosure(props: IRunLineProps): React.ReactElement | null {
  const { row, isOpen, onToggle, trans } = props;
  if (isOpen === undefined) {
    return null;
  }
  const stop = (event: React.MouseEvent): void => event.stopPropagation();
  return (
    <span
      className="bioml-Line-runs"
      title={
        isOpen ? trans.__('Hide the runs in it (arrow left)') : trans.__('Show the runs in it (arrow right)')
      }
      onClick={event => {
        stop(event);
        onToggle?.();
      }}
      onDoubleClick={stop}
    >
      <span aria-hidden="true">{isOpen ? '▾' : '▸'}</span>{' '}
      {trans._n('%2 run', '%2 runs', row.children, format.formatNumber(row.children))}
    </span>
  );
}

/** A name that can neither move nor forge what stands around it. */
function LineName(props: { text: string; title?: string }): React.ReactElement {
  return (
    <span className="bioml-Line-name">
      <Name text={props.text.slice(0, SHOWN)} title={props.title} />
    </span>
  );
}

function Metric(props: IRunLineProps): React.ReactElement | null {
  const { row, metric, best, trans } = props;
  const value = own(row.metrics, metric);
  if (value === undefined) {
    return (
      <span className="bioml-Line-metric bioml-soft">
        <span className="bioml-figure">{metric === '' ? '' : format.ABSENT}</span>
        <span className="bioml-Line-rank" />
      </span>
    );
  }
  const isBest = best?.record_id === row.record_id;
  const name = shown(metric);
  const exact = format.formatExact(value);
  const title = isBest
    ? trans.__('%1: %2, the best', name, exact)
    : best
      ? trans.__('%1: %2, best %3', name, exact, format.formatExact(best.value))
      : trans.__('%1: %2', name, exact);
  return (
    <span className="bioml-Line-metric" title={title}>
      <span className="bioml-figure">{format.formatNumber(value)}</span>
      <span className="bioml-Line-rank">
        {isBest ? (
          <span role="img" aria-label={trans.__('best')}>
            ★
          </span>
        ) : (
          best && differenceToBest(value, best.value)
        )}
      </span>
    </span>
  );
}

function When(props: { row: RunRow; now: number; trans: TranslationBundle }): React.ReactElement {
  const { row, now, trans } = props;
  const isRunning = row.state === 'RUNNING' && row.started !== null;
  const text = isRunning
    ? format.formatClock(now - (row.started ?? now))
    : format.formatAgo(row.started, now, trans);
  const title = row.duration === null || isRunning ? '' : `, ${format.formatDuration(row.duration)}`;
  return (
    <span className={isRunning ? 'bioml-figure' : ''} title={format.formatTime(row.started) + title}>
      {text}
    </span>
  );
}

function Marks(props: IRunLineProps): React.ReactElement {
  const { row, trans } = props;
  // what its user stopped needs no reason
  const error = row.error === null || row.interrupted ? null : shown(row.error);
  return (
    <>
      <RunProgress row={row} trans={trans} />
      {row.usage && <Usage usage={row.usage} trans={trans} />}
      {error !== null && (
        <span className="bioml-Line-error" title={error}>
          <bdi>{error}</bdi>
        </span>
      )}
      {props.isReproducing ? (
        <Badge title={trans.__('It is running again in a fresh kernel and folder')}>
          {trans.__('reproducing…')}
        </Badge>
      ) : (
        row.verdict && (
          <Badge
            title={
              row.verdict_basis
                ? trans.__('Verdict of its reproduction, based on %1', shown(row.verdict_basis))
                : trans.__('Verdict of its reproduction')
            }
          >
            <VerdictSign text={row.verdict} trans={trans} />
          </Badge>
        )
      )}
      <TaintBadge level={row.taint} trans={trans} />
      {row.data_changed === true && (
        <Badge title={trans.__('It read different data from the previous run with this name')}>
          {trans.__('data changed')}
        </Badge>
      )}
      {row.environment_changed === true && (
        <Badge title={trans.__('It ran with different packages from the previous run with this name')}>
          {trans.__('env. changed')}
        </Badge>
      )}
      {row.archived && (
        <Badge title={trans.__('Hidden unless archived runs are shown')}>{trans.__('archived')}</Badge>
      )}
      {!row.published && row.state !== 'RUNNING' && (
        <Badge title={trans.__('Not in MLflow yet; kept in the journal')}>{trans.__('waiting')}</Badge>
      )}
      {props.withNotebook && row.notebook !== null && (
        <span className="bioml-Line-notebook">
          <Name text={row.notebook.slice(0, SHOWN)} />
        </span>
      )}
    </>
  );
}

function Usage(props: { usage: NonNullable<RunRow['usage']>; trans: TranslationBundle }): React.ReactElement {
  const { cpu_percent: cpu, rss } = props.usage;
  return (
    <span className="bioml-figure bioml-Line-usage" title={props.trans.__('CPU and memory now')}>
      {format.formatPercent(cpu)} · {format.formatBytes(rss)}
    </span>
  );
}

function Badge(props: { title: string; children: React.ReactNode }): React.ReactElement {
  return (
    <span className="bioml-Mark" title={props.title}>
      {props.children}
    </span>
  );
}

/** The runs of one name on two lines: how many and the best, then the latest. */
export function GroupLine(props: {
  group: IGroup;
  isOpen: boolean;
  metric: string;
  best: Best | undefined;
  now: number;
  trans: TranslationBundle;
}): React.ReactElement {
  const { group, metric, now, trans } = props;
  const { latest } = group;
  const value = own(latest.metrics, metric);
  return (
    <>
      <div className="bioml-Line-main">
        <span className="bioml-Sign" aria-hidden="true">
          {props.isOpen ? '▾' : '▸'}
        </span>
        <LineName text={group.name} />
        <span className="bioml-Line-count bioml-soft">
          {trans._n('%2 run', '%2 runs', group.rows.length, format.formatNumber(group.rows.length))}
        </span>
        {group.best && (
          <Metric
            row={group.best}
            metric={metric}
            best={props.best}
            now={now}
            withNotebook={false}
            trans={trans}
          />
        )}
      </div>
      <div className="bioml-Line-more">
        <span title={format.formatTime(latest.started)}>
          {trans.__('latest %1', format.formatAgo(latest.started, now, trans))}
        </span>
        <span className={`bioml-State bioml-mod-${stateOf(latest).toLowerCase()}`}>
          <span aria-hidden="true">{SIGNS[stateOf(latest)]}</span> {stateWord(stateOf(latest), trans)}
        </span>
        {value !== undefined && (
          <span className="bioml-figure" title={format.formatExact(value)}>
            {format.formatNumber(value)}
          </span>
        )}
      </div>
    </>
  );
}
