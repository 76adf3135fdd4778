import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { Figure, Name } from '../Figure';
import { Empty } from '../Notice';

/** Names and their values, in as many columns as there is room for. */
export function Pairs(props: {
  pairs: [string, string | number | boolean | null][];
  empty: string;
  trans: TranslationBundle;
}): React.ReactElement {
  const { pairs, empty, trans } = props;
  if (pairs.length === 0) {
    return <Empty>{empty}</Empty>;
  }
  return (
    <dl className="bioml-Pairs">
      {pairs.map(([key, value]) => (
        <div key={key}>
          <dt>
            <Name text={key} />
          </dt>
          <dd>
            <Figure value={value} isAbsent={false} trans={trans} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
