import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';

type State = RunRow['state'];

/** The sign of a state, which stands beside its word or name. */
export const SIGNS: Readonly<Record<State, string>> = {
  RUNNING: '◐',
  FINISHED: '●',
  FAILED: '✗',
  KILLED: '■'
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
