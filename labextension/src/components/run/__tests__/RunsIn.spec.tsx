import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { Children } from '../../../model/children';
import { aPage, aSweep } from '../../../testing/builders';
import { FakeClient } from '../../../testing/client';
import { aDetail, trans } from '../../../testing/pages';
import { RunsIn, runsInTab } from '../RunsIn';

async function show(count: number, total = count): Promise<{ runs: Children; onOpenRun: jest.Mock }> {
  const rows = aSweep(count);
  const best = { auc: { record_id: 'c0', value: 0.9 } };
  const client = new FakeClient({
    'GET runs': () => aPage(rows, { total, best, metric_keys: ['auc', 'loss'] })
  });
  const runs = new Children(client, 'a.ipynb', () => 'p');
  await runs.look();
  const onOpenRun = jest.fn();
  render(<RunsIn runs={runs} onOpenRun={onOpenRun} trans={trans} />);
  return { runs, onOpenRun };
}

describe('the runs in a run', () => {
  it('are a table of what differs, then of what came out, with the best marked', async () => {
    const { onOpenRun } = await show(3);
    const heads = screen.getAllByRole('columnheader').map(head => head.textContent);
    expect(heads).toEqual(['Run', 'depth', 'rate', 'auc', 'loss', 'State', 'Duration']);
    const [, first] = screen.getAllByRole('row');
    expect(first.textContent).toBe('sweep 000★ 0.5–● finished3.2 s');
    fireEvent.click(screen.getByRole('button', { name: 'sweep 1' }));
    expect(onOpenRun).toHaveBeenCalledWith('c1');
  });

  it('are sorted by another metric, and read on, on request', async () => {
    const { runs } = await show(3, 250);
    const sorted = jest.spyOn(runs, 'sortBy').mockReturnValue();
    const more = jest.spyOn(runs, 'more').mockResolvedValue();
    fireEvent.change(screen.getByLabelText('Best by'), { target: { value: 'loss' } });
    expect(sorted).toHaveBeenCalledWith('loss');
    expect(screen.getByText('3 of 250 shown')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show 100 more' }));
    expect(more).toHaveBeenCalled();
  });

  it('have a tab only where there are some', async () => {
    expect(runsInTab.isFor?.(aDetail())).toBe(false);
    const detail = aDetail({ row: { children: 24 } });
    expect([runsInTab.isFor?.(detail), runsInTab.count?.(detail)]).toEqual([true, 24]);
    await show(0);
    expect(screen.getByText('This run has no parts.')).toBeTruthy();
  });
});
