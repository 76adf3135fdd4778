import { aRow } from '../../../testing/builders';
import { FakeClient } from '../../../testing/client';
import { trans } from '../../../testing/pages';
import { Figures } from '../figures';
import { axisOf, coloursOf, kindOf, meanLines, nearestSpot, spotsOf } from '../tablechart';
import { exactOf, isRight, labelOf, parse, textOf, valueOf } from '../tablecolumns';
import {
  FIRST_VIEW,
  fromKept,
  metricOf,
  moved,
  resized,
  sortedBy,
  toggled,
  widthsOf,
  withColumns
} from '../tableview';

const VIEW = withColumns(FIRST_VIEW, ['name', 'metrics.auc', 'params.depth']);

describe('columns', () => {
  it('tells values, None and nothing apart', () => {
    const row = aRow({
      params: { depth: 3, a: null, 'b.c': 'x' },
      tags: { site: 'north' },
      metrics: { constructor: 1 }
    });
    expect(
      ['params.depth', 'params.a', 'params.b.c', 'tags.site', 'metrics.constructor'].map(id =>
        valueOf(row, id)
      )
    ).toEqual([3, null, 'x', 'north', 1]);
    expect([valueOf(row, 'params.constructor'), valueOf(row, 'note'), valueOf(row, 'toString')]).toEqual([
      undefined,
      undefined,
      undefined
    ]);
    expect([textOf('params.a', null, 0, trans), textOf('params.z', undefined, 0, trans)]).toEqual([
      'None',
      ''
    ]);
    expect([textOf('duration', 3.2, 0, trans), exactOf('metrics.auc', 0.123456789)]).toEqual([
      '3.2 s',
      '0.123456789'
    ]);
    expect([
      isRight('params.depth', 3),
      isRight('params.kind', 'x'),
      isRight('metrics.auc', undefined)
    ]).toEqual([true, false, true]);
    expect([parse('metrics.a.b'), parse('figure').kind, parse('odd.x').kind]).toEqual([
      { kind: 'metrics', key: 'a.b' },
      'figure',
      'field'
    ]);
    expect([labelOf('name', trans), labelOf('tags.site', trans)]).toEqual(['Run', 'site']);
  });
});

describe('views', () => {
  it('sort, widen, move, add and take away columns', () => {
    expect(sortedBy(VIEW, 'metrics.auc')).toMatchObject({ sort: 'metrics.auc', descending: true });
    expect(sortedBy(sortedBy(VIEW, 'metrics.auc'), 'metrics.auc').descending).toBe(false);
    expect(sortedBy(VIEW, 'params.depth').descending).toBe(false);
    expect(sortedBy(VIEW, 'figure')).toBe(VIEW);
    expect(widthsOf(resized(VIEW, 1, 5))[1]).toBe(48);
    expect(moved(VIEW, 'params.depth', -1).columns).toEqual(['name', 'params.depth', 'metrics.auc']);
    expect(moved(VIEW, 'name', -1)).toBe(VIEW);
    expect(toggled(VIEW, 'name')).toBe(VIEW);
    expect(toggled(VIEW, 'metrics.auc').columns).toEqual(['name', 'params.depth']);
    expect(toggled(VIEW, 'figure').columns[1]).toBe('figure');
    expect(toggled(resized(VIEW, 2, 200), 'metrics.auc').widths).toEqual([0, 200]);
    expect([metricOf(VIEW), metricOf(FIRST_VIEW), metricOf({ ...VIEW, metric: 'f1' })]).toEqual([
      'auc',
      null,
      'f1'
    ]);
  });

  it('are taken back only as far as they are views', () => {
    expect(fromKept({ ...VIEW })).toEqual(VIEW);
    expect(fromKept({ columns: ['name'], widths: ['x'], sort: 'name', where: 3 })).toMatchObject({
      widths: [0],
      where: ''
    });
    for (const wrong of [null, 3, {}, { columns: [1], widths: [], sort: 'name' }]) {
      expect(fromKept(wrong)).toBeNull();
    }
  });
});

describe('charts', () => {
  it('place runs that have both values, coloured by kind or by shade', () => {
    const x = axisOf('params.depth', [1, 2, null, 4], [0, 300], false);
    const y = axisOf('metrics.auc', [0, 1, 1, 0.5], [100, 0], false);
    const colours = coloursOf(['a', 'b', null, null]);
    const spots = spotsOf([1, 2, null, 4], [0, 1, 1, 0.5], ['a', 'b', null, null], x, y, colours);
    expect(spots.map(({ index, kind }) => [index, kind])).toEqual([
      [0, 0],
      [1, 1],
      [3, -1]
    ]);
    expect([nearestSpot(spots, 101, 3), nearestSpot(spots, 200, 50)]).toEqual([1, -1]);
    const shades = coloursOf(Array.from({ length: 20 }, (_, at) => at));
    expect([shades.by, kindOf(shades, 0), kindOf(shades, 19)]).toEqual(['number', 0, 11]);
    expect(coloursOf([10, 9, 9])).toEqual({ by: 'kind', names: ['9', '10'] });
  });

  it('leave out what has no place on a log scale', () => {
    const log = axisOf('params.rate', [0.001, 0.1, 0, -1], [0, 100], true);
    expect([log.at(0.001), log.at(0.1), log.at(0), log.at(-1)]).toEqual([0, 100, null, null]);
    expect(axisOf('params.rate', [0, null], [0, 100], true).at(0)).toBeNull();
    const time = axisOf('started', [1_795_270_000, 1_795_273_600], [0, 100], false);
    expect(time.at(1_795_271_800)).toBeCloseTo(50);
    expect(time.ticks[0].text).not.toMatch(/1,795/);
  });

  it('draw a line through means, of strips where there are very many places', () => {
    const few = [0, 0, 10].map((x, index) => ({ index, x, y: index * 10, kind: 0 }));
    expect(meanLines(few).get(0)).toEqual([
      [0, 5],
      [10, 20]
    ]);
    const many = Array.from({ length: 1000 }, (_, at) => ({ index: at, x: at, y: 1, kind: 0 }));
    expect(meanLines(many).get(0)).toHaveLength(30);
  });
});

describe('Figures', () => {
  it('reads the pictures of a run once, those asked for together from the top down', async () => {
    const picture = { kind: 'display', mime: 'image/png', text: null, data: 'AAAA', size: 3, cut: false };
    const printed = { kind: 'stdout', mime: null, text: 'x', data: null, size: 1, cut: false };
    const asked: string[] = [];
    const answer = (id: string) => () => {
      asked.push(id);
      return id === 'r3' ? new Error('gone') : [printed, picture, picture];
    };
    const ids = ['r0', 'r1', 'r2', 'r3', 'r4'];
    const client = new FakeClient(Object.fromEntries(ids.map(id => [`GET runs/${id}/outputs`, answer(id)])));
    const figures = new Figures(client, 'study');
    const done = new Promise<void>(resolve => {
      let left = ids.length;
      figures.changed.connect(() => (left -= 1) === 0 && resolve());
    });
    expect(ids.map(id => figures.of(id))).toEqual(ids.map(() => undefined));
    await done;
    expect(asked.slice(0, 3)).toEqual(['r0', 'r1', 'r2']);
    expect(figures.of('r0')).toEqual(['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA']);
    expect([figures.of('r3'), figures.most(ids), asked.length]).toEqual([null, 2, 5]);
    figures.forget('r0');
    expect(figures.of('r0')).toBeUndefined();
    figures.dispose();
  });

  it('reads what was asked for last before what is out of sight by then', async () => {
    const asked: string[] = [];
    const ids = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6'];
    const client = new FakeClient(
      Object.fromEntries(ids.map(id => [`GET runs/${id}/outputs`, () => (asked.push(id), [])]))
    );
    const figures = new Figures(client, 'study');
    const done = new Promise<void>(resolve => {
      let left = ids.length;
      figures.changed.connect(() => (left -= 1) === 0 && resolve());
    });
    ids.slice(0, 5).forEach(id => figures.of(id));
    await Promise.resolve();
    ids.slice(5).forEach(id => figures.of(id));
    await done;
    expect(asked).toEqual(['r0', 'r1', 'r2', 'r5', 'r6', 'r3', 'r4']);
    figures.dispose();
  });
});
