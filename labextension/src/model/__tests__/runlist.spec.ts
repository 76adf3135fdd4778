import type { ICall } from '../../testing/client';
import { FakeClient } from '../../testing/client';
import { aPage, aRow, aSweep, manyRows } from '../../testing/builders';
import type { RunPage, RunRow } from '../../api/wire';
import { RunListModel } from '../runlist';

/** A server that holds runs, newest first, and answers with pages of them. */
class Server extends FakeClient {
  constructor(public rows: RunRow[]) {
    super({ 'GET runs': call => this.page(call) });
  }

  more: Partial<RunPage> = {};

  private page({ query }: ICall): RunPage {
    const offset = Number(query.offset);
    const limit = Number(query.limit);
    const rows = this.rows.slice(offset, offset + limit);
    return aPage(rows, { total: this.rows.length, offset, ...this.more });
  }

  get offsets(): unknown[] {
    return this.of('GET runs').map(call => call.query.offset);
  }
}

const models: RunListModel[] = [];

async function modelOf(server: FakeClient, path: string | null = 'study.ipynb'): Promise<RunListModel> {
  const model = new RunListModel(server);
  models.push(model);
  model.path = path;
  await model.watch.now();
  return model;
}

function names(model: RunListModel, first: number, last: number): (string | null)[] {
  return Array.from({ length: last - first + 1 }, (_, index) => {
    const item = model.item(first + index);
    return item.kind === 'run' ? item.row.record_id : null;
  });
}

afterEach(() => models.splice(0).forEach(model => model.dispose()));

describe('a long list', () => {
  it('is chosen as a whole, also where it was not read', async () => {
    const model = await modelOf(new Server(manyRows(1_234)));
    await model.chooseAll();
    expect(model.selection.size).toBe(1_234);
    expect(model.selection.has('r1233')).toBe(true);
  });

  it('reads one page, then what is seen', async () => {
    const server = new Server(manyRows(10_000));
    const model = await modelOf(server);
    expect(model.count).toBe(10_000);
    expect(server.offsets).toEqual([0]);
    expect(model.item(5_000).kind).toBe('blank');
    model.see(5_000, 5_020);
    await model.watch.now();
    expect(server.offsets).toEqual([0, 0, 5_000]);
    expect(names(model, 5_000, 5_001)).toEqual(['r5000', 'r5001']);
    expect(names(model, 0, 0)).toEqual(['r0']);
    expect(model.item(100).kind).toBe('blank');
  });

  it('keeps the keyboard on a line that is read only then', async () => {
    const server = new Server(manyRows(10_000));
    const model = await modelOf(server);
    expect(model.move(10_000, 'one')).toBe(9_999);
    model.see(9_990, 9_999);
    await model.watch.now();
    expect(model.indexOf(model.selection.active ?? '')).toBe(9_999);
    expect(model.move(-1, 'one')).toBe(9_998);
    expect(model.selection.rows.map(row => row.record_id)).toEqual(['r9998']);
  });

  it('moves down what was read when a run comes in above', async () => {
    const server = new Server(manyRows(500));
    const model = await modelOf(server);
    model.see(200, 210);
    await model.watch.now();
    server.rows = [aRow({ record_id: 'new' }), ...server.rows];
    await model.watch.now();
    expect(model.inserted).toBe(1);
    expect(names(model, 0, 1)).toEqual(['new', 'r0']);
    expect(model.indexOf('run:r200')).toBe(201);
  });

  it('lets nothing move while the pointer is on it, but shows what changed', async () => {
    const server = new Server([aRow({ record_id: 'old', state: 'RUNNING' })]);
    const model = await modelOf(server);
    model.hold(true);
    server.rows = [aRow({ record_id: 'new' }), aRow({ record_id: 'old', state: 'FINISHED' })];
    await model.watch.now();
    expect(model.heldBack).toBe(1);
    expect(model.count).toBe(1);
    expect(model.known[0].state).toBe('FINISHED');
    model.hold(false);
    await model.watch.now();
    expect(model.heldBack).toBe(0);
    expect(names(model, 0, 1)).toEqual(['new', 'old']);
  });

  it('forgets what stands elsewhere after runs were deleted by others', async () => {
    const server = new Server(manyRows(300));
    const model = await modelOf(server);
    server.rows = server.rows.slice(100);
    await model.watch.now();
    expect(model.count).toBe(200);
    expect(names(model, 0, 0)).toEqual(['r100']);
  });
});

describe('what is looked for', () => {
  it('is nothing without a notebook, unless all are meant', async () => {
    const server = new Server(manyRows(3));
    const model = await modelOf(server, null);
    expect(server.calls).toHaveLength(0);
    model.show({ scope: 'project' });
    await model.watch.now();
    expect(server.calls[0].query).toMatchObject({ scope: 'project', path: '' });
    expect(model.count).toBe(3);
  });

  it('keeps the rows of before until the answer to another filter is there', async () => {
    const server = new Server(manyRows(3));
    const model = await modelOf(server);
    server.rows = [aRow({ record_id: 'hit' })];
    model.show({ q: 'hit', states: ['FAILED'] });
    expect(model.count).toBe(3);
    await model.watch.now();
    expect(server.calls[1].query).toMatchObject({ q: 'hit', state: 'FAILED' });
    expect(names(model, 0, 0)).toEqual(['hit']);
    expect(model.inserted).toBe(0);
  });

  it('is asked with the shown metric when ordered by it, and only then', async () => {
    const server = new Server(manyRows(2));
    const model = await modelOf(server);
    expect(model.metric).toBe('auc');
    expect(server.calls[0].query.metric).toBeUndefined();
    model.show({ sort: 'metric', min: 0.5 });
    await model.watch.now();
    expect(server.calls[1].query).toMatchObject({ sort: 'metric', metric: 'auc', min: 0.5 });
    const asked = server.calls.length;
    model.show({ sort: 'started', min: null });
    model.show({ metric: 'loss' });
    await model.watch.now();
    expect(server.calls[asked].query.metric).toBeUndefined();
  });

  it('forgets the rows of another notebook at once', async () => {
    const server = new Server(manyRows(3));
    const model = await modelOf(server);
    model.choose(0, 'one');
    model.path = 'other.ipynb';
    expect(model.count).toBe(0);
    expect(model.page).toBeNull();
    expect(model.selection.size).toBe(0);
  });

  it('lets a slow answer for another notebook fall', async () => {
    const answers: ((page: RunPage) => void)[] = [];
    const server = new FakeClient({ runs: () => new Promise(resolve => answers.push(resolve)) });
    const model = new RunListModel(server);
    models.push(model);
    model.path = 'a.ipynb';
    const first = model.watch.now();
    model.path = 'b.ipynb';
    answers[0](aPage([aRow({ record_id: 'a' })]));
    await first;
    expect(model.count).toBe(0);
    const second = model.watch.now();
    answers[1](aPage([aRow({ record_id: 'b' })]));
    await second;
    expect(names(model, 0, 0)).toEqual(['b']);
  });
});

describe('trouble', () => {
  it('keeps what was read, and says what is wrong until a look succeeds', async () => {
    const server = new Server(manyRows(2));
    const model = await modelOf(server);
    server.answers['GET runs'] = () => new Error('the server is gone');
    await expect(model.watch.now()).rejects.toThrow('gone');
    expect(model.error?.message).toBe('the server is gone');
    expect(model.count).toBe(2);
    server.answers['GET runs'] = () => aPage(manyRows(1));
    await model.watch.now();
    expect(model.error).toBeNull();
  });

  it('reads experiments, and leaves the choice as it was where that fails', async () => {
    const server = new Server([]);
    const model = await modelOf(server);
    server.answers['GET experiments'] = () => [{ name: 'study', runs: 2 }];
    await model.readExperiments();
    server.answers['GET experiments'] = () => new Error('down');
    await model.readExperiments();
    expect(model.experiments).toEqual([{ name: 'study', runs: 2 }]);
  });
});

describe('runs that end', () => {
  it('are told once', async () => {
    const server = new Server([aRow({ record_id: 'x', state: 'RUNNING' })]);
    const model = await modelOf(server);
    const told: string[] = [];
    model.ended.connect((_, rows) => told.push(...rows.map(row => row.record_id)));
    server.rows = [aRow({ record_id: 'x', state: 'FAILED' })];
    await model.watch.now();
    await model.watch.now();
    expect(told).toEqual(['x']);
  });
});

describe('changes', () => {
  it('show at once, in the selection too', async () => {
    const server = new Server(manyRows(2));
    const model = await modelOf(server);
    model.choose(1, 'one');
    server.answers['PATCH runs/r1'] = () => aRow({ record_id: 'r1', name: 'renamed', starred: true });
    await model.annotate('r1', { name: 'renamed' });
    expect(model.known[1].name).toBe('renamed');
    expect(model.selection.rows[0].starred).toBe(true);
  });

  it('take a deleted run out of list and selection', async () => {
    const server = new Server(manyRows(2));
    const model = await modelOf(server);
    model.choose(0, 'one');
    server.answers['DELETE runs/r0'] = () => ({ record_id: 'r0', deleted: true });
    await model.remove('r0');
    expect(names(model, 0, 0)).toEqual(['r1']);
    expect(model.selection.size).toBe(0);
  });

  it('leave everything as it was where the server refuses', async () => {
    const server = new Server(manyRows(1));
    const model = await modelOf(server);
    server.answers['DELETE runs/r0'] = () => new Error('It still runs.');
    await expect(model.remove('r0')).rejects.toThrow('still runs');
    expect(model.count).toBe(1);
  });
});

describe('groups', () => {
  it('hold the runs of one name and notebook, with the best and the latest', async () => {
    const rows = [
      aRow({ record_id: 'a2', name: 'a', started: 30, metrics: { auc: 0.8 } }),
      aRow({ record_id: 'b1', name: 'b', started: 20, metrics: {} }),
      aRow({ record_id: 'a1', name: 'a', started: 10, metrics: { auc: 0.9 } }),
      aRow({ record_id: 'o1', name: 'a', started: 5, notebook: 'other.ipynb', metrics: {} })
    ];
    const server = new Server(rows);
    server.more = { best: { auc: { record_id: 'a1', value: 0.9 } } };
    const model = await modelOf(server);
    model.show({ grouped: true });
    await model.watch.now();
    expect(model.count).toBe(3);
    const first = model.item(0);
    expect(first.kind === 'group' && [first.group.name, first.group.rows.length]).toEqual(['a', 2]);
    expect(first.kind === 'group' && first.group.best?.record_id).toBe('a1');
    expect(first.kind === 'group' && first.group.latest.record_id).toBe('a2');
    const second = model.item(1);
    expect(second.kind === 'group' && second.group.best).toBeNull();
    model.toggleGroup(first.key);
    expect(names(model, 1, 2)).toEqual(['a2', 'a1']);
    expect(model.indexOf('run:a1')).toBe(2);
    model.toggleGroup(first.key);
    expect(model.count).toBe(3);
  });

  it('take the smallest as best where the server does', async () => {
    const rows = [
      aRow({ record_id: 'x', metrics: { auc: 3 } }),
      aRow({ record_id: 'y', metrics: { auc: 2 } })
    ];
    const server = new Server(rows);
    server.more = { best: { auc: { record_id: 'y', value: 2 } } };
    const model = await modelOf(server);
    model.show({ grouped: true });
    await model.watch.now();
    const item = model.item(0);
    expect(item.kind === 'group' && item.group.best?.record_id).toBe('y');
  });

  it('read all pages once, then only the first', async () => {
    const server = new Server(manyRows(1200));
    const model = await modelOf(server);
    model.show({ grouped: true });
    await model.watch.now();
    expect([model.count, model.total, model.isPartial]).toEqual([500, 1200, true]);
    await model.watch.now();
    expect(server.offsets).toEqual([0, 0, 0, 500, 1000]);
    expect([model.count, model.isPartial]).toEqual([1200, false]);
    server.rows = [aRow({ record_id: 'new', name: 'new' }), ...server.rows];
    await model.watch.now();
    expect(server.offsets.slice(5)).toEqual([0]);
    expect(model.count).toBe(1201);
  });
});

describe('the runs in a run', () => {
  /** A server with three runs, of which the second is a sweep of 250. */
  function aServer(): Server & { children: RunRow[] } {
    const rows = manyRows(3);
    rows[1] = { ...rows[1], children: 250, mark: 'sweep' };
    const server = Object.assign(new Server(rows), { children: aSweep(250, 'r1').reverse() });
    const { 'GET runs': list } = server.answers;
    server.answers['GET runs'] = call => {
      const { parent, offset, limit } = call.query;
      const { children } = server;
      return parent === undefined
        ? list(call)
        : aPage(children.slice(Number(offset), Number(offset) + Number(limit)), { total: children.length });
    };
    return server;
  }

  const open = async (model: RunListModel): Promise<void> => {
    model.toggleRun('r1');
    await new Promise(resolve => setTimeout(resolve, 0));
  };

  it('are folded until it is opened, and stand below it then', async () => {
    const server = aServer();
    const model = await modelOf(server);
    expect([model.count, model.isTree]).toEqual([3, true]);
    expect(model.item(1)).toMatchObject({ isOpen: false });
    expect(model.item(0)).not.toHaveProperty('isOpen');
    model.toggleRun('r1');
    expect(model.item(2)).toMatchObject({ kind: 'more' });
    await new Promise(resolve => setTimeout(resolve, 0));
    expect([model.count, model.item(1)]).toMatchObject([104, { isOpen: true }]);
    expect(names(model, 0, 3)).toEqual(['r0', 'r1', 'c249', 'c248']);
    expect(model.item(2)).toMatchObject({ level: 2, place: [1, 250], child: { keys: ['depth', 'rate'] } });
    expect([model.item(102).kind, names(model, 103, 103)]).toEqual(['more', ['r2']]);
    expect(['run:c248', 'run:r2', 'more:r1', 'run:other'].map(key => model.indexOf(key))).toEqual([
      3, 103, 102, -1
    ]);
    model.toggleRun('r1');
    expect(names(model, 0, 2)).toEqual(['r0', 'r1', 'r2']);
  });

  it('stay open, chosen and as many when the list is read again', async () => {
    const server = aServer();
    const model = await modelOf(server);
    await open(model);
    model.showMore('r1');
    await new Promise(resolve => setTimeout(resolve, 0));
    model.choose(3, 'one');
    server.rows = [aRow({ record_id: 'new' }), ...server.rows];
    await model.watch.now();
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(names(model, 1, 4)).toEqual(['r0', 'r1', 'c249', 'c248']);
    expect([model.count, model.selection.rows[0].record_id]).toEqual([205, 'c248']);
    expect(model.selection.active).toBe('run:c248');
  });

  it('are not read again when they are many and at rest', async () => {
    const server = aServer();
    const model = await modelOf(server);
    await open(model);
    model.showMore('r1');
    await new Promise(resolve => setTimeout(resolve, 0));
    const asked = (): number => server.of('GET runs').filter(({ query }) => query.parent === 'r1').length;
    const before = asked();
    await model.watch.now();
    expect(asked()).toBe(before);
    server.children = aSweep(251, 'r1').reverse();
    server.rows = server.rows.map(row => (row.record_id === 'r1' ? { ...row, children: 251 } : row));
    await model.watch.now();
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(asked()).toBe(before + 2);
    expect(names(model, 2, 2)).toEqual(['c250']);
  });

  it('do not hide what of the list is seen below them', async () => {
    const server = aServer();
    server.rows = [...server.rows, ...manyRows(500, 3)];
    const model = await modelOf(server);
    await open(model);
    model.see(600, 602);
    await model.watch.now();
    await new Promise(resolve => setTimeout(resolve, 0));
    expect(names(model, 600, 600)).toEqual(['r499']);
  });

  it('stand one level deeper in a group', async () => {
    const model = await modelOf(aServer());
    model.show({ grouped: true });
    await model.watch.now();
    model.toggleGroup(model.item(1).key);
    await open(model);
    expect([1, 2, 3].map(index => model.item(index))).toMatchObject([
      { kind: 'group' },
      { level: 2, isOpen: true, place: [1, 1] },
      { level: 3 }
    ]);
  });

  it('are renamed and deleted like others', async () => {
    const server = aServer();
    server.answers['PATCH runs/c249'] = () => aRow({ ...server.children[0], name: 'renamed' });
    server.answers['DELETE runs/c248'] = () => ({ record_id: 'c248', deleted: true });
    const model = await modelOf(server);
    await open(model);
    await model.annotate('c249', { name: 'renamed' });
    await model.remove('c248');
    expect(model.item(2)).toMatchObject({ row: { name: 'renamed' } });
    expect(names(model, 2, 3)).toEqual(['c249', 'c247']);
  });
});
