import type { Comparison } from '../../api/wire';
import { aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { aComparison } from '../../testing/pages';
import { ComparisonModel } from '../comparison';

const SERIES = { series: { auc: { steps: [0, 1], values: [0, 1], times: [0, 1] } }, truncated: false };

function aServer(comparison: () => Comparison = aComparison): FakeClient {
  return new FakeClient({
    'POST compare': comparison,
    'GET runs/r1/series': () => SERIES,
    'GET runs/r2/series': () => SERIES
  });
}

describe('ComparisonModel', () => {
  const models: ComparisonModel[] = [];
  const make = (client: FakeClient, ids: string[]): ComparisonModel => {
    const model = new ComparisonModel(client, ids, 'study.ipynb');
    models.push(model);
    return model;
  };

  afterEach(() => models.splice(0).forEach(model => model.dispose()));

  it('compares each run once, twenty at most', () => {
    expect(make(aServer(), ['a', 'b', 'a']).ids).toEqual(['a', 'b']);
    expect(
      make(
        aServer(),
        Array.from({ length: 25 }, (_, index) => `r${index}`)
      ).ids
    ).toHaveLength(20);
  });

  it('reads the runs, and their curves only when they are needed', async () => {
    const client = aServer();
    const model = make(client, ['r1', 'r2']);
    await model.watch.now();
    expect(client.calls.map(call => call.path)).toEqual(['compare']);
    await model.curves.need();
    expect(model.curves.value).toEqual({ r1: SERIES, r2: SERIES });
    expect(client.of('GET runs/r1/series')[0].query).toMatchObject({ key: ['auc'], path: 'study.ipynb' });
  });

  it('asks for no curves without metrics, or before the runs were read', async () => {
    const client = aServer(() => aComparison({ sections: [] }));
    const model = make(client, ['r1', 'r2']);
    await model.curves.load();
    await model.watch.now();
    await model.curves.load();
    expect(model.curves.value).toEqual({});
    expect(client.of('GET runs/r1/series')).toHaveLength(0);
  });

  it('follows the curves while a run runs', async () => {
    const runs = [aRow({ record_id: 'r1', state: 'RUNNING' }), aRow({ record_id: 'r2' })];
    const client = aServer(() => aComparison({ runs }));
    const model = make(client, ['r1', 'r2']);
    await model.watch.now();
    await model.curves.need();
    await model.watch.now();
    expect(client.of('GET runs/r1/series')).toHaveLength(2);
  });

  it('another first run, or one less, is another comparison', async () => {
    const client = aServer();
    const model = make(client, ['a', 'b', 'c']);
    const told: (readonly string[])[] = [];
    model.idsChanged.connect((_, ids) => told.push(ids));
    model.makeFirst(2);
    model.remove(1);
    expect(told).toEqual([
      ['c', 'a', 'b'],
      ['c', 'b']
    ]);
    expect(client.of('POST compare').map(call => call.body)).toEqual([
      { runs: ['c', 'a', 'b'] },
      { runs: ['c', 'b'] }
    ]);
  });

  it('keeps the last two runs', () => {
    const model = make(aServer(), ['a', 'b']);
    model.remove(0);
    expect(model.ids).toEqual(['a', 'b']);
  });

  it('keeps the table when the server goes away', async () => {
    const client = aServer();
    const model = make(client, ['r1', 'r2']);
    await model.watch.now();
    client.answers['POST compare'] = () => new Error('gone');
    await expect(model.watch.now()).rejects.toThrow('gone');
    expect(model.comparison.value?.runs).toHaveLength(2);
    expect(model.comparison.error?.message).toBe('gone');
  });
});
