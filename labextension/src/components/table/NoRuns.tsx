import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { TableModel } from '../../model/table/tablemodel';
import { Empty } from '../Notice';

/** Why no run is listed, and what would change that. */
export function NoRuns(props: { model: TableModel; trans: TranslationBundle }): React.ReactElement {
  const { model, trans } = props;
  if (model.view.where.trim() === '') {
    return (
      <Empty>
        {trans.__('No runs yet.')}{' '}
        {trans.__(
          'A tracked cell that begins with %1 or has the tag “%2” becomes a run.',
          '%%experiment',
          'experiment'
        )}
      </Empty>
    );
  }
  return (
    <Empty>
      {trans.__('No runs match the filter.')}{' '}
      <button type="button" className="bioml-LinkButton" onClick={() => model.show({ where: '' })}>
        {trans.__('Show all')}
      </button>
    </Empty>
  );
}
