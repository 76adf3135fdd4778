import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';
import { taintReason, taintWord } from '../model/taint';

/** Warns that the notebook may not give this result again, and says why; nothing where nothing is known against it. */
export function TaintBadge(props: {
  level: string | null;
  trans: TranslationBundle;
}): React.ReactElement | null {
  const { level, trans } = props;
  if (level === null) {
    return null;
  }
  return (
    <span className="bioml-Mark bioml-Taint" title={taintReason(level, trans)}>
      <span aria-hidden="true">⚠ </span>
      <bdi>{taintWord(level, trans)}</bdi>
    </span>
  );
}
