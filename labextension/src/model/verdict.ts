import type { TranslationBundle } from '@jupyterlab/translation';
import { own } from './own';

/** What a reproduction can say. */
export type Verdict = 'reproduced' | 'within noise' | 'different' | 'could not run' | 'not compared';

/** What stands beside the word of a verdict. */
export const VERDICT_SIGNS: Readonly<Record<Verdict, string>> = {
  reproduced: '✓',
  'within noise': '≈',
  different: '≠',
  'could not run': '✗',
  'not compared': '?'
};

/** The verdict that a text means, in whatever case it was written; null: none that is known. */
export function verdictOf(text: string): Verdict | null {
  const word = text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, ' ');
  return own(VERDICT_SIGNS, word) === undefined ? null : (word as Verdict);
}

/** The word of a verdict; never its colour or sign alone. */
export function verdictWord(verdict: Verdict, trans: TranslationBundle): string {
  switch (verdict) {
    case 'reproduced':
      return trans.__('reproduced');
    case 'within noise':
      return trans.__('within noise');
    case 'different':
      return trans.__('different');
    case 'could not run':
      return trans.__('could not run');
    case 'not compared':
      return trans.__('not compared');
  }
}

/** What came of making a run again; null or empty: it was not said. */
export interface IOutcome {
  /** As it was written. */
  verdict: string;
  sentence: string | null;
  cause: string | null;
  /** The results that were compared, in words. */
  basis: string | null;
  /** How to fix it; several lines where there are several ways. */
  repair: string | null;
  /** The run that the reproduction made. */
  newRun: string | null;
  /** What was not as in the recorded session. */
  notes: readonly string[];
}

/** Read the document that `reproduce --json` prints; whatever is missing in it, or is something else, is not said. */
export function outcomeOf(result: Readonly<Record<string, unknown>> | null): IOutcome {
  const found = result ?? {};
  return {
    verdict: textOf(found.verdict) ?? '',
    sentence: textOf(found.sentence),
    cause: textOf(found.cause),
    basis: textOf(Object(found.based_on).text),
    repair: textOf(found.repair),
    newRun: textOf(found.reproduction_run_id) ?? textOf(found.new_run_id) ?? textOf(found.new_record_id),
    notes: [found.notes, found.waiting].flatMap(listOf)
  };
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value : listOf(value).join('\n');
  return text.trim() === '' ? null : text;
}

function listOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : [];
}
