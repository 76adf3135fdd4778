import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';
import { formatAgo, formatDuration, formatNumber, printable } from '../model/format';
import { stateOf, StateSign, stateWord } from './RunState';

/** Characters of a name in a title. */
const SHOWN = 80;

/** The state of a cell's last run, at the edge of the cell. */
export function RunBadge(props: {
  row: RunRow;
  /** The cell was edited since. */
  stale: boolean;
  /** Null where there is no page to open. */
  onOpen: (() => void) | null;
  /** Seconds since the epoch. */
  now: number;
  trans: TranslationBundle;
}): React.ReactElement {
  const { row, stale, onOpen, trans } = props;
  const name = printable(row.name).slice(0, SHOWN) || trans.__('(no name)');
  const label = stale
    ? trans.__('Run %1: %2; the cell has been edited since', name, stateWord(stateOf(row), trans))
    : trans.__('Run %1: %2', name, stateWord(stateOf(row), trans));
  return (
    <button
      type="button"
      className={`bioml-Badge${stale ? ' bioml-mod-stale' : ''}`}
      aria-label={label}
      title={[label, ...facts(props), onOpen ? trans.__('Click to open the run') : '']
        .filter(Boolean)
        .join('\n')}
      disabled={onOpen === null}
      onClick={event => {
        event.stopPropagation();
        onOpen?.();
      }}
    >
      <StateSign state={stateOf(row)} trans={trans} />
      {stale && <span className="bioml-BadgeStale"> · {trans.__('edited since')}</span>}
    </button>
  );
}

function facts(props: { row: RunRow; now: number; trans: TranslationBundle }): string[] {
  const { row, now, trans } = props;
  const metric = Object.entries(row.metrics)[0];
  const times = [
    row.started === null ? '' : formatAgo(row.started, now, trans),
    row.duration === null ? '' : formatDuration(row.duration)
  ];
  return [
    times.filter(Boolean).join(' · '),
    row.error ? printable(row.error).slice(0, 200) : '',
    metric ? `${printable(metric[0]).slice(0, SHOWN)} ${formatNumber(metric[1])}` : ''
  ];
}
