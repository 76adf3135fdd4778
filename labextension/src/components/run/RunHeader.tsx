import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunDetail } from '../../api/wire';
import { formatDuration, printable, shortId } from '../../model/format';
import { CopyButton } from '../CopyButton';
import { Figure, Moment, Name } from '../Figure';
import { ReproduceButton } from '../ReproduceButton';
import { type IReproduce, Reproduction } from '../Reproduction';
import { RunKind } from '../RunKind';
import { RunProgress } from '../RunProgress';
import { stateOf, StateSign } from '../RunState';
import { TaintBadge } from '../Taint';
import { VerdictAndBasis } from '../Verdict';

export interface IRunHeaderProps {
  detail: RunDetail;
  /** Seconds since the epoch. */
  now: number;
  /** Where the run can be downloaded. */
  exportUrl: string;
  /** The address to share. */
  link: string;
  onOpenCell: () => void;
  onCompare: (id: string) => void;
  onOpenRun: (id: string) => void;
  /** Absent where the run cannot be registered. */
  onRegister?: () => void;
  /** Stop it while it runs; absent where that cannot be done. */
  onStop?: () => void;
  /** null where runs cannot be reproduced. */
  reproduce: IReproduce | null;
  trans: TranslationBundle;
}

/** Which run this is, how it ended, where it came from, and what can be done with it. */
export function RunHeader(props: IRunHeaderProps): React.ReactElement {
  const { detail, exportUrl, link, onCompare, onRegister, reproduce, trans } = props;
  const { row, previous } = detail;
  return (
    <header className="bioml-PageHeader">
      <div className="bioml-PageTitle">
        <h1>
          {row.starred && (
            <span role="img" aria-label={trans.__('starred')}>
              ★
            </span>
          )}
          <Name text={row.name} />
        </h1>
        <StateSign state={stateOf(row)} trans={trans} />
        <RunKind row={row} trans={trans} />
        <RunProgress row={row} hasBar={true} trans={trans} />
        <div className="bioml-Actions">
          {row.state === 'RUNNING' && row.notebook !== null && props.onStop && (
            <button
              type="button"
              className="bioml-Button"
              title={trans.__('Interrupt its kernel')}
              onClick={props.onStop}
            >
              {trans.__('Stop')}
            </button>
          )}
          {onRegister && (
            <button type="button" className="bioml-Button bioml-mod-first" onClick={onRegister}>
              {trans.__('Register…')}
            </button>
          )}
          {reproduce && <ReproduceButton row={row} reproduce={reproduce} trans={trans} />}
          {previous && (
            <button type="button" className="bioml-Button" onClick={() => onCompare(previous.record_id)}>
              {trans.__('Compare with previous')}
            </button>
          )}
          {detail.links.mlflow !== null && (
            <a className="bioml-Button" href={detail.links.mlflow} target="_blank" rel="noopener noreferrer">
              {trans.__('Open in MLflow')}
            </a>
          )}
          {detail.links.mlflow_command !== null && (
            <CopyButton
              text={detail.links.mlflow_command}
              label={trans.__(
                'MLflow’s own UI is not running: paste this command into a terminal, then open the address it prints\n\n%1',
                printable(detail.links.mlflow_command)
              )}
              trans={trans}
            >
              {trans.__('Copy MLflow command')}
            </CopyButton>
          )}
          <a className="bioml-Button" href={exportUrl} download>
            {trans.__('Export')}
          </a>
          <CopyButton text={link} label={trans.__('Copy the address of this page')} trans={trans}>
            {trans.__('Copy link')}
          </CopyButton>
        </div>
      </div>
      <Facts {...props} />
      {reproduce && <Reproduction reproduce={reproduce} trans={trans} />}
    </header>
  );
}

function Facts(props: IRunHeaderProps): React.ReactElement {
  const { detail, now, onOpenCell, onOpenRun, trans } = props;
  const { row, record, git } = detail;
  return (
    <div className="bioml-Facts">
      {row.notebook && (
        <button type="button" className="bioml-Link" onClick={onOpenCell} title={trans.__('Go to the cell')}>
          <Name text={row.notebook} /> ▸{' '}
          {row.execution_count === null ? trans.__('cell') : trans.__('cell [%1]', row.execution_count)}
        </button>
      )}
      <Moment at={row.started} now={now} trans={trans} />
      {row.duration !== null && (
        <Figure value={row.duration} text={formatDuration(row.duration)} unit="s" trans={trans} />
      )}
      {record.user && <Name text={trans.__('by %1', record.user)} />}
      {git?.commit && (
        <span title={git.commit}>
          {trans.__('commit %1', shortId(git.commit))}
          {git.dirty && <span className="bioml-Mark"> {trans.__('+ changes')}</span>}
          <CopyButton text={git.commit} label={trans.__('Copy the commit')} trans={trans} />
        </span>
      )}
      <span>
        {trans.__('verdict:')}{' '}
        {row.verdict ? (
          <VerdictAndBasis text={row.verdict} basis={row.verdict_basis} trans={trans} />
        ) : (
          trans.__('not checked')
        )}
      </span>
      <TaintBadge level={row.taint} trans={trans} />
      {row.parent && (
        <button type="button" className="bioml-Link" onClick={() => onOpenRun(row.parent ?? '')}>
          {trans.__('part of run %1', shortId(row.parent))}
        </button>
      )}
      {row.reproduces && (
        <button type="button" className="bioml-Link" onClick={() => onOpenRun(row.reproduces ?? '')}>
          {trans.__('reproduction of %1', shortId(row.reproduces))}
        </button>
      )}
      <span title={row.record_id}>
        {trans.__('run %1', shortId(row.record_id))}
        <CopyButton text={row.record_id} label={trans.__('Copy the run ID')} trans={trans} />
      </span>
      {row.run_id !== null && (
        <span className="bioml-soft" title={row.run_id}>
          {trans.__('MLflow run %1', shortId(row.run_id))}
          <CopyButton text={row.run_id} label={trans.__('Copy the MLflow run ID')} trans={trans} />
        </span>
      )}
      {!row.published && <span className="bioml-soft">{trans.__('not in MLflow yet')}</span>}
    </div>
  );
}
