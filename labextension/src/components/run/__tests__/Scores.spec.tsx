import { fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';
import type { RecordScore, RunDetail } from '../../../api/wire';
import { aDetail, HOSTILE, trans } from '../../../testing/pages';
import { OtherValues } from '../OtherValues';
import { Scores } from '../Scores';

const cells = (row: HTMLElement): (string | null)[] => Array.from(row.children, cell => cell.textContent);
const rows = (): (string | null)[][] => screen.getAllByRole('row').map(cells);
/** The second column. */
const from = (): (string | null)[] => rows().map(row => row[1]);

/** A run with these scores; `rest` changes what is known around it. */
function scored(
  scores: (Partial<RecordScore> & { key: string })[],
  rest: Partial<RunDetail> = {}
): RunDetail {
  const whole = scores.map(score => ({ value: 0.5, origin: 'returned', ...score }));
  const metrics = Object.fromEntries(whole.map(score => [score.key, score.value as number]));
  return { ...aDetail({ row: { metrics }, record: { scores: whole }, previous: null }), ...rest };
}

describe('Scores', () => {
  let done: string[];

  const show = (detail: RunDetail): void => {
    render(
      <Scores
        detail={detail}
        best={null}
        onOpenRun={id => done.push(`run ${id}`)}
        onOpenLater={cell => done.push(`cell ${cell}`)}
        onTab={tab => done.push(tab)}
        trans={trans}
      />
    );
  };

  beforeEach(() => {
    done = [];
  });

  it('says in words where each one comes from, what is read first at the top', () => {
    show(
      scored([
        { key: 'loss', origin: 'loss', source: 'CrossEntropyLoss' },
        { key: 'accuracy', value: 0.9, origin: 'printed', source: 'Accuracy', digits: 2 },
        { key: 'auc', source: 'sklearn.metrics.roc_auc_score', model: 'clf' }
      ])
    );
    expect(rows().map(([key, , value]) => [key, value])).toEqual([
      ['Metric', 'Value'],
      ['accuracy', '0.90'],
      ['auc', '0.5'],
      ['loss', '0.5']
    ]);
    expect(from()).toEqual([
      'Where from',
      'as printed: “Accuracy”',
      'returned by sklearn.metrics.roc_auc_score · clf',
      'loss of training steps (CrossEntropyLoss)'
    ]);
  });

  it('has no column for it in records that do not know it', () => {
    show(aDetail({ row: { metrics: { auc: 0.9 } } }));
    expect(from()).toEqual(['Value', '0.9']);
  });

  it('leads to the later cell that showed it, by mouse and by keys', () => {
    const later = { record_id: 'c1', cell_id: 'cell-7', execution_count: 7, line: 'print(auc)' };
    show(
      scored(
        [
          { key: 'auc', cell: 'c1' },
          { key: 'f1', cell: 'gone' }
        ],
        { later_cells: [later] }
      )
    );
    const link = screen.getByRole('button', { name: 'shown by a later cell: In [7]' });
    expect(link.title).toContain('print(auc)');
    fireEvent.click(link);
    expect(done).toEqual(['cell cell-7']);
    expect(from()[2]).toBe('returned by a scoring call · shown by a later cell');
  });

  it('leads to the curve of a series, and to the run whose model was scored', () => {
    show(
      scored(
        [
          { key: 'auc', of: 'b'.repeat(32), model: 'clf' },
          { key: 'loss', origin: 'loss', count: 10_000 }
        ],
        { scored_runs: { ['b'.repeat(32)]: 'gbm' } }
      )
    );
    fireEvent.click(screen.getByRole('button', { name: 'last of 10,000' }));
    fireEvent.click(screen.getByRole('button', { name: 'gbm' }));
    expect(done).toEqual(['curves', `run ${'b'.repeat(32)}`]);
    expect(from()[1]).toBe('returned by a scoring call · clf of run gbm');
  });

  it('groups by model where there are several, and only there', () => {
    show(
      scored([
        { key: 'auc.rf', model: 'rf' },
        { key: 'auc.svm', model: 'svm' },
        { key: 'f1.rf', model: 'rf' },
        { key: 'total' }
      ])
    );
    const heads = document.querySelectorAll('th[scope="rowgroup"]');
    expect(Array.from(heads, head => head.textContent)).toEqual(['No model named', 'Model rf', 'Model svm']);
    const keys = rows().map(([key]) => key);
    expect(keys.join(', ')).toBe(
      'Metric, No model named, total, Model rf, auc.rf, f1.rf, Model svm, auc.svm'
    );
    expect(from()[4]).toBe('returned by a scoring call');
  });

  it('has no groups for one model', () => {
    show(scored([{ key: 'auc', model: 'rf' }, { key: 'total' }]));
    expect(document.querySelector('th[scope="rowgroup"]')).toBeNull();
  });

  it('shows a hundred of many, and all when asked', () => {
    show(scored(Array.from({ length: 300 }, (_, index) => ({ key: `s${index}` }))));
    expect(screen.getAllByRole('row')).toHaveLength(101);
    fireEvent.click(screen.getByRole('button', { name: 'Show all 300 metrics' }));
    expect(screen.getAllByRole('row')).toHaveLength(301);
  });

  it('cuts the groups of many, and does not lose that there are several', () => {
    const some = Array.from({ length: 300 }, (_, index) => ({
      key: `s${index}`,
      model: index < 150 ? 'a' : 'b'
    }));
    show(scored(some));
    expect(screen.getAllByRole('row')).toHaveLength(102);
    expect(rows()[1]).toEqual(['Model a']);
    fireEvent.click(screen.getByRole('button', { name: 'Show all 300 metrics' }));
    expect(screen.getAllByRole('row')).toHaveLength(303);
  });

  it('says what to do where there is none', () => {
    show(scored([]));
    expect(document.body.textContent).toContain('No score was found');
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('can be scrolled by keys, and shows hostile names as text', () => {
    show(
      scored([{ key: HOSTILE, source: HOSTILE, model: HOSTILE, of: 'b'.repeat(32), cell: 'c' }], {
        scored_runs: { ['b'.repeat(32)]: HOSTILE }
      })
    );
    expect(screen.getByRole('group', { name: 'Metrics and where they come from' }).tabIndex).toBe(0);
    expect(document.querySelector('img:not([role])')).toBeNull();
    expect(document.body.textContent).not.toMatch(/[\u202e\0]/);
  });
});

describe('OtherValues', () => {
  const show = (values: Record<string, unknown>, isOpen = false): HTMLDetailsElement | null => {
    render(<OtherValues values={values} isOpen={isOpen} trans={trans} />);
    return document.querySelector('details');
  };

  it('are folded beside scores, and open where there is nothing else', () => {
    expect(show({ scale: 1.7 })?.open).toBe(false);
    document.body.replaceChildren();
    expect(show({ scale: 1.7 }, true)?.open).toBe(true);
  });

  it('say how many they are and what they are, and stand outside the table of metrics', () => {
    const details = show({ scale: 1.7, ok: true, ratio: { $float: 'NaN' } });
    const summary = within(details as HTMLElement).getByRole('heading', {
      name: 'Other values'
    }).parentElement;
    expect(summary?.textContent).toBe('Other values 3');
    expect(details?.textContent).toContain('never charted');
    expect(details?.textContent).toContain('ratioNaN');
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('show a hundred of many', () => {
    show(Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`v${index}`, index])), true);
    expect(document.querySelectorAll('dt')).toHaveLength(100);
    fireEvent.click(screen.getByRole('button', { name: 'Show all 150 values' }));
    expect(document.querySelectorAll('dt')).toHaveLength(150);
  });

  it('are nothing where there are none', () => {
    expect(show({})).toBeNull();
  });
});
