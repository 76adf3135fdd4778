import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import type { RunRow } from '../../api/wire';
import { formatNumber } from '../../model/format';
import { ReproduceButton } from '../ReproduceButton';
import type { IReproduce } from '../Reproduction';

/** Runs that can be compared at once. */
export const COMPARABLE: readonly [number, number] = [2, 20];

/** What can be done with the chosen runs; always there, so that nothing moves when one is chosen. */
export function SelectionBar(props: {
  selected: readonly RunRow[];
  onOpen: () => void;
  onCompare: () => void;
  /** null: there is no form for it. */
  onRegister: (() => void) | null;
  /** null: runs are not reproduced here. */
  reproduce: ((row: RunRow) => IReproduce) | null;
  onMore: () => void;
  trans: TranslationBundle;
}): React.ReactElement {
  const { selected, trans } = props;
  const count = selected.length;
  const only = count === 1 ? selected[0] : null;
  const canCompare = count >= COMPARABLE[0] && count <= COMPARABLE[1];
  return (
    <div className="bioml-Selected" role="toolbar" aria-label={trans.__('Actions on the selected runs')}>
      <span className="bioml-Hidden" role="status">
        {trans.__('%1 selected', formatNumber(count))}
      </span>
      <button type="button" className="bioml-Button" disabled={count !== 1} onClick={props.onOpen}>
        {trans.__('Open')}
      </button>
      <button
        type="button"
        className="bioml-Button"
        disabled={!canCompare}
        title={trans.__('Compare %1 to %2 runs', ...COMPARABLE.map(String))}
        onClick={props.onCompare}
      >
        {trans.__('Compare')}
        {count > 1 && <span className="bioml-Selected-count"> {formatNumber(count)}</span>}
      </button>
      {props.onRegister && (
        <button
          type="button"
          className="bioml-Button bioml-mod-register"
          disabled={count !== 1 || !selected[0].has_model}
          title={
            count === 1 && !selected[0].has_model
              ? trans.__('This run has no model to register')
              : trans.__('Make a model version from this run')
          }
          onClick={props.onRegister}
        >
          {trans.__('Register…')}
        </button>
      )}
      {props.reproduce && (
        <ReproduceButton row={only} reproduce={only && props.reproduce(only)} trans={trans} />
      )}
      <button
        type="button"
        className="bioml-SignButton"
        disabled={count === 0}
        aria-haspopup="menu"
        aria-label={trans.__('More actions')}
        title={trans.__('More actions')}
        onClick={props.onMore}
      >
        ⋯
      </button>
    </div>
  );
}
