import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { brief } from '../model/format';
import { VERDICT_SIGNS, verdictOf, verdictWord } from '../model/verdict';

/** Characters of a text that is not a known verdict. */
const SHOWN = 60;
/** Characters of what it is based on. */
const BASIS = 200;

/** What is said of a verdict. */
interface IVerdictProps {
  text: string;
  /** The results that it is based on, in words. */
  basis?: string | null;
  trans: TranslationBundle;
}

/** A verdict and what it is based on. */
export function VerdictAndBasis(props: IVerdictProps): React.ReactElement {
  const { basis, trans } = props;
  return (
    <>
      <VerdictSign {...props} />
      {basis && <bdi className="bioml-soft"> {trans.__('(based on %1)', brief(basis, BASIS))}</bdi>}
    </>
  );
}

/** A verdict as sign and word; an unknown text as it is. */
export function VerdictSign(props: IVerdictProps): React.ReactElement {
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
