import { HOSTILE, trans } from '../../testing/pages';
import { outcomeOf, VERDICT_SIGNS, verdictOf, verdictWord } from '../verdict';

describe('the verdict that a text means', () => {
  it.each([
    ['REPRODUCED', 'reproduced'],
    ['reproduced', 'reproduced'],
    [' Within Noise ', 'within noise'],
    ['could-not-run', 'could not run'],
    ['NOT COMPARED', 'not compared'],
    ['DIFFERENT', 'different']
  ])('%p is %p', (text, verdict) => {
    expect(verdictOf(text)).toBe(verdict);
  });

  it.each(['', 'perhaps', 'constructor', '__proto__', 'not reproduced', HOSTILE])('%p is none', text => {
    expect(verdictOf(text)).toBeNull();
  });

  it('has a sign and a word for each', () => {
    const all = Object.keys(VERDICT_SIGNS).map(text => verdictOf(text));
    expect(all).not.toContain(null);
    expect(all.map(verdict => verdict && verdictWord(verdict, trans))).toEqual(Object.keys(VERDICT_SIGNS));
    expect(new Set(Object.values(VERDICT_SIGNS)).size).toBe(all.length);
  });
});

describe('what came of a reproduction', () => {
  it('is read from what the command prints today', () => {
    const result = {
      verdict: 'DIFFERENT',
      sentence: 'Not reproduced: auc.',
      record_id: 'a',
      run_id: 'run-a',
      new_record_id: 'b',
      new_run_id: 'run-b',
      comparison: {},
      notes: ['Another Python.'],
      waiting: ['One run waits.']
    };
    expect(outcomeOf(result)).toEqual({
      verdict: 'DIFFERENT',
      sentence: 'Not reproduced: auc.',
      cause: null,
      basis: null,
      repair: null,
      newRun: 'run-b',
      notes: ['Another Python.', 'One run waits.']
    });
  });

  it('is read with its cause and repair where they are told', () => {
    const result = {
      verdict: 'DIFFERENT',
      cause: 'version-changed',
      evidence: [],
      based_on: { compared: { metric: 3 }, text: '3 scores' },
      repair: 'pip install numpy==2.4.6',
      differences: [],
      run_id: 'run-a',
      reproduction_run_id: 'run-c'
    };
    expect(outcomeOf(result)).toMatchObject({
      cause: 'version-changed',
      basis: '3 scores',
      repair: 'pip install numpy==2.4.6',
      newRun: 'run-c',
      sentence: null
    });
  });

  it('names a run that is not in MLflow yet by its record', () => {
    expect(outcomeOf({ new_run_id: null, new_record_id: 'b' }).newRun).toBe('b');
  });

  it('has several repairs on a line each', () => {
    expect(outcomeOf({ repair: ['first', 2, 'second'] }).repair).toBe('first\nsecond');
  });

  it.each([null, {}, { verdict: 3, sentence: {}, cause: [], repair: ' ', new_run_id: false, notes: 'x' }])(
    'says nothing that %p does not say',
    result => {
      expect(outcomeOf(result)).toEqual({
        verdict: '',
        sentence: null,
        cause: null,
        basis: null,
        repair: null,
        newRun: null,
        notes: []
      });
    }
  );
});
