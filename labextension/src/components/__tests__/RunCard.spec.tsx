import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { cardView } from '../../model/card';
import { aJob, aVersion } from '../../testing/builders';
import { aDataUse, aDetail, HOSTILE, trans } from '../../testing/pages';
import { aReproduce } from '../../testing/reproduce';
import { RunCard, type ICardActions } from '../RunCard';

const NONE: ICardActions = { open: null, compare: null, register: null, reproduce: null, restart: null };

function card(detail = aDetail(), actions = NONE): HTMLElement {
  render(
    <RunCard
      row={detail.row}
      view={cardView(detail, trans)}
      versions={detail.versions}
      actions={actions}
      trans={trans}
    />
  );
  return screen.getByRole('group', { name: /^Run / });
}

describe('RunCard', () => {
  it('shows the four lines', () => {
    const detail = aDetail({
      row: { record_id: '7f3a90c1aaaa', run_id: 'another' },
      record: {
        params: { depth: 3 },
        data: [aDataUse()],
        resources: { cpu_seconds: 3, peak_rss: 412e6 }
      }
    });
    const text = card(detail).textContent;
    for (const part of [
      'gbm-depth3',
      '● finished',
      '3.2 s · run 7f3a90c1…',
      'auc 0.9931 ▲ +0.0042 vs previous',
      'depth 3',
      'cohort.csv a41c…, unchanged',
      'after 1 cell',
      'CPU 3.0 s · 412 MB peak',
      'verdict: not checked'
    ]) {
      expect(text).toContain(part);
    }
  });

  it('marks each printed score, and all of them together at the end', () => {
    const scores = ['accuracy', 'f1'].map(key => ({ key, value: 0.9, origin: 'printed', digits: 2 }));
    const all = card(aDetail({ row: { metrics: { accuracy: 0.9, f1: 0.9 } }, record: { scores } }));
    expect(all.textContent).toContain('accuracy 0.90f1 0.90(as printed)');
    cleanup();
    const some = card(aDetail({ row: { metrics: { accuracy: 0.9, auc: 0.9931 } }, record: { scores } }));
    expect(some.textContent).toContain('accuracy 0.90 as printed');
    expect(some.textContent).not.toContain('(as printed)');
  });

  it('counts values where there is no metric', () => {
    const text = card(
      aDetail({ row: { metrics: {} }, record: { values: { n: 3, scale: 1.5 } } })
    ).textContent;
    expect(text).toContain('no metrics, 2 values');
  });

  it('shows why a run failed', () => {
    const text = card(
      aDetail({ row: { state: 'FAILED', error: 'ValueError: no rows', metrics: {} } })
    ).textContent;
    expect(text).toContain('✗ failed');
    expect(text).toContain('ValueError: no rows');
    expect(text).toContain('no metrics');
  });

  it('says what waits, what changed, what is registered and what was checked', () => {
    const text = card(
      aDetail({
        row: {
          run_id: null,
          published: false,
          environment_changed: true,
          verdict: 'reproduced',
          taint: 'edited'
        },
        versions: [aVersion({ version: '6', aliases: ['challenger'] })]
      })
    ).textContent;
    for (const part of [
      `run ${'a'.repeat(8)}…`,
      'not in MLflow yet',
      'environment changed',
      'verdict: ✓ reproduced',
      '⚠ edited after it ran',
      'registered: diagnosis-gbm v6 @challenger'
    ]) {
      expect(text).toContain(part);
    }
  });

  it('has only the buttons that do something', () => {
    card();
    expect(screen.queryAllByRole('button')).toEqual([]);
  });

  it('opens, compares and registers', () => {
    const actions = { open: jest.fn(), compare: jest.fn(), register: jest.fn() };
    card(aDetail(), { ...NONE, ...actions });
    for (const name of ['Open', 'Compare', 'Register']) {
      fireEvent.click(screen.getByRole('button', { name }));
    }
    expect(Object.values(actions).map(action => action.mock.calls.length)).toEqual([1, 1, 1]);
  });

  it('makes the run again, and shows what comes of it', () => {
    const reproduce = aReproduce();
    card(aDetail(), { ...NONE, reproduce });
    fireEvent.click(screen.getByRole('button', { name: 'Reproduce' }));
    expect(reproduce.onStart).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole('group', { name: /Reproduction/ })).toBeNull();
    cleanup();
    card(aDetail(), { ...NONE, reproduce: aReproduce({ job: aJob({ progress: ['cell 1 of 5'] }) }) });
    expect(screen.getByRole('group', { name: /Reproduction/ }).textContent).toContain('cell 1 of 5');
  });

  it.each([
    ['uses 3 cells that ran before tracking started; what they read is unknown', []],
    ['uses 1 cell that ran while tracking was off; what it read is unknown', [aDataUse()]]
  ])('warns before anyone relies on it, and offers what fixes it: %s', (reason, data) => {
    const restart = jest.fn();
    const gaps = [
      { part: 'gpu', reason: 'no driver' },
      { part: 'before tracking', reason }
    ];
    const group = card(aDetail({ record: { data, gaps } }), { ...NONE, restart });
    expect(screen.getByRole('note').textContent).toContain(`⚠ ${reason}`);
    expect(group.textContent).not.toContain('no driver');
    expect(group.textContent).not.toContain('no data read');
    expect(group.textContent?.includes('cohort.csv')).toBe(data.length > 0);
    fireEvent.click(screen.getByRole('button', { name: 'Restart and run to here' }));
    expect(restart).toHaveBeenCalledTimes(1);
  });

  it('says “no data read” only where that is known', () => {
    expect(card(aDetail()).textContent).toContain('no data read');
    expect(screen.queryByRole('note')).toBeNull();
  });

  it.each([
    [{ notebook: undefined, cell_id: undefined }, 'magic', 'notebook and cell unknown'],
    [{ notebook: null, cell_id: 'c1' }, 'tag', 'notebook unknown'],
    [{ notebook: 'a.ipynb', cell_id: null }, 'auto', 'cell unknown'],
    [{ notebook: null, cell_id: null }, 'sweep', null],
    [{ notebook: 'a.ipynb', cell_id: 'c1' }, 'magic', null]
  ])('says what the front end did not say: %p of a run by %s', (code, mark, said) => {
    const text = card(aDetail({ record: { mark, code: { source: 'x', ...code } } })).textContent ?? '';
    expect(/(notebook|cell)( and cell)? unknown/.exec(text)?.[0] ?? null).toBe(said);
  });

  it('says which run the cell joined', () => {
    const joined = { record_id: '7f3a90c1'.repeat(4), name: 'gbm' };
    expect(card(aDetail({ joined })).textContent).toContain('This cell is part of the run “gbm” (7f3a90c1…)');
    cleanup();
    const nameless = card(aDetail({ joined: { ...joined, name: null } })).textContent;
    expect(nameless).toContain('This cell is part of the run 7f3a90c1…');
  });

  it('shows hostile text as text', () => {
    const detail = aDetail({
      row: { name: HOSTILE, error: HOSTILE, verdict: '<b>', metrics: { [HOSTILE]: 1 } },
      record: {
        params: { [HOSTILE]: HOSTILE },
        data: [aDataUse({ name: HOSTILE })],
        gaps: [{ part: 'before tracking', reason: HOSTILE }]
      },
      joined: { record_id: 'c'.repeat(32), name: HOSTILE },
      versions: [aVersion({ name: HOSTILE, aliases: ['<i>'] })]
    });
    const group = card(detail);
    expect(group.querySelector('img, b, i')).toBeNull();
    expect(group.textContent).toContain('<img src=x');
    expect(group.textContent).not.toContain('\u202e');
    expect(group.querySelector('.bioml-CardName')?.textContent).toHaveLength(80);
  });
});
