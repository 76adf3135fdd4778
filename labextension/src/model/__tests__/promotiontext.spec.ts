import { aDecided, aGate, aPromotion, aRolledBack } from '../../testing/promotions';
import { HOSTILE, trans } from '../../testing/pages';
import { evidenceOf, gateState, outcomeText } from '../promotiontext';

describe('the state of a gate', () => {
  it('has a sign and a word, never a colour alone', () => {
    const states = [
      aGate({ state: 'pass', holds: true }),
      aGate(),
      aGate({ state: 'not-decidable' }),
      aGate({ state: 'not-decidable', allowed: true, holds: true })
    ].map(gate => gateState(gate, trans));
    expect(states.map(({ sign, word }) => `${sign} ${word}`)).toEqual([
      '✓ pass',
      '✗ fail',
      '? not decidable; this blocks the promotion',
      '? not decidable; the policy allows it'
    ]);
  });
});

describe('what came of an act', () => {
  const said = (outcome: Parameters<typeof outcomeText>[0]): string => outcomeText(outcome, trans).text;

  it('names the old and the new holder', () => {
    expect(said({ kind: 'promoted', answer: aPromotion() })).toBe(
      'diagnosis-gbm@champion: version 2 → version 4'
    );
    expect(said({ kind: 'promoted', answer: aPromotion({ previous: null, override: 'the board' }) })).toBe(
      'diagnosis-gbm@champion: no version → version 4 (gates overridden)'
    );
    expect(said({ kind: 'promoted', answer: aPromotion({ previous: '4' }) })).toBe(
      'version 4 held champion before.'
    );
    expect(said({ kind: 'rolled-back', answer: aRolledBack({ version: null }) })).toBe(
      'diagnosis-gbm@champion: version 4 → no version'
    );
  });

  it('names the gates that refused', () => {
    const answer = aPromotion({ failing: ['approval', 'card'] });
    expect(outcomeText({ kind: 'refused', answer }, trans)).toEqual({
      isDone: false,
      text: 'Not promoted: approval, card refused. champion was not moved.'
    });
  });

  it('says who decided what, and how many count now', () => {
    expect(said({ kind: 'decided', answer: aDecided() })).toBe(
      'Ada Lovelace said approval. 1 approval counts now.'
    );
    const made = { ...aDecided().made, decision: 'reject' as const, name: '', meaning: null };
    expect(said({ kind: 'decided', answer: aDecided({ made, standing: [] }) })).toBe(
      'ada rejected it; earlier approvals are void. 0 approvals count now.'
    );
  });

  it('stays short and harmless whatever the names are', () => {
    const text = said({ kind: 'promoted', answer: aPromotion({ model: HOSTILE, alias: HOSTILE }) });
    expect(text.length).toBeLessThan(300);
    expect(text).not.toContain('\u202e');
  });
});

describe('evidence', () => {
  it('is told in pairs, absent things as absent', () => {
    expect(
      evidenceOf({ auc: 0.123456789, by: null, empty: [], ok: true, list: [1, 'b'], deep: { a: { b: [2] } } })
    ).toEqual([
      ['auc', '0.123456789'],
      ['by', '–'],
      ['empty', '–'],
      ['ok', 'true'],
      ['list', '1; b'],
      ['deep', 'a: b: 2']
    ]);
  });

  it('is cut where it is long or deep, and escaped', () => {
    const deep = { a: { b: { c: { d: { e: 1 } } } } };
    const rows = evidenceOf({
      [HOSTILE]: HOSTILE,
      deep,
      many: Array.from({ length: 50 }, (_, index) => index)
    });
    expect([...rows[0][0]]).toHaveLength(60);
    expect([...rows[0][1]].length).toBeLessThanOrEqual(400);
    expect(rows[0].join('')).not.toContain('\u202e');
    expect(rows[1][1]).toBe('a: b: c: d: …');
    expect(rows[2][1].split('; ')).toHaveLength(20);
    expect(
      evidenceOf(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`k${index}`, 1])))
    ).toHaveLength(20);
  });
});
