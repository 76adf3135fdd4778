import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunPage } from '../api/wire';
import { printable } from '../model/format';
import { Problem } from './Notice';

/** What is wrong with a list of runs, or not whole, while runs are shown all the same. */
export function ListNotices(props: {
  error: Error | null;
  page: RunPage | null;
  /** What is shown in spite of an error. */
  kept: string;
  onRetry: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { error, page, trans } = props;
  return (
    <>
      {error && <Problem error={error} kept={props.kept} onRetry={props.onRetry} trans={trans} />}
      {page && page.down !== null && (
        <p className="bioml-Banner" role="status">
          <span aria-hidden="true">⚠ </span>
          {trans.__('The tracking server does not answer (%1).', printable(page.down.slice(0, 300)))}{' '}
          {trans.__('Runs in the journal are shown. New runs are kept and published when it is back.')}
        </p>
      )}
      {page?.loading && (
        <p className="bioml-Banner" role="status">
          {trans.__('Still reading MLflow: the list is incomplete.')}
        </p>
      )}
      {page?.problems.map(problem => (
        <p key={problem} className="bioml-Banner">
          <span aria-hidden="true">⚠ </span>
          {printable(problem.slice(0, 300))}
        </p>
      ))}
    </>
  );
}
