import type { TranslationBundle } from '@jupyterlab/translation';
import type { GateAnswer } from '../api/wire';
import { brief, formatExact } from './format';
import { shortName } from './name';
import type { Outcome } from './promotion';

/** Characters of a name, and of a piece of evidence, that are shown. */
const NAME = 60;
const EVIDENCE = 400;
/** Parts of a list or of an object that are shown. */
const PARTS = 20;
/** Levels of what stands in something else. */
const DEPTH = 4;

/** The sign of a gate's answer, and what it means. */
export function gateState(
  gate: GateAnswer,
  trans: TranslationBundle
): { sign: string; word: string; kind: GateAnswer['state'] } {
  switch (gate.state) {
    case 'pass':
      return { sign: '✓', word: trans.__('pass'), kind: gate.state };
    case 'fail':
      return { sign: '✗', word: trans.__('fail'), kind: gate.state };
    default:
      return {
        sign: '?',
        word: gate.holds
          ? trans.__('not decidable; the policy allows it')
          : trans.__('not decidable; this blocks the promotion'),
        kind: 'not-decidable'
      };
  }
}

/** The result of an act, in a line: whether it was done, and which version holds the alias instead of which. */
export function outcomeText(outcome: Outcome, trans: TranslationBundle): { isDone: boolean; text: string } {
  const held = (version: string | null): string =>
    version === null ? trans.__('no version') : trans.__('version %1', brief(version, 20));
  if (outcome.kind === 'decided') {
    const { made, standing } = outcome.answer;
    const who = brief(made.name || made.by, NAME);
    const text =
      made.decision === 'approve'
        ? trans.__('%1 said %2.', who, brief(made.meaning ?? '', NAME))
        : trans.__('%1 rejected it; earlier approvals are void.', who);
    const count = trans._n('%1 approval counts now.', '%1 approvals count now.', standing.length);
    return { isDone: true, text: `${text} ${count}` };
  }
  const { alias, model, version, previous } = outcome.answer;
  if (outcome.kind === 'refused') {
    const gates = outcome.answer.failing.map(gate => shortName(gate, NAME)).join(', ');
    return { isDone: false, text: trans.__('Not promoted: %1 refused. %2 was not moved.', gates, alias) };
  }
  if (previous === version) {
    return { isDone: true, text: trans.__('%1 held %2 before.', held(version), brief(alias, NAME)) };
  }
  const moved = `${shortName(model, NAME)}@${shortName(alias, NAME)}: ${held(previous)} → ${held(version)}`;
  const isForced = outcome.kind === 'promoted' && outcome.answer.override !== null;
  return { isDone: true, text: isForced ? trans.__('%1 (gates overridden)', moved) : moved };
}

/** What a gate saw, as pairs of words. */
export function evidenceOf(evidence: Readonly<Record<string, unknown>>): [string, string][] {
  return Object.entries(evidence)
    .slice(0, PARTS)
    .map(([key, value]) => [brief(key, NAME), brief(told(value, DEPTH), EVIDENCE)]);
}

function told(value: unknown, depth: number): string {
  if (value === null || value === undefined || value === '') {
    return '–';
  }
  if (typeof value === 'number') {
    return formatExact(value);
  }
  if (typeof value !== 'object') {
    return brief(String(value), EVIDENCE);
  }
  const parts = Array.isArray(value)
    ? value.slice(0, PARTS).map(one => told(one, depth - 1))
    : Object.entries(value)
        .slice(0, PARTS)
        .map(([key, one]) => `${key}: ${told(one, depth - 1)}`);
  return depth === 0 ? '…' : parts.length === 0 ? '–' : parts.join(Array.isArray(value) ? '; ' : ', ');
}
