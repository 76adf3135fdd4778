import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { brief, formatAgo, formatClock, formatTime, shortId } from '../model/format';
import { type IReproduction, isUnderWay } from '../model/jobs';
import { own } from '../model/own';
import { outcomeOf } from '../model/verdict';
import { CopyButton } from './CopyButton';
import { Problem } from './Notice';
import { useNow } from './sidebar/useNow';
import { VerdictSign } from './Verdict';

/** Characters of a name, a line of progress, and a text of the verdict. */
const NAME = 80;
const LINE = 300;
const TEXT = 1000;
/** Lines that are shown at most. */
const LINES = 50;

/** What is known of making a run again, and what can be done about it. */
export interface IReproduce {
  /** null: nothing is. */
  now: IReproduction | null;
  onStart: () => void;
  onCancel: () => void;
  /** Hide the result. */
  onHide: () => void;
  /** null: there are no pages. */
  onOpenRun: ((id: string) => void) | null;
  /** Set the run that it made beside the first one. */
  onCompare: ((id: string) => void) | null;
}

/** How far making a run again is, or what came of it; nothing where nothing is known. */
export function Reproduction(props: {
  reproduce: IReproduce;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { reproduce, trans } = props;
  return reproduce.now && <Shown reproduce={reproduce} now={reproduce.now} trans={trans} />;
}

interface IShownProps {
  reproduce: IReproduce;
  now: IReproduction;
  trans: TranslationBundle;
}

/** What is shown of it: one line that stays where it is from the beginning to the end, and more below. */
interface IParts {
  said: React.ReactNode;
  time: React.ReactNode;
  actions: React.ReactNode;
  more: React.ReactNode;
}

function Shown(props: IShownProps): React.ReactElement {
  const { now, trans } = props;
  const goesOn = isUnderWay(now);
  const time = useNow(goesOn);
  const parts = goesOn ? underWay(props, time) : now.phase === 'done' ? done(props) : undone(props);
  const ended = now.job?.ended ?? null;
  return (
    <div
      className={`bioml-Reproduction bioml-mod-${now.phase}`}
      role="group"
      aria-label={trans.__('Reproduction of %1', brief(now.name, NAME) || shortId(now.run))}
      data-run={now.run}
    >
      <div className="bioml-ReproductionHead">
        <span className="bioml-ReproductionSaid" role="status">
          {parts.said}
        </span>
        {parts.time}
        {ended !== null && (
          <span className="bioml-ReproductionTime bioml-soft" title={formatTime(ended)}>
            {formatAgo(ended, time, trans)}
          </span>
        )}
        <span className="bioml-ReproductionActions">
          {parts.actions}
          {!goesOn && <Hide {...props} />}
        </span>
      </div>
      {parts.more}
    </div>
  );
}

function underWay({ reproduce, now, trans }: IShownProps, time: number): IParts {
  const { job, phase } = now;
  const lines = job?.progress ?? [];
  const words = {
    starting: trans.__('Starting…'),
    cancelling: trans.__('Stopping…')
  };
  return {
    said: (
      <>
        <span className="bioml-ReproductionWheel" aria-hidden="true" />
        <strong>{own(words, phase) ?? trans.__('Reproducing…')}</strong>{' '}
        {phase === 'running' && <bdi>{brief(lines[lines.length - 1] ?? '', LINE)}</bdi>}
      </>
    ),
    time: job && (
      <span
        className="bioml-ReproductionTime bioml-figure bioml-soft"
        role="timer"
        title={trans.__('since %1', formatTime(job.started))}
      >
        {formatClock(time - job.started)}
      </span>
    ),
    actions: (
      <button
        type="button"
        className="bioml-Button"
        aria-disabled={phase !== 'running'}
        title={trans.__('Stop it and every process it started')}
        onClick={() => phase === 'running' && reproduce.onCancel()}
      >
        {trans.__('Cancel')}
      </button>
    ),
    more: (
      <>
        {now.error && (
          <Problem
            error={now.error}
            kept={trans.__('The reproduction continues; its progress will be read again.')}
            trans={trans}
          />
        )}
        {lines.length > 1 && <More words={trans.__('Output')} lines={lines} />}
      </>
    )
  };
}

function done({ reproduce, now, trans }: IShownProps): IParts {
  const { onOpenRun, onCompare } = reproduce;
  const { verdict, sentence, cause, basis, repair, newRun, notes } = outcomeOf(now.job?.result ?? null);
  return {
    said: (
      <>
        <strong>
          <VerdictSign text={verdict || trans.__('no verdict')} trans={trans} />
        </strong>
        {sentence !== null && (
          <>
            {' · '}
            <bdi>{brief(sentence, TEXT)}</bdi>
          </>
        )}
      </>
    ),
    time: null,
    actions: newRun !== null && (
      <>
        {onOpenRun && (
          <button type="button" className="bioml-Button" onClick={() => onOpenRun(newRun)}>
            {trans.__('Open new run')}
          </button>
        )}
        {onCompare && (
          <button
            type="button"
            className="bioml-Button"
            title={trans.__('Compare the new run with the original')}
            onClick={() => onCompare(newRun)}
          >
            {trans.__('Compare with it')}
          </button>
        )}
      </>
    ),
    more: (
      <>
        {cause !== null && (
          <p>
            {trans.__('Cause:')} <bdi>{brief(cause, TEXT)}</bdi>
          </p>
        )}
        {basis !== null && (
          <p>
            {trans.__('Based on:')} <bdi>{brief(basis, TEXT)}</bdi>
          </p>
        )}
        {repair !== null && <Repair text={repair} trans={trans} />}
        {notes.length > 0 && <More words={trans._n('%1 remark', '%1 remarks', notes.length)} lines={notes} />}
      </>
    )
  };
}

/** It was stopped, failed, was refused, or is no longer known. */
function undone({ reproduce, now, trans }: IShownProps): IParts {
  if (now.phase === 'cancelled') {
    const said = (
      <>
        <span aria-hidden="true">■</span> {trans.__('Stopped. Its results so far are kept.')}
      </>
    );
    return { said, time: null, actions: null, more: null };
  }
  const lost = now.phase === 'lost';
  const unknown = new Error(trans.__('The server no longer knows about it; it may have been restarted.'));
  return {
    said: (
      <strong>
        <span aria-hidden="true">✗</span> {trans.__('Not reproduced')}
      </strong>
    ),
    time: null,
    actions: null,
    more: (
      <Problem
        error={now.error ?? unknown}
        kept={lost ? trans.__('Runs that had finished by then are kept.') : ''}
        onRetry={reproduce.onStart}
        trans={trans}
      />
    )
  };
}

/** What is offered to be copied is all seen: nothing in it is cut off or hidden. */
function Repair(props: { text: string; trans: TranslationBundle }): React.ReactElement {
  const { text, trans } = props;
  const lines = text.split('\n').slice(0, LINES);
  const shown = lines.map(line => brief(line, TEXT)).join('\n');
  return (
    <p className="bioml-ReproductionRepair">
      <span>{trans.__('Repair:')}</span> <code>{shown}</code>{' '}
      {shown === text && <CopyButton text={text} label={trans.__('Copy the repair')} trans={trans} />}
    </p>
  );
}

function Hide(props: IShownProps): React.ReactElement {
  const words = props.trans.__('Hide the result');
  return (
    <button
      type="button"
      className="bioml-SignButton"
      aria-label={words}
      title={words}
      onClick={props.reproduce.onHide}
    >
      ✕
    </button>
  );
}

function More(props: { words: string; lines: readonly string[] }): React.ReactElement {
  return (
    <details className="bioml-ReproductionMore">
      <summary>{props.words}</summary>
      <ul>
        {props.lines.slice(0, LINES).map((line, index) => (
          <li key={index}>{brief(line, TEXT)}</li>
        ))}
      </ul>
    </details>
  );
}
