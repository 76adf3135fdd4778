import type { TranslationBundle } from '@jupyterlab/translation';
import type { RecordScore, RunDetail } from '../api/wire';
import { brief } from './format';

/*
 * Where scores come from, and which are read first: the same words and the same order as
 * `jupyter_bioml/records/origins.py`, so that the card, the commands and the pages never say two things of one score.
 */

/** Characters of a function, an attribute, a label or a model's name. */
const LONGEST = 80;
/** Decimals that a person counts: a figure that was printed with more of them is shown as any other. */
const MOST_DECIMALS = 6;

/** Where it comes from; empty where that is not known (records of earlier versions do not say it). */
export function originText(score: RecordScore | null | undefined, trans: TranslationBundle): string {
  const source = brief(score?.source ?? '', LONGEST);
  const model = brief(score?.model ?? '', LONGEST);
  switch (score?.origin) {
    case 'logged':
      return trans.__('logged');
    case 'named':
      return trans.__('named by --metrics');
    case 'returned':
      return source ? trans.__('returned by %1', source) : trans.__('returned by a scoring call');
    case 'stated':
      return (
        (model ? trans.__('stated by %1', model) : trans.__('stated by the model')) +
        (source ? ` (${source})` : '')
      );
    case 'loss':
      return trans.__('loss of training steps') + (source ? ` (${source})` : '');
    case 'computed':
      return model
        ? trans.__('computed from predictions of %1', model)
        : trans.__('computed from predictions of a model');
    case 'word':
      return trans.__('has the name of a score');
    case 'printed':
      return source ? trans.__('as printed: “%1”', source) : trans.__('as printed');
    default:
      return '';
  }
}

/** The decimals of a score that is only known as it was printed, so far as they limit what is shown; else null. */
export function decimalsOf(score: RecordScore | null | undefined): number | null {
  const digits = score?.digits ?? null;
  return digits !== null && digits >= 0 && digits <= MOST_DECIMALS ? digits : null;
}

/** The scores of a run by their keys. */
export function scoresOf(detail: RunDetail): ReadonlyMap<string, RecordScore> {
  return new Map((detail.record.scores ?? []).map(score => [score.key, score]));
}

/**
 * Metrics in the order in which they are read: what the user chose, wholes before their parts, losses and folds,
 * then metrics of unknown origin.
 */
export function byImportance<T>(
  metrics: readonly (readonly [string, T])[],
  scores: ReadonlyMap<string, RecordScore>
): (readonly [string, T])[] {
  return [...metrics].sort(([a], [b]) => rank(a, scores) - rank(b, scores));
}

/** More dots than a key has; what comes after all scores of that kind. */
const FAR = 1000;

function rank(key: string, scores: ReadonlyMap<string, RecordScore>): number {
  const score = scores.get(key);
  if (score === undefined) {
    return 3 * FAR;
  }
  if (score.origin === 'logged' || score.origin === 'named') {
    return 0;
  }
  return score.origin === 'loss' || scores.has(`${key}.mean`) ? 2 * FAR : FAR + key.split('.').length;
}
