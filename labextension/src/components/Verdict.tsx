import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { brief } from '../model/format';
import { VERDICT_SIGNS, verdictOf, verdictWord } from '../model/verdict';

/** Characters of a text that is not a known verdict. */
const SHOWN = 60;

/** A verdict as sign and word; an unknown text as it is. */
export function VerdictSign(props: { text: string; trans: TranslationBundle }): React.ReactElement {
  const { text, trans } = props;
  const verdict = verdictOf(text);
  if (verdict === null) {
    return <bdi className="bioml-Verdict">{brief(text, SHOWN)}</bdi>;
  }
  return (
    <span className={`bioml-Verdict bioml-mod-${verdict.replace(/ /g, '-')}`}>
      <span aria-hidden="true">{VERDICT_SIGNS[verdict]}</span> {verdictWord(verdict, trans)}
    </span>
  );
}
