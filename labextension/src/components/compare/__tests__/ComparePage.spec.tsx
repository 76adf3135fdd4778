import { fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';
import type { Comparison, SeriesSet } from '../../../api/wire';
import { aRow } from '../../../testing/builders';
import { aComparison, aDiff, HOSTILE, trans } from '../../../testing/pages';
import { ComparisonModel } from '../../../model/comparison';
import { FakeClient } from '../../../testing/client';
import { ComparePage } from '../ComparePage';

const cells = (row: HTMLElement): (string | null)[] => Array.from(row.children, cell => cell.textContent);

describe('ComparePage', () => {
  let done: string[];

  /** The page of a model whose server answers with these. */
  const show = async (comparison: Comparison | Error, series: SeriesSet['series'] = {}): Promise<void> => {
    const model = new ComparisonModel(
      new FakeClient({
        'POST compare': () => comparison,
        'GET runs/r1/series': () => ({ series, truncated: true }),
        'GET runs/r2/series': () => ({ series, truncated: false })
      }),
      ['r1', 'r2'],
      ''
    );
    await model.comparison.load();
    await model.curves.load();
    render(
      <ComparePage
        parts={model}
        now={1_795_270_300}
        link="http://test/lab?bioml-compare=r1,r2"
        onOpenRun={id => done.push(`open ${id}`)}
        onRemove={index => done.push(`remove ${index}`)}
        onMakeFirst={index => done.push(`first ${index}`)}
        onCsv={() => done.push('csv')}
        onCurves={() => done.push('curves')}
        onRetry={() => done.push('retry')}
        trans={trans}
      />
    );
    model.dispose();
  };
  const table = (): HTMLElement =>
    within(screen.getByRole('group', { name: 'Runs side by side' })).getByRole('table');
  const tableRows = (): (string | null)[][] => within(table()).getAllByRole('row').map(cells);

  beforeEach(() => {
    done = [];
  });

  it('shows what differs first, marked by sign, with the best value', async () => {
    await show(aComparison());
    expect(tableRows()).toContainEqual(['≠ depth', '3', '5']);
    expect(tableRows()).toContainEqual(['≠ auc', '★ 0.9931', '0.9921']);
    expect(tableRows()).toContainEqual(['≠ cohort.csv', 'a41c', '–']);
    expect(screen.getAllByRole('img', { name: 'differs' })).toHaveLength(3);
    expect(screen.getAllByRole('img', { name: 'best' })).toHaveLength(1);
  });

  it('tells where scores come from, and puts values that are not scores apart without a star', async () => {
    const scores = [
      { key: 'auc', value: 0.9, origin: 'printed', source: 'AUC', digits: 2 },
      { key: 'auc', value: 0.9342, origin: 'returned', source: 'sklearn.metrics.roc_auc_score' }
    ];
    await show(
      aComparison({
        sections: [
          {
            section: 'metrics',
            rows: [{ key: 'auc', values: [0.9, 0.9342], absent: [], differs: true, best: 1, scores }]
          },
          {
            section: 'values',
            rows: [{ key: 'scale', values: [1.7, 2.7], absent: [], differs: true, best: null, scores: [] }]
          }
        ]
      })
    );
    expect(tableRows()).toContainEqual([
      '≠ auc',
      '0.90as printed: “AUC”',
      '★ 0.9342returned by sklearn.metrics.roc_auc_score'
    ]);
    expect(tableRows()).toContainEqual(['Other values']);
    expect(tableRows()).toContainEqual(['≠ scale', '1.7', '2.7']);
    for (const choice of screen.queryAllByRole('option')) {
      expect(choice.textContent).not.toContain('scale');
    }
  });

  it('shows no section for values where no run has any', async () => {
    await show(aComparison({ sections: [{ section: 'values', rows: [] }] }));
    expect(table().textContent).not.toContain('Other values');
  });

  it('tells parameters that were set from those at their defaults', async () => {
    const row = { absent: [], differs: false, best: null, scores: [] };
    const [parameters, ...rest] = aComparison().sections;
    await show(
      aComparison({
        sections: [
          parameters,
          { section: 'defaults', rows: [{ ...row, key: 'gbm.tol', values: [0.1, 0.1] }] },
          ...rest
        ]
      })
    );
    const heads = within(table())
      .getAllByRole('rowheader')
      .filter(head => head.colSpan > 1);
    expect(heads.map(head => head.textContent)).toEqual([
      'Parameters that were setsame (1) ▸',
      'Parameters at their defaultssame (1) ▸',
      'Metrics',
      'Data',
      'Environment none'
    ]);
  });

  it('says only parameters where the runs do not tell which were set', async () => {
    await show(aComparison());
    expect(screen.getByText('Parameters')).toBeDefined();
    expect(table().textContent).not.toContain('defaults');
  });

  it('folds what is the same', async () => {
    await show(aComparison());
    expect(tableRows()).not.toContainEqual(['kind', 'gbm', 'gbm']);
    const fold = screen.getByRole('button', { name: /same \(1\)/ });
    expect(fold.getAttribute('aria-expanded')).toBe('false');
    fireEvent.click(fold);
    expect(tableRows()).toContainEqual(['kind', 'gbm', 'gbm']);
    expect(fold.getAttribute('aria-expanded')).toBe('true');
  });

  it('shows a section without rows as empty', async () => {
    await show(aComparison());
    expect(tableRows()).toContainEqual(['Environment none']);
  });

  it('opens runs, leaves them out and makes another the first', async () => {
    const runs = ['r1', 'r2', 'r3'].map(record_id => aRow({ record_id, name: record_id }));
    await show(aComparison({ runs }));
    fireEvent.click(within(table()).getByRole('button', { name: 'r2' }));
    fireEvent.click(screen.getByRole('button', { name: 'Make r3 the reference' }));
    fireEvent.click(screen.getByRole('button', { name: 'Remove r1 from the comparison' }));
    expect(done).toEqual(['open r2', 'first 2', 'remove 0']);
    expect(screen.queryByRole('button', { name: 'Make r1 the reference' })).toBeNull();
  });

  it('keeps the last two', async () => {
    await show(aComparison());
    expect(screen.queryByRole('button', { name: /from the comparison/ })).toBeNull();
  });

  it('tells runs of one name apart', async () => {
    await show(
      aComparison({ runs: [aRow({ run_id: 'aaaaaaaa' }), aRow({ record_id: 'r2', run_id: 'bbbbbbbb' })] })
    );
    expect(tableRows()[0][2]).toContain('gbm-depth3 (r2)');
  });

  it('shows the code of the first beside that of a chosen run', async () => {
    const runs = ['r1', 'r2', 'r3'].map(record_id => aRow({ record_id, name: record_id }));
    const code = [
      { left: 0, right: 1, lines: aDiff('-one\n+two') },
      { left: 0, right: 2, lines: aDiff('-one\n+three') }
    ];
    await show(aComparison({ runs, code }));
    expect(screen.getByRole('group', { name: 'Code, changes' }).textContent).toContain('two');
    fireEvent.change(screen.getByRole('combobox', { name: '− r1 with +' }), { target: { value: '1' } });
    expect(screen.getByRole('group', { name: 'Code, changes' }).textContent).toContain('three');
  });

  it('says when there is no code', async () => {
    await show(aComparison({ code: [] }));
    expect(document.body.textContent).toContain('No code was captured for these runs.');
  });

  it('overlays the curves once they are asked for', async () => {
    const loss = { steps: [0, 1], values: [1, 0.5], times: [0, 1] };
    await show(aComparison(), { loss });
    expect(screen.queryByRole('slider')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: /Curves/ }));
    expect(done).toEqual(['curves']);
    expect(document.querySelectorAll('.bioml-Curves .bioml-ChartLine')).toHaveLength(2);
    expect(document.body.textContent).toContain('Long series are thinned');
  });

  it('draws parameters against a chosen metric', async () => {
    const sections = aComparison().sections.map(section =>
      section.section === 'metrics'
        ? {
            ...section,
            rows: [
              ...section.rows,
              { key: 'loss', values: [0.1, 0.2], absent: [], differs: true, best: 0, scores: [] }
            ]
          }
        : section
    );
    await show(aComparison({ sections }));
    const group = (name: string): HTMLElement => screen.getByRole('group', { name });
    fireEvent.click(within(group('Parameters of the runs and auc')).getByRole('button', { name: /depth 5/ }));
    expect(done).toEqual(['open r2']);
    fireEvent.change(screen.getByLabelText('Metric'), { target: { value: 'metrics:loss' } });
    expect(within(group('Parameters of the runs and loss')).getAllByRole('button')).toHaveLength(2);
  });

  it('says what a plot needs', async () => {
    const [parameters] = aComparison().sections;
    await show(aComparison({ sections: [parameters] }));
    expect(document.body.textContent).toContain('This plot needs a metric');
  });

  it('says when nothing can be drawn', async () => {
    await show(aComparison({ sections: [] }));
    expect(document.body.textContent).toContain('no parameters or metrics to plot');
  });

  it('exports, and offers the address', async () => {
    await show(aComparison());
    fireEvent.click(screen.getByRole('button', { name: 'Export CSV' }));
    expect(done).toEqual(['csv']);
    expect(screen.getByRole('button', { name: 'Copy link' }).title).toContain('address');
  });

  it('says what went wrong, and exports nothing then', async () => {
    await show(new Error('A run is not known any more.'));
    expect(screen.getByRole('alert').textContent).toContain('A run is not known any more.');
    expect((screen.getByRole('button', { name: 'Export CSV' }) as HTMLButtonElement).disabled).toBe(true);
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(done).toEqual(['retry']);
  });

  it('shows hostile names, keys and values as text', async () => {
    const runs = [aRow({ record_id: 'r1', name: HOSTILE }), aRow({ record_id: 'r2', name: HOSTILE })];
    const rows = [
      { key: HOSTILE, values: [HOSTILE, null], absent: [], differs: true, best: null, scores: [] }
    ];
    await show(aComparison({ runs, sections: [{ section: 'parameters', rows }] }));
    expect(document.querySelector('img:not([role])')).toBeNull();
    expect(table().textContent).not.toMatch(/[\u202e\0]/);
  });
});
