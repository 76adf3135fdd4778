import { fireEvent, render, screen, within } from '@testing-library/react';
import React from 'react';
import type { Comparison } from '../../../api/wire';
import { aRow } from '../../../testing/builders';
import { aComparison, HOSTILE, trans } from '../../../testing/pages';
import { CompareTable } from '../CompareTable';
import { Plots } from '../Plots';

const NOW = 1_795_270_300;

const rows = (): (string | null)[][] =>
  screen.getAllByRole('row').map(row => Array.from(row.children, cell => cell.textContent));

describe('CompareTable', () => {
  const show = (comparison: Comparison): void => {
    const act = jest.fn();
    render(
      <CompareTable
        comparison={comparison}
        now={NOW}
        onOpenRun={act}
        onRemove={act}
        onMakeFirst={act}
        trans={trans}
      />
    );
  };

  it('has over each column how the run ended, when, and how long it took', () => {
    const runs = [
      aRow({ record_id: 'r1', name: 'one' }),
      aRow({ record_id: 'r2', name: 'two', state: 'KILLED', started: null, duration: null })
    ];
    show(aComparison({ runs }));
    const [first, second] = screen.getAllByRole('columnheader').slice(-2);
    expect(first.textContent).toBe('one● finished5 min ago · 3.2 sreference');
    expect(second.textContent).toContain('two⊘ killed– · –');
  });

  it('keeps zero, false, None and what is absent apart', () => {
    const values = [0, false, null, '', null];
    const runs = values.map((_, index) => aRow({ record_id: `r${index}`, name: `n${index}` }));
    const row = { key: 'x', values, absent: [2], differs: true, best: null, scores: [] };
    show(aComparison({ runs, sections: [{ section: 'parameters', rows: [row] }] }));
    expect(rows()).toContainEqual(['≠ x', '0', 'False', '–', '', 'None']);
  });

  it('has the full figures behind the short ones', () => {
    show(aComparison());
    expect(screen.getByRole('button', { name: '0.9931' }).title).toContain('0.99312');
  });

  it('folds each section by itself', () => {
    const same = { key: 'same', values: [1, 1], absent: [], differs: false, best: null, scores: [] };
    show(
      aComparison({
        sections: [
          { section: 'parameters', rows: [same] },
          { section: 'environment', rows: [same] }
        ]
      })
    );
    const [first, second] = screen.getAllByRole('button', { name: /same \(1\)/ });
    fireEvent.click(second);
    const open = [first, second].map(fold => fold.getAttribute('aria-expanded'));
    expect(open).toEqual(['false', 'true']);
    expect(rows().filter(([key]) => key === 'same')).toHaveLength(1);
    fireEvent.click(second);
    expect(rows().filter(([key]) => key === 'same')).toHaveLength(0);
  });

  it('can be scrolled by keys, for twenty runs are wider than a page', () => {
    const runs = Array.from({ length: 20 }, (_, index) =>
      aRow({ record_id: `r${index}`, name: `n${index}` })
    );
    show(aComparison({ runs, sections: [] }));
    expect(screen.getByRole('group', { name: 'Runs side by side' }).tabIndex).toBe(0);
    expect(screen.getAllByRole('button', { name: /^Remove .* from the comparison$/ })).toHaveLength(20);
  });

  it('has no direction marks in the names of its buttons', () => {
    const runs = ['r1', 'r2', 'r3'].map(record_id => aRow({ record_id, run_id: record_id, name: HOSTILE }));
    show(aComparison({ runs, sections: [] }));
    for (const button of screen.getAllByRole('button')) {
      expect(button.getAttribute('aria-label') ?? '').not.toMatch(/[\u202e\0]/);
    }
  });
});

describe('Plots', () => {
  const show = (comparison: Comparison): jest.Mock => {
    const onOpenRun = jest.fn();
    render(<Plots comparison={comparison} onOpenRun={onOpenRun} trans={trans} />);
    return onOpenRun;
  };
  const parameters = (count: number): Comparison['sections'][number] => ({
    section: 'parameters',
    rows: Array.from({ length: count }, (_, index) => ({
      key: `p${index}`,
      values: [index, index + 1],
      absent: [],
      differs: true,
      best: null,
      scores: []
    }))
  });
  const [, metrics] = aComparison().sections;

  it('number the runs in the legend as in the points', () => {
    show(aComparison());
    const entries = screen.getAllByRole('listitem').map(item => item.textContent);
    expect(entries).toEqual(['1  gbm-depth3', '2  gbm-depth5']);
    const spots = [...document.querySelectorAll('.bioml-Spot > text')].map(text => text.textContent);
    expect(spots).toEqual(['1', '2']);
  });

  it('draw no more axes than can be read, and say so', () => {
    show(aComparison({ sections: [parameters(15), metrics] }));
    expect(document.querySelectorAll('.bioml-ParallelAxis')).toHaveLength(13);
    expect(document.body.textContent).toContain('12 of 15 parameters are plotted');
  });

  it('leave out parameters that are the same in all runs', () => {
    show(aComparison());
    const axes = [...document.querySelectorAll('.bioml-ParallelAxis .bioml-AxisLabel > title')];
    expect(axes.map(axis => axis.textContent)).toEqual(['depth', 'auc']);
  });

  it('open the run of a point', () => {
    const onOpenRun = show(aComparison());
    const spots = screen.getByRole('group', { name: 'auc against depth' });
    fireEvent.click(within(spots).getByRole('button', { name: /gbm-depth5/ }));
    expect(onOpenRun.mock.calls).toEqual([['r2']]);
  });
});
