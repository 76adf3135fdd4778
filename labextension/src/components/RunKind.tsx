import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../api/wire';

/** Says what a run is, where it is not the run of one cell: part of a sweep, or the sweep itself. */
export function RunKind(props: { row: RunRow; trans: TranslationBundle }): React.ReactElement | null {
  const { row, trans } = props;
  if (row.mark !== 'sweep') {
    return null;
  }
  return (
    <span className="bioml-Tag" title={trans.__('Runs the same code with different parameters')}>
      {trans.__('sweep')}
    </span>
  );
}
