import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { Status } from '../api/wire';
import { formatBytes, formatNumber, printable } from '../model/format';
import { shortName } from '../model/name';
import type { TrackingState } from '../tokens';
import { Loading } from './Notice';
import { untrackedText } from './TrackToggle';

/** Runs that the list names. */
const LISTED = 20;

/** Tracking of the notebook in front in words; null: no notebook. */
export function trackingWord(state: TrackingState | null, trans: TranslationBundle): string {
  switch (state) {
    case 'on':
      return trans.__('tracking on');
    case 'auto':
      return trans.__('tracking every cell');
    case 'off':
      return trans.__('tracking off');
    case 'broken':
      return trans.__('tracking broken');
    case 'unknown':
      return trans.__('tracking unknown');
    case null:
      return trans.__('experiments');
  }
}

/** One line for the status bar: whether the notebook is tracked, and how many runs wait. */
export function StatusItem(props: {
  state: TrackingState | null;
  status: Status | null;
  onClick: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { state, status, trans } = props;
  const waiting = status?.waiting.length ?? 0;
  const elsewhere = (status?.elsewhere ?? []).reduce((sum, place) => sum + place.waiting.length, 0);
  const text = [
    trackingWord(state, trans),
    waiting > 0 ? trans.__('%1 waiting', formatNumber(waiting)) : '',
    elsewhere > 0 ? trans.__('%1 waiting elsewhere', formatNumber(elsewhere)) : ''
  ]
    .filter(part => part !== '')
    .join(' · ');
  const disk = status?.disk ?? null;
  const isTrouble = state === 'broken' || disk !== null || (status !== null && status.down !== null);
  return (
    <button
      type="button"
      className="bioml-StatusItem"
      title={
        disk === null
          ? trans.__('Experiments: what is tracked, and which runs wait to be published')
          : printable(disk)
      }
      aria-haspopup="dialog"
      onClick={props.onClick}
    >
      {isTrouble ? '⚠ ' : ''}
      {disk === null ? text : `${text} · ${trans.__('not saved')}`}
    </button>
  );
}

/** What waits and why, and where the runs are. */
export function StatusDetail(props: {
  state: TrackingState | null;
  /** Why tracking is as it is. */
  detail: string | null;
  /** Cells of its kernel that ran before tracking started. */
  untracked: number;
  status: Status | null;
  error: Error | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { state, detail, status, error, trans } = props;
  const dialog = React.useRef<HTMLDivElement>(null);
  // a popup hears Escape only while it has the focus
  React.useEffect(() => dialog.current?.focus(), []);
  return (
    <div
      ref={dialog}
      className="bioml-Waiting"
      role="dialog"
      aria-label={trans.__('Experiments')}
      tabIndex={-1}
    >
      {state !== null && (
        <p>
          <strong>{trackingWord(state, trans)}</strong>
          {detail === null ? '' : `: ${printable(detail)}`}
        </p>
      )}
      {props.untracked > 0 && <p>{untrackedText(props.untracked, trans)}</p>}
      {error && (
        <p className="bioml-error">
          {printable(error.message)} {trans.__('Runs are still kept in the journal.')}
        </p>
      )}
      {status === null && !error && <Loading trans={trans} />}
      {status && <Known status={status} trans={trans} />}
    </div>
  );
}

function Known(props: { status: Status; trans: TranslationBundle }): React.ReactElement {
  const { status, trans } = props;
  const { waiting } = status;
  const place = status.embedded ? trans.__('the project’s own database') : printable(status.destination);
  return (
    <>
      {status.disk !== null && (
        <p className="bioml-error" role="alert">
          {printable(status.disk)}
        </p>
      )}
      {status.down !== null && (
        <p className="bioml-error">
          {trans.__('MLflow does not answer: %1', printable(status.down))}{' '}
          {trans.__('Runs are kept in the journal and published when it is back.')}
        </p>
      )}
      {status.fallback !== null && <p>{printable(status.fallback)}</p>}
      <p>
        {waiting.length === 0
          ? trans.__('No runs are waiting: all finished runs are in MLflow.')
          : trans._n(
              'One run is waiting to be published:',
              '%1 runs are waiting to be published:',
              waiting.length
            )}
      </p>
      {waiting.length > 0 && (
        <ul>
          {waiting.slice(0, LISTED).map(run => (
            <li key={run.record_id}>
              <bdi>{shortName(run.name, 100)}</bdi>: {printable(run.reason)}
            </li>
          ))}
          {waiting.length > LISTED && <li>{trans.__('and %1 more', waiting.length - LISTED)}</li>}
        </ul>
      )}
      {status.elsewhere.map(place => (
        <p key={place.text} className={place.waiting.length > 0 ? 'bioml-error' : 'bioml-soft'}>
          {printable(place.text)}
        </p>
      ))}
      {status.problems.map(problem => (
        <p key={problem} className="bioml-error">
          {printable(problem)}
        </p>
      ))}
      <p className="bioml-soft">
        {trans.__('Runs are in %1; the journal takes %2.', place, formatBytes(status.size))}
      </p>
      <p className="bioml-soft">{printable(status.project)}</p>
    </>
  );
}
