import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';

/** What is said of a run: MLflow calls one KILLED that its user stopped; people do not. */
export type State = RunRow['state'] | 'INTERRUPTED';

/** How a run ended, or that it runs. */
export function stateOf(row: Pick<RunRow, 'state' | 'interrupted'>): State {
  return row.interrupted ? 'INTERRUPTED' : row.state;
}

/** The sign of a state, which stands beside its word or name. */
export const SIGNS: Readonly<Record<State, string>> = {
  RUNNING: '◐',
  FINISHED: '●',
  FAILED: '✗',
  KILLED: '⊘',
  INTERRUPTED: '⊘'
};

/** The word of a state; never its colour alone. */
export function stateWord(state: State, trans: TranslationBundle): string {
  switch (state) {
    case 'RUNNING':
      return trans.__('running');
    case 'FINISHED':
      return trans.__('finished');
    case 'FAILED':
      return trans.__('failed');
    case 'KILLED':
      return trans.__('killed');
    case 'INTERRUPTED':
      return trans.__('interrupted');
  }
}

/** State as sign and word. */
export function StateSign(props: { state: State; trans: TranslationBundle }): React.ReactElement {
  return (
    <span className={`bioml-State bioml-mod-${props.state.toLowerCase()}`}>
      <span aria-hidden="true">{SIGNS[props.state]}</span> {stateWord(props.state, props.trans)}
    </span>
  );
}
