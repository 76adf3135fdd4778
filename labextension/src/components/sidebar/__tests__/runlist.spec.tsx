import '../../../testing/browser';
import { nullTranslator } from '@jupyterlab/translation';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import type { RunRow } from '../../../api/wire';
import type { Item } from '../../../model/groups';
import { groupItems, groupRuns, runKey } from '../../../model/groups';
import type { ILines } from '../../../model/selection';
import type { Children } from '../../../model/children';
import { aRow, aSweep, manyRows } from '../../../testing/builders';
import { LINE, openMenu } from '../listkeys';
import { type IRunListProps, RunList } from '../RunList';

const trans = nullTranslator.load('jupyter_bioml');
const HOSTILE = `<img src=x onerror="document.title='pwned'">\u202e\u0000 ${'x'.repeat(10_000)}`;

beforeAll(() => {
  // jsdom lays nothing out: the list would be of no height, and show nothing.
  jest.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(10 * LINE);
  jest.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(300);
  HTMLElement.prototype.scrollTo = () => undefined;
});

function linesOf(items: readonly Item[]): ILines {
  return {
    count: items.length,
    item: index => items[index],
    indexOf: key => items.findIndex(item => item.key === key)
  };
}

function flat(rows: readonly RunRow[]): ILines {
  return linesOf(rows.map(row => ({ kind: 'run', key: runKey(row.record_id), row, level: 1 })));
}

function show(
  changes: Partial<IRunListProps> = {}
): IRunListProps & { rerender: (more: Partial<IRunListProps>) => void } {
  const props: IRunListProps = {
    lines: flat(manyRows(3)),
    isTree: false,
    isSelected: () => false,
    active: null,
    metric: 'auc',
    best: undefined,
    withNotebook: false,
    heldBack: 0,
    inserted: 0,
    onChoose: jest.fn(),
    onMove: jest.fn(() => 1),
    onChooseAll: jest.fn(),
    onOpen: jest.fn(),
    onToggleGroup: jest.fn(),
    onToggleRun: jest.fn(),
    onMore: jest.fn(),
    onSee: jest.fn(),
    onHold: jest.fn(),
    trans,
    ...changes
  };
  const { rerender } = render(<RunList {...props} />);
  return { ...props, rerender: more => rerender(<RunList {...props} {...more} />) };
}

describe('the list', () => {
  it('holds only what is seen of 10,000 runs, and says how many there are', () => {
    const { onSee } = show({ lines: flat(manyRows(10_000)) });
    const options = screen.getAllByRole('option');
    expect(options.length).toBeLessThan(40);
    expect(options[0].getAttribute('aria-setsize')).toBe('10000');
    expect(options[3].getAttribute('aria-posinset')).toBe('4');
    expect(onSee).toHaveBeenCalled();
  });

  it('chooses by mouse: one, one more, a range', () => {
    const { onChoose, onOpen } = show();
    const [first, second] = screen.getAllByRole('option');
    fireEvent.click(first);
    fireEvent.click(second, { ctrlKey: true });
    fireEvent.click(second, { shiftKey: true });
    expect(jest.mocked(onChoose).mock.calls).toEqual([
      [0, 'one'],
      [1, 'toggle'],
      [1, 'range']
    ]);
    fireEvent.doubleClick(second);
    expect(jest.mocked(onOpen).mock.calls[0][0].record_id).toBe('r1');
  });

  it('chooses what is right-clicked, unless it is chosen already', () => {
    const { onChoose } = show({ isSelected: id => id === 'r1' });
    const options = screen.getAllByRole('option');
    expect(options.map(option => option.getAttribute('aria-selected'))).toEqual(['false', 'true', 'false']);
    fireEvent.contextMenu(options[1]);
    expect(onChoose).not.toHaveBeenCalled();
    fireEvent.contextMenu(options[2]);
    expect(onChoose).toHaveBeenCalledWith(2, 'one');
  });

  it('goes by keys, and points screen readers at the line', () => {
    const { onMove, onChoose, onOpen } = show({ active: 'run:r1' });
    const list = screen.getByRole('listbox');
    const active = document.getElementById(list.getAttribute('aria-activedescendant') ?? '');
    expect(active?.dataset.record).toBe('r1');
    fireEvent.keyDown(list, { key: 'ArrowDown' });
    fireEvent.keyDown(list, { key: 'ArrowUp', shiftKey: true });
    fireEvent.keyDown(list, { key: 'End', ctrlKey: true });
    expect(jest.mocked(onMove).mock.calls).toEqual([
      [1, 'one'],
      [-1, 'range'],
      [3, null]
    ]);
    fireEvent.keyDown(list, { key: ' ' });
    expect(onChoose).toHaveBeenCalledWith(1, 'toggle');
    fireEvent.keyDown(list, { key: 'Enter' });
    expect(jest.mocked(onOpen).mock.calls[0][0].record_id).toBe('r1');
    expect(fireEvent.keyDown(list, { key: 'q' })).toBe(true);
  });

  it('chooses all by ctrl and A', () => {
    const { onChooseAll } = show({});
    const list = screen.getByRole('listbox');
    fireEvent.keyDown(list, { key: 'a' });
    expect(onChooseAll).not.toHaveBeenCalled();
    expect(fireEvent.keyDown(list, { key: 'a', ctrlKey: true })).toBe(false);
    expect(onChooseAll).toHaveBeenCalledTimes(1);
  });

  it('opens the menu by key where a right click would', () => {
    show({ active: 'run:r0' });
    const list = screen.getByRole('listbox');
    const seen = jest.fn();
    document.addEventListener('contextmenu', seen, { once: true });
    fireEvent.keyDown(list, { key: 'F10', shiftKey: true });
    expect(seen).toHaveBeenCalledTimes(1);
    expect(() => openMenu(null)).not.toThrow();
  });

  it('holds new runs back while the pointer is on it, and says so', () => {
    const { onHold } = show({ heldBack: 2 });
    expect(screen.getByRole('status').textContent).toBe('▲ 2 new runs');
    fireEvent.mouseEnter(screen.getByRole('listbox'));
    fireEvent.mouseLeave(screen.getByRole('listbox'));
    expect(jest.mocked(onHold).mock.calls).toEqual([[true], [false]]);
  });

  it('stays where it is scrolled to when runs come in above', () => {
    const { rerender } = show({ lines: flat(manyRows(100)) });
    const list = screen.getByRole('listbox');
    list.scrollTop = 500;
    rerender({ lines: flat(manyRows(102)), inserted: 2 });
    expect(list.scrollTop).toBe(500 + 2 * LINE);
    list.scrollTop = 0;
    rerender({ lines: flat(manyRows(103)), inserted: 3 });
    expect(list.scrollTop).toBe(0);
  });
});

describe('a line', () => {
  const best = { record_id: 'best', value: 0.9931 };

  it('says name, state, metric and its distance to the best, with full values in titles', () => {
    const row = aRow({ record_id: 'x', metrics: { auc: 0.98891234 } });
    show({ lines: flat([row, aRow({ record_id: 'best' })]), best });
    const [line, winner] = screen.getAllByRole('option');
    expect(line.textContent).toContain('gbm-depth3');
    expect(line.textContent).toContain('finished');
    expect(line.textContent).toContain('0.9889−0.42 %');
    expect(line.querySelector('[title="auc: 0.98891234, best 0.9931"]')).not.toBeNull();
    expect(winner.textContent).toContain('0.9931★');
  });

  it('shows what runs, with its clock and what it uses', () => {
    const started = Date.now() / 1000 - 41;
    const usage = { cpu_percent: 97, rss: 611e6 };
    show({ lines: flat([aRow({ state: 'RUNNING', started, duration: null, usage })]) });
    expect(screen.getByRole('option').textContent).toMatch(/running0:4[12]97 % · 611 MB/);
  });

  it('shows the last line of an error, and marks what changed', () => {
    const row = aRow({
      state: 'FAILED',
      error: 'MemoryError: too much',
      data_changed: true,
      environment_changed: true,
      metrics: {},
      published: false,
      starred: true,
      archived: true,
      verdict: 'reproduced',
      taint: 'out-of-order'
    });
    show({ lines: flat([row]), withNotebook: true });
    const text = screen.getByRole('option').textContent ?? '';
    for (const part of [
      'MemoryError: too much',
      'data changed',
      'env. changed',
      'waiting',
      'archived',
      'reproduced',
      '⚠ cells ran out of order',
      'study.ipynb',
      '–'
    ]) {
      expect(text).toContain(part);
    }
    expect(screen.getByLabelText('starred')).toBeTruthy();
  });

  it('shows hostile text as text', () => {
    const row = aRow({
      name: HOSTILE,
      error: HOSTILE,
      verdict: HOSTILE,
      notebook: HOSTILE,
      metrics: { [HOSTILE]: 1 }
    });
    show({ lines: flat([row]), metric: HOSTILE, withNotebook: true });
    const line = screen.getByRole('option');
    expect(line.querySelector('img')).toBeNull();
    expect(line.textContent).toContain('\\u202e\\x00');
    expect(line.textContent).not.toContain('\u202e');
    expect(document.title).not.toBe('pwned');
    expect((line.textContent ?? '').length).toBeLessThan(2500);
  });
});

describe('groups', () => {
  const rows = [aRow({ record_id: 'a', name: 'a' }), aRow({ record_id: 'b', name: 'a' })];
  const groups = groupRuns(rows, 'auc', undefined);

  it('open and close by click and keys', () => {
    const key = groups[0].key;
    const { onToggleGroup } = show({
      lines: linesOf(groupItems(groups, new Set())),
      isTree: true,
      active: key
    });
    const item = screen.getByRole('treeitem');
    expect(item.getAttribute('aria-expanded')).toBe('false');
    expect(item.textContent).toContain('2 runs');
    fireEvent.click(item);
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowRight' });
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowLeft' });
    expect(onToggleGroup).toHaveBeenCalledTimes(2);
  });

  it('hold their runs one level below', () => {
    show({ lines: linesOf(groupItems(groups, new Set([groups[0].key]))), isTree: true });
    const levels = screen.getAllByRole('treeitem').map(item => item.getAttribute('aria-level'));
    expect(levels).toEqual(['1', '2', '2']);
  });
});

describe('the runs in a run', () => {
  const parent = aRow({ name: 'sweep of depth', mark: 'sweep', children: 24 });
  const rows = aSweep(2);
  const child = { parent: parent.record_id, keys: ['depth', 'rate'], metric: 'auc', best: undefined };

  function opened(more: Partial<Children> | null = null): ILines {
    const items: Item[] = [
      { kind: 'run', key: 'run:p', row: parent, level: 1, isOpen: true, place: [1, 2] },
      ...rows.map((row, index): Item => ({
        kind: 'run',
        key: runKey(row.record_id),
        row,
        level: 2,
        place: [index + 1, 24],
        child
      }))
    ];
    if (more !== null) {
      items.push({ kind: 'more', key: 'more:p', parent: 'p', children: more as Children, level: 2 });
    }
    return linesOf([...items, { kind: 'run', key: 'run:z', row: aRow(), level: 1, place: [2, 2] }]);
  }

  it('are folded into it, and counted', () => {
    const lines = linesOf([{ kind: 'run', key: 'run:p', row: parent, level: 1, isOpen: false }]);
    const { onToggleRun, onChoose, onOpen } = show({ lines, isTree: true, active: 'run:p' });
    const line = screen.getByRole('treeitem', { expanded: false });
    expect(line.textContent).toContain('▸ 24 runs');
    expect(line.textContent).toContain('sweep');
    fireEvent.click(screen.getByText('24 runs', { exact: false, selector: '.bioml-Line-runs' }));
    fireEvent.doubleClick(screen.getByTitle('Show the runs in it (arrow right)'));
    expect([jest.mocked(onChoose).mock.calls, jest.mocked(onOpen).mock.calls]).toEqual([[], []]);
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowRight' });
    expect(onToggleRun).toHaveBeenCalledTimes(2);
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'Enter' });
    expect(onOpen).toHaveBeenCalledWith(parent);
  });

  it('stand below it with what differs between them first, in their places', () => {
    show({ lines: opened(), isTree: true });
    const [top, first, , last] = screen.getAllByRole('treeitem');
    expect(top.getAttribute('aria-expanded')).toBe('true');
    expect(first.querySelector('.bioml-Line-main')?.textContent).toContain('depth 0');
    expect(first.querySelector('.bioml-Line-more')?.textContent).toContain('rate 0');
    expect(first.querySelector('.bioml-Line-name [title]')?.getAttribute('title')).toBe(
      'sweep 0: depth 0 · rate 0'
    );
    const places = [top, first, last].map(line =>
      ['aria-level', 'aria-posinset', 'aria-setsize'].map(name => line.getAttribute(name)).join(' ')
    );
    expect(places).toEqual(['1 1 2', '2 1 24', '1 2 2']);
  });

  it('are left and entered by arrows as in any tree', () => {
    const down = show({ lines: opened(), isTree: true, active: 'run:p' });
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowRight' });
    expect(down.onMove).toHaveBeenCalledWith(1, 'one');
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowLeft' });
    expect(down.onToggleRun).toHaveBeenCalledWith(parent.record_id);
    cleanup();
    const up = show({ lines: opened(), isTree: true, active: 'run:c1' });
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowRight' });
    expect(up.onMove).not.toHaveBeenCalled();
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'ArrowLeft' });
    expect(up.onMove).toHaveBeenCalledWith(-2, 'one');
  });

  it('say that there are more, that they are read, or why they are not', () => {
    const some = { rows, total: 24, next: 22, error: null, isReading: false };
    const { onMore, rerender } = show({ lines: opened(some), isTree: true, active: 'more:p' });
    fireEvent.click(screen.getByText('Show 22 more', { exact: false }));
    fireEvent.keyDown(screen.getByRole('tree'), { key: 'Enter' });
    expect(jest.mocked(onMore).mock.calls).toEqual([['p'], ['p']]);
    expect(screen.getByText('2 of 24 shown')).toBeTruthy();
    rerender({ lines: opened({ ...some, isReading: true }) });
    expect(screen.getByText('Loading…')).toBeTruthy();
    rerender({ lines: opened({ ...some, error: new Error('MLflow is away.\u202e') }) });
    expect(screen.getByText(/Could not be read: MLflow is away.\\u202e/)).toBeTruthy();
    fireEvent.click(screen.getByText('Try again'));
    expect(onMore).toHaveBeenCalledTimes(3);
  });
});
