import { ApiError } from '../../../api/request';
import type { ColumnKeys, RunPage, TableGroups, TableView } from '../../../api/wire';
import { aPage, manyRows } from '../../../testing/builders';
import { FakeClient, type ICall } from '../../../testing/client';
import { FIRST_VIEW } from '../tableview';
import { TableModel } from '../tablemodel';

const KEYS: ColumnKeys = {
  metrics: [{ key: 'auc', runs: 1000, differs: true }],
  params: [
    { key: 'depth', runs: 1000, differs: true },
    { key: 'seed', runs: 1000, differs: false }
  ],
  tags: [{ key: 'site', runs: 10, differs: true }]
};
const ALL = manyRows(1000);
const GROUPS: TableGroups = {
  groups: ['[3]', '[]'].map((key, index) => ({
    key,
    value: index === 0 ? 3 : null,
    runs: 500,
    measured: 500,
    best: null,
    mean: 0.5,
    sd: 0.1
  })),
  total: 2,
  runs: 1000,
  loading: false
};

function aPageOf(call: ICall): RunPage {
  const within =
    call.query.value === '[3]' ? ALL.slice(0, 500) : call.query.value === '[]' ? ALL.slice(500) : ALL;
  const [offset, limit] = [Number(call.query.offset), Number(call.query.limit)];
  return aPage(within.slice(offset, offset + limit), { total: within.length, offset });
}

function aModel(answers: Record<string, (call: ICall) => unknown> = {}): {
  client: FakeClient;
  model: TableModel;
} {
  const client = new FakeClient({
    'GET runs': aPageOf,
    'GET table/columns': () => KEYS,
    'GET table/views': () => [],
    'GET table/groups': () => GROUPS,
    'GET table/values': call => ({
      runs: (call.query.value === '[]' ? ALL.slice(500) : ALL).map(row => row.record_id),
      columns: []
    }),
    'POST table/change': call => ({ changed: (call.body as { runs: string[] }).runs.length, missing: [] }),
    ...answers
  });
  return { client, model: new TableModel(client, 'study') };
}

async function started(answers: Record<string, (call: ICall) => unknown> = {}) {
  const made = aModel(answers);
  await made.model.watch.now();
  return made;
}

describe('TableModel', () => {
  it('reads only what is seen, and chooses columns that differ', async () => {
    const { client, model } = await started();
    expect([model.lines.count, model.total]).toEqual([1000, 1000]);
    expect(model.view.columns).toEqual([
      'name',
      'status',
      'started',
      'metrics.auc',
      'params.depth',
      'duration'
    ]);
    expect(client.of('GET runs').map(call => call.query.offset)).toEqual([0]);
    expect(model.lines.item(450).kind).toBe('blank');
    model.see(440, 470);
    await model.watch.now();
    expect(client.of('GET runs').at(-1)?.query).toMatchObject({
      offset: 400,
      limit: 100,
      flat: 1,
      column: 'started'
    });
    expect(model.lines.item(450)).toMatchObject({ kind: 'run', row: { record_id: 'r450' } });
  });

  it('asks again when other runs are wanted, and not when only a column changes', async () => {
    const { client, model } = await started();
    const before = client.calls.length;
    model.show({ columns: ['name'], widths: [0] });
    expect(model.generation).toBe(1);
    model.show({ sort: 'params.depth', descending: false, where: ' depth > 3 ' });
    await model.watch.now();
    expect(client.calls[before].query).toMatchObject({
      column: 'params.depth',
      order: 'asc',
      where: 'depth > 3'
    });
    expect(model.generation).toBe(2);
  });

  it('says what is wrong with a filter and keeps the runs of before', async () => {
    const { client, model } = await started();
    client.answers['GET runs'] = () => new ApiError(400, 'usage', 'wrong at character 1', 'Write depth.');
    model.show({ where: 'depht' });
    await model.watch.now();
    expect([model.refusal?.message, model.error, model.lines.count]).toEqual([
      'wrong at character 1',
      null,
      1000
    ]);
    client.answers['GET runs'] = aPageOf;
    model.show({ where: '' });
    await model.watch.now();
    expect(model.refusal).toBeNull();
  });

  it('keeps what was read when the server does not answer', async () => {
    const { client, model } = await started();
    client.answers['GET runs'] = () => new ApiError(503, 'store-unavailable', 'down', '');
    await expect(model.watch.now()).rejects.toThrow('down');
    expect([model.error?.message, model.lines.count]).toEqual(['down', 1000]);
  });

  it('shows groups, and the runs of those that are opened', async () => {
    const { client, model } = await started();
    model.show({ group: 'params.depth' });
    await model.watch.now();
    expect(model.lines.count).toBe(2);
    expect(client.of('GET table/groups')[0].query).toMatchObject({ by: 'params.depth', of: 'auc' });
    model.toggleGroup('[]');
    expect(model.lines.count).toBe(502);
    model.see(0, 30);
    await model.watch.now();
    expect(client.of('GET runs').at(-1)?.query).toMatchObject({
      group: 'params.depth',
      value: '[]',
      offset: 0
    });
    expect(model.lines.item(2)).toMatchObject({ kind: 'run', level: 2, row: { record_id: 'r500' } });
    expect([model.lines.headOf(400), model.lines.headOf(0)]).toEqual([1, 0]);
    await model.pick(2, 'one');
    await model.pick(400, 'range');
    expect([model.picked.size, model.picked.has('r898'), model.picked.has('r499')]).toEqual([
      399,
      true,
      false
    ]);
  });

  it('chooses one, more, a range of runs that were never read, all and none', async () => {
    const { model } = await started();
    await model.pick(3, 'one');
    await model.pick(5, 'toggle');
    expect(model.picked.ids).toEqual(['r3', 'r5']);
    await model.pick(3, 'toggle');
    expect(model.picked.ids).toEqual(['r5']);
    await model.pick(3, 'one');
    await model.pick(902, 'range');
    expect([model.picked.size, model.picked.ids[0], model.picked.ids.at(-1)]).toEqual([900, 'r3', 'r902']);
    expect(model.picked.rows).toHaveLength(97);
    await model.pickAll();
    expect(model.picked.size).toBe(1000);
    model.pickNone();
    expect(model.picked.size).toBe(0);
  });

  it('changes many runs some hundred at a time', async () => {
    const { client, model } = await started();
    await model.pickAll();
    const said: number[] = [];
    await model.changePicked({ starred: true, tags: { site: null } }, count => said.push(count));
    expect(said).toEqual([500, 1000]);
    expect(model.picked.rows[0].starred).toBe(true);
    expect(model.lines.item(0)).toMatchObject({ row: { starred: true } });
    expect(client.of('POST table/change')[1].body).toMatchObject({ starred: true, tags: { site: null } });
    client.answers['POST table/change'] = () => ({ changed: 0, missing: ['r1'] });
    await model.changePicked({ archived: true }, () => undefined);
    expect(model.picked.has('r1')).toBe(false);
  });

  it('holds new runs back while the pointer is on the table', async () => {
    const { client, model } = await started();
    model.hold(true);
    const more = manyRows(1002);
    client.answers['GET runs'] = call =>
      aPage(more.slice(0, 100), { total: 1002, offset: Number(call.query.offset) });
    await model.watch.now();
    expect([model.heldBack, model.lines.count]).toEqual([2, 1000]);
    model.hold(false);
    await model.watch.now();
    expect([model.heldBack, model.lines.count]).toEqual([0, 1002]);
  });

  it('keeps, opens and forgets views', async () => {
    const views: TableView[] = [];
    const { model } = await started({
      'GET table/views': () => views,
      'POST table/views': call => {
        views.push(call.body as TableView);
        return call.body;
      },
      'DELETE table/views/good': () => views.pop()
    });
    model.show({ where: 'auc > 0.9' });
    await model.saveView('good');
    expect([model.viewName, model.views.length]).toEqual(['good', 1]);
    model.show(FIRST_VIEW);
    model.open(model.views[0]);
    expect(model.view.where).toBe('auc > 0.9');
    await model.forgetView('good');
    expect([model.viewName, model.views.length]).toEqual(['', 0]);
  });

  it('gives the shown columns of the chosen runs for a file', async () => {
    const { model } = await started({
      'GET table/values': () => ({
        runs: ['r0', 'r1'],
        columns: [
          ['a', 'b'],
          [1, null]
        ]
      })
    });
    model.show({ columns: ['name', 'figure', 'metrics.auc'], widths: [0, 0, 0] });
    expect(await model.rowsForCsv()).toEqual([
      ['id', 'name', 'metrics.auc'],
      ['r0', 'a', 1],
      ['r1', 'b', null]
    ]);
    await model.pick(1, 'one');
    expect(await model.rowsForCsv()).toHaveLength(2);
  });
});
