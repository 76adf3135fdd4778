import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';
import { isUnderWay } from '../model/jobs';
import type { IReproduce } from './Reproduction';

/** Starts a reproduction; while it cannot, the button stays in its place and says why. */
export function ReproduceButton(props: {
  /** null: no run is chosen, or several are. */
  row: RunRow | null;
  reproduce: IReproduce | null;
  trans: TranslationBundle;
}): React.ReactElement {
  const { row, reproduce, trans } = props;
  const obstacle = obstacleOf(row, reproduce, trans);
  return (
    <button
      type="button"
      className="bioml-Button"
      aria-disabled={obstacle !== null}
      title={obstacle ?? trans.__('Run its cells again in a fresh kernel and folder, and compare')}
      onClick={() => obstacle === null && reproduce?.onStart()}
    >
      {trans.__('Reproduce')}
    </button>
  );
}

function obstacleOf(
  row: RunRow | null,
  reproduce: IReproduce | null,
  trans: TranslationBundle
): string | null {
  if (row === null || reproduce === null) {
    return trans.__('Select one run');
  }
  if (row.state === 'RUNNING') {
    return trans.__('The run has not finished yet');
  }
  return isUnderWay(reproduce.now) ? trans.__('The run is being reproduced') : null;
}
