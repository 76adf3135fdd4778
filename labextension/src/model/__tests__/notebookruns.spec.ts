import { Signal } from '@lumino/signaling';
import type { RunRow } from '../../api/wire';
import { aPage, aRow, manyRows } from '../../testing/builders';
import { FakeClient, type ICall } from '../../testing/client';
import { aDetail } from '../../testing/pages';
import type { IBioml } from '../../tokens';
import { NotebookRuns, RunsOfNotebooks } from '../notebookruns';

class Server extends FakeClient {
  loading = false;

  constructor(public rows: RunRow[]) {
    super({ 'GET runs': call => this.page(call) });
  }

  private page({ query }: ICall): unknown {
    const offset = Number(query.offset);
    const rows = this.rows.slice(offset, offset + Number(query.limit));
    return aPage(rows, { total: this.rows.length, offset, loading: this.loading });
  }
}

/** Until the model says that it looked. */
function looked(runs: NotebookRuns): Promise<void> {
  return new Promise(resolve => {
    const told = (): void => {
      runs.changed.disconnect(told);
      resolve();
    };
    runs.changed.connect(told);
  });
}

async function held(server: FakeClient): Promise<NotebookRuns> {
  const runs = new NotebookRuns(server, 'a.ipynb');
  runs.hold();
  await looked(runs);
  return runs;
}

describe('NotebookRuns', () => {
  const made: NotebookRuns[] = [];
  const open = async (server: FakeClient): Promise<NotebookRuns> => {
    const runs = await held(server);
    made.push(runs);
    return runs;
  };

  afterEach(() => made.splice(0).forEach(runs => runs.dispose()));

  it('asks for nothing until somebody looks', () => {
    const server = new Server([]);
    const runs = new NotebookRuns(server, 'a.ipynb');
    runs.refresh();
    expect([runs.ready, server.calls.length]).toEqual([false, 0]);
    runs.dispose();
  });

  it('reads a notebook of a thousand cells in one request for each five hundred runs', async () => {
    const rows = manyRows(1000).map((row, index) => ({ ...row, cell_id: `c${index}` }));
    const server = new Server(rows);
    const runs = await open(server);
    expect(runs.latest.size).toBe(1000);
    expect(server.calls.map(call => [call.query.offset, call.query.limit])).toEqual([
      [0, 500],
      [500, 500]
    ]);
    expect(server.calls[0].query).toMatchObject({ path: 'a.ipynb', scope: 'notebook', archived: 1 });
  });

  it('reads a cell that joined a run, which is in no list, until it is settled', async () => {
    const server = new Server([aRow({ record_id: 'whole' })]);
    let part = aDetail({ row: { record_id: 'part', state: 'RUNNING', published: false } });
    server.answers['GET runs/part'] = () => part;
    const runs = await open(server);
    const look = async (): Promise<number> => {
      runs.refresh();
      await looked(runs);
      runs.need('part');
      runs.need('part');
      await looked(runs);
      return server.of('GET runs/part').length;
    };
    expect([await look(), await look()]).toEqual([1, 2]);
    part = aDetail({ row: { record_id: 'whole', state: 'FINISHED', published: true } });
    expect([await look(), await look()]).toEqual([3, 4]);
    expect(runs.detail('part')?.row.published).toBe(true);
    runs.refresh();
    await looked(runs);
    runs.need('part');
    expect(server.of('GET runs/part')).toHaveLength(4);
  });

  it('knows the newest run of each cell', async () => {
    const server = new Server([
      aRow({ record_id: 'old', cell_id: 'c', started: 1 }),
      aRow({ record_id: 'new', cell_id: 'c', started: 3 }),
      aRow({ record_id: 'mid', cell_id: 'c', started: 2 }),
      aRow({ record_id: 'none', cell_id: null })
    ]);
    const runs = await open(server);
    expect([...runs.latest.values()].map(row => row.record_id)).toEqual(['new']);
    expect(runs.row('none')?.record_id).toBe('none');
    expect(runs.row('gone')).toBeUndefined();
  });

  it('looks only at the newest again, and keeps the rest', async () => {
    const server = new Server(manyRows(120));
    const runs = await open(server);
    server.rows = [aRow({ record_id: 'fresh', started: 2_000_000_000 }), ...server.rows];
    runs.refresh();
    runs.refresh();
    await looked(runs);
    expect(server.calls.map(call => call.query.limit)).toEqual([500, 50]);
    expect([runs.row('fresh')?.record_id, runs.row('r119')?.record_id]).toEqual(['fresh', 'r119']);
  });

  it('forgets what has gone when everything is to be looked at', async () => {
    const server = new Server(manyRows(3));
    const runs = await open(server);
    server.rows = server.rows.slice(1);
    runs.refresh(true);
    await looked(runs);
    expect([runs.row('r0'), runs.row('r1')?.record_id]).toEqual([undefined, 'r1']);
  });

  it('looks at everything again while the server still reads MLflow', async () => {
    const server = new Server(manyRows(60));
    server.loading = true;
    const runs = await open(server);
    server.loading = false;
    runs.refresh();
    await looked(runs);
    runs.refresh();
    await looked(runs);
    expect(server.calls.map(call => call.query.limit)).toEqual([500, 500, 50]);
  });

  it('reads the detail of a run once, and again when its row is another one', async () => {
    const server = new Server([aRow({ record_id: 'x', published: false })]);
    server.answers['GET runs/x'] = () => aDetail();
    const runs = await open(server);
    runs.need('x');
    runs.need('x');
    await looked(runs);
    runs.need('x');
    expect(server.of('GET runs/x')).toHaveLength(1);
    server.rows = [aRow({ record_id: 'x', published: true })];
    runs.refresh();
    await looked(runs);
    runs.need('x');
    await looked(runs);
    expect(server.of('GET runs/x')).toHaveLength(2);
    expect(runs.detail('x')?.row.name).toBe('gbm-depth3');
  });

  it('asks once for a run that the server does not know', async () => {
    const server = new Server([]);
    const runs = await open(server);
    runs.need('strange');
    await looked(runs);
    runs.need('strange');
    expect([server.of('GET runs/strange').length, runs.detail('strange')]).toEqual([1, undefined]);
  });

  it('says that it tried when nobody answers', async () => {
    const runs = await open(new FakeClient({ 'GET runs': () => new Error('no answer') }));
    expect([runs.ready, runs.latest.size]).toEqual([true, 0]);
  });
});

describe('RunsOfNotebooks', () => {
  it('reads each notebook once for all, and again when some part changed a run', async () => {
    const server = new Server(manyRows(2));
    const [touched, changed] = [new Signal<object, void>({}), new Signal<object, void>({})];
    const pool = new RunsOfNotebooks({ client: server, touched, changed } as unknown as IBioml);
    const runs = pool.of('a.ipynb');
    expect([pool.of('a.ipynb'), pool.of('b.ipynb') === runs]).toEqual([runs, false]);
    const holds = [runs.hold(), runs.hold()];
    await looked(runs);
    expect(server.calls).toHaveLength(1);
    touched.emit();
    await looked(runs);
    expect(server.calls.map(call => call.query.limit)).toEqual([500, 500]);
    changed.emit();
    server.answers['GET runs'] = () => new Error('away');
    touched.emit();
    await looked(runs);
    expect(server.calls).toHaveLength(3);
    changed.emit();
    await looked(runs);
    expect(server.calls).toHaveLength(4);
    holds.forEach(hold => hold.dispose());
    runs.dispose();
    pool.of('b.ipynb').dispose();
  });
});
