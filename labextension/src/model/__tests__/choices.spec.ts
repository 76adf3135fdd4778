import { aPoint, manyRows } from '../../testing/builders';
import { differenceToBest } from '../difference';
import type { Item } from '../groups';
import { runKey } from '../groups';
import { spanOf, traces } from '../livefeed';
import {
  DEFAULT_VIEW,
  fromRemembered,
  isFiltered,
  keyMetric,
  NO_FILTER,
  queryOf,
  toRemember
} from '../runview';
import type { ILines } from '../selection';
import { Selection } from '../selection';

function lines(count: number, blank = -1): ILines {
  const rows = manyRows(count);
  const items = rows.map((row, index): Item =>
    index === blank
      ? { kind: 'blank', key: `blank:${index}` }
      : { kind: 'run', key: runKey(row.record_id), row, level: 1 }
  );
  return { count, item: index => items[index], indexOf: key => items.findIndex(item => item.key === key) };
}

const chosen = (selection: Selection): string[] => selection.rows.map(row => row.record_id);

describe('a selection', () => {
  it('is one run, more with ctrl, all between with shift', () => {
    const selection = new Selection(lines(10));
    selection.choose(2, 'one');
    selection.choose(5, 'toggle');
    expect(chosen(selection)).toEqual(['r2', 'r5']);
    selection.choose(2, 'toggle');
    expect(chosen(selection)).toEqual(['r5']);
    selection.choose(4, 'one');
    selection.choose(7, 'range');
    expect(chosen(selection)).toEqual(['r4', 'r5', 'r6', 'r7']);
    selection.choose(3, 'range');
    expect(chosen(selection)).toEqual(['r4', 'r3']);
    selection.clear();
    expect([selection.size, selection.active]).toEqual([0, null]);
  });

  it('follows the keyboard, which stays inside', () => {
    const selection = new Selection(lines(3));
    expect(selection.move(1, 'one')).toBe(0);
    expect(selection.move(1, 'range')).toBe(1);
    expect(chosen(selection)).toEqual(['r0', 'r1']);
    expect(selection.move(1, null)).toBe(2);
    expect(chosen(selection)).toEqual(['r0', 'r1']);
    expect(selection.active).toBe('run:r2');
    expect(selection.move(100, 'one')).toBe(2);
    expect(selection.move(-100, 'one')).toBe(0);
    expect(new Selection(lines(0)).move(1, 'one')).toBe(-1);
  });

  it('leaves out what was not read', () => {
    const selection = new Selection(lines(4, 2));
    selection.choose(0, 'one');
    selection.choose(3, 'range');
    expect(chosen(selection)).toEqual(['r0', 'r1', 'r3']);
    selection.remove('r1');
    expect(selection.has('r1')).toBe(false);
  });
});

describe('what is seen', () => {
  it('is asked for in the words of the server', () => {
    const query = queryOf(
      { ...DEFAULT_VIEW, q: ' x ', tags: 'site=A, ,cohort', scope: 'experiment', experiment: 'e', max: 2 },
      'loss'
    );
    expect(query).toMatchObject({
      q: 'x',
      tag: ['site=A', 'cohort'],
      experiment: 'e',
      metric: 'loss',
      max: 2
    });
    expect(queryOf({ ...DEFAULT_VIEW, sort: 'metric' }, '').sort).toBe('started');
  });

  it('knows when a filter leaves runs out', () => {
    expect(isFiltered(DEFAULT_VIEW)).toBe(false);
    for (const one of [{ q: 'a' }, { tags: 'a' }, { min: 0 }, { max: 0 }, { starred: true }]) {
      expect(isFiltered({ ...DEFAULT_VIEW, ...one })).toBe(true);
      expect(isFiltered({ ...DEFAULT_VIEW, ...one, ...NO_FILTER })).toBe(false);
    }
  });

  it('is kept over a reload, and invalid values are ignored', () => {
    const view = {
      ...DEFAULT_VIEW,
      metric: 'auc',
      sort: 'name',
      order: 'asc',
      grouped: true,
      q: 'x'
    } as const;
    expect(fromRemembered(toRemember(view))).toEqual({
      metric: 'auc',
      sort: 'name',
      order: 'asc',
      grouped: true
    });
    expect(fromRemembered({ metric: 3, sort: 'size', order: null, grouped: 'yes' })).toEqual({});
    expect(fromRemembered(null)).toEqual({});
  });

  it('shows the chosen metric if there is one, else the first that is not a timing', () => {
    expect(keyMetric('loss', ['auc', 'loss'])).toBe('loss');
    expect(keyMetric('gone', ['timing.fit', 'auc'])).toBe('auc');
    expect(keyMetric('', ['timing.fit'])).toBe('timing.fit');
    expect(keyMetric('', [])).toBe('');
  });
});

describe('the difference to the best', () => {
  it.each([
    [0.9889, 0.9931, '−0.42 %'],
    [1.2, 1, '+20 %'],
    [0.5, 0.5, '='],
    [0.3, 0, '+0.3'],
    [-1, -2, '+50 %'],
    [Infinity, 1, '']
  ])('of %p to %p is %p', (value, best, text) => expect(differenceToBest(value, best)).toBe(text));
});

describe('curves', () => {
  it('are CPU and memory, and two for each GPU that was there', () => {
    const gpu = { index: 1, utilization_percent: 88, memory: 3e9, own: true, energy_millijoules: null };
    const found = traces([aPoint({ t: 1 }), aPoint({ t: 2, cpu_percent: null, gpus: [gpu] })]);
    expect(found.map(trace => trace.key)).toEqual(['cpu', 'memory', 'gpu1', 'vram1']);
    expect(found[0].values).toEqual([97, null]);
    expect(found[0].last).toBeNull();
    expect(found[2].values).toEqual([null, 88]);
    expect(found[3].last).toBe(3e9);
    expect(traces([])).toEqual([]);
  });

  it('span what was read: a minute at least, ten at most', () => {
    expect(spanOf([], 1000)).toEqual([940, 1000]);
    expect(spanOf([aPoint({ t: 800 })], 1000)).toEqual([800, 1000]);
    expect(spanOf([aPoint({ t: 1 }), aPoint({ t: 1001 })], 1000)).toEqual([401, 1001]);
  });
});
