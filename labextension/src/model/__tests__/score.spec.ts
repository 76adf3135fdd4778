import type { RecordScore } from '../../api/wire';
import { HOSTILE, trans } from '../../testing/pages';
import { byImportance, decimalsOf, originText } from '../score';

const of = (fields: Partial<RecordScore>): RecordScore => ({ key: 'auc', value: 0.9, ...fields });

describe('originText', () => {
  it.each([
    [{ origin: 'logged' }, 'logged'],
    [{ origin: 'named' }, 'named by --metrics'],
    [
      { origin: 'returned', source: 'sklearn.metrics.roc_auc_score' },
      'returned by sklearn.metrics.roc_auc_score'
    ],
    [{ origin: 'returned' }, 'returned by a scoring call'],
    [{ origin: 'stated', source: 'best_score_', model: 'gs' }, 'stated by gs (best_score_)'],
    [{ origin: 'stated' }, 'stated by the model'],
    [{ origin: 'loss', source: 'CrossEntropyLoss' }, 'loss of training steps (CrossEntropyLoss)'],
    [{ origin: 'computed', model: 'clf' }, 'computed from predictions of clf'],
    [{ origin: 'computed' }, 'computed from predictions of a model'],
    [{ origin: 'word' }, 'has the name of a score'],
    [{ origin: 'printed', source: 'Accuracy' }, 'as printed: “Accuracy”'],
    [{ origin: 'printed' }, 'as printed'],
    [{}, ''],
    [{ origin: 'of a later version' }, '']
  ])('%p is said as %p', (fields, text) => expect(originText(of(fields), trans)).toBe(text));

  it('says nothing of what is not known, and is short and harmless whatever the label', () => {
    expect([originText(undefined, trans), originText(null, trans)]).toEqual(['', '']);
    const text = originText(of({ origin: 'printed', source: HOSTILE }), trans);
    expect(text.length).toBeLessThan(110);
    expect(text).not.toMatch(/[\u202e\0]/);
  });
});

it('only decimals that limit what is shown count', () => {
  const digits = [null, 0, 2, 6, 16, -3];
  expect(digits.map(one => decimalsOf(of({ digits: one })))).toEqual([null, 0, 2, 6, null, null]);
  expect(decimalsOf(undefined)).toBeNull();
});

describe('byImportance', () => {
  it("puts the user's choice first, wholes before parts, losses and folds last", () => {
    const told = [
      of({ key: 'loss', origin: 'loss' }),
      of({ key: 'cv', origin: 'returned', count: 5 }),
      of({ key: 'cv.mean', origin: 'returned' }),
      of({ key: 'report.0.recall', origin: 'printed' }),
      of({ key: 'auc', origin: 'returned' }),
      of({ key: 'val.f1', origin: 'logged' })
    ];
    const metrics = ['timing.fit', ...told.map(one => one.key), 'b'].map(key => [key, 1] as const);
    const ordered = byImportance(metrics, new Map(told.map(one => [one.key, one])));
    expect(ordered.map(([key]) => key)).toEqual([
      'val.f1',
      'auc',
      'cv.mean',
      'report.0.recall',
      'loss',
      'cv',
      'timing.fit',
      'b'
    ]);
  });

  it('leaves records of earlier versions in their order', () => {
    const metrics = ['b', 'a'].map(key => [key, 1] as const);
    expect(byImportance(metrics, new Map())).toEqual(metrics);
  });
});
