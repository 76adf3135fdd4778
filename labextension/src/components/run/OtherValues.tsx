import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { formatNumber } from '../../model/format';
import { plainValue } from '../../model/record';
import { Pairs } from './Pairs';

/** Values shown before the rest is asked for. */
const FIRST = 100;

/** What was computed and is not a score: kept with the run, apart from its metrics, in no chart and no list to choose from. */
export function OtherValues(props: {
  values: Readonly<Record<string, unknown>>;
  /** Shown without being asked for: there is nothing else. */
  isOpen: boolean;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { values, isOpen, trans } = props;
  const [all, setAll] = React.useState(false);
  const pairs = Object.entries(values);
  if (pairs.length === 0) {
    return null;
  }
  const shown = all ? pairs : pairs.slice(0, FIRST);
  return (
    <section>
      <details className="bioml-OtherValues" open={isOpen}>
        <summary>
          <h2>{trans.__('Other values')}</h2> <span className="bioml-soft">{formatNumber(pairs.length)}</span>
        </summary>
        <p className="bioml-soft">
          {trans.__(
            'Computed, but not scores, or not numbers. They are kept with the run and never charted.'
          )}
        </p>
        <Pairs pairs={shown.map(([key, value]) => [key, plainValue(value)])} empty="" trans={trans} />
        {shown.length < pairs.length && (
          <button type="button" className="bioml-Button" onClick={() => setAll(true)}>
            {trans.__('Show all %1 values', formatNumber(pairs.length))}
          </button>
        )}
      </details>
    </section>
  );
}
