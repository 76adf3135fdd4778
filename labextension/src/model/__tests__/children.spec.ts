import type { RunRow } from '../../api/wire';
import { aPage, aRow, aSweep } from '../../testing/builders';
import { FakeClient, type ICall } from '../../testing/client';
import { Children, differing, PAGE, paramsText } from '../children';

/** A server with the runs of one sweep, sorted as it is asked to; `less`: their metric is a loss. */
class Server extends FakeClient {
  constructor(
    public rows: RunRow[],
    readonly less = false
  ) {
    super({ 'GET runs': call => this.page(call) });
  }

  private page({ query }: ICall): unknown {
    const sign = query.order === 'asc' ? 1 : -1;
    const sorted = [...this.rows].sort((a, b) => sign * (a.metrics.auc - b.metrics.auc));
    const offset = Number(query.offset);
    const best = [...this.rows].sort((a, b) => (this.less ? 1 : -1) * (a.metrics.auc - b.metrics.auc))[0];
    return aPage(sorted.slice(offset, offset + Number(query.limit)), {
      total: sorted.length,
      offset,
      best: best ? { auc: { record_id: best.record_id, value: best.metrics.auc } } : {}
    });
  }

  get asked(): unknown[] {
    return this.of('GET runs').map(({ query }) => [query.sort, query.order, query.offset, query.limit]);
  }
}

const ids = (children: Children): string[] => children.rows.map(row => row.record_id);

describe('the runs in a run', () => {
  it('are read page by page, the best first', async () => {
    const server = new Server(aSweep(1000));
    const children = new Children(server, 'a.ipynb', () => 'p');
    children.sortBy('auc');
    expect([children.total, server.calls.length]).toEqual([null, 0]);
    await children.look();
    expect(server.calls[0].query).toMatchObject({ path: 'a.ipynb', parent: 'p', metric: 'auc' });
    expect([children.rows.length, children.total, children.next]).toEqual([PAGE, 1000, PAGE]);
    expect(ids(children).slice(0, 2)).toEqual(['c999', 'c998']);
    await children.more();
    expect([ids(children)[PAGE], children.rows.length]).toEqual(['c899', 2 * PAGE]);
    expect(server.asked).toEqual([
      ['metric', 'desc', 0, 100],
      ['metric', 'desc', 100, 100]
    ]);
  });

  it('have the smallest first where that is the best', async () => {
    const children = new Children(new Server(aSweep(3), true), '', () => 'p');
    children.sortBy('auc');
    await children.look();
    expect(ids(children)).toEqual(['c0', 'c1', 'c2']);
    expect(children.best?.record_id).toBe('c0');
  });

  it('are sorted by a metric of theirs where the one asked for is another', async () => {
    const server = new Server(aSweep(3));
    const children = new Children(server, '', () => 'p');
    children.sortBy('loss');
    await children.look();
    expect(children.metric).toBe('auc');
    expect(server.calls[1].query.metric).toBe('auc');
  });

  it('are all read again at a look, with what came', async () => {
    const server = new Server(aSweep(250));
    const children = new Children(server, '', () => 'p');
    children.sortBy('auc');
    await children.look();
    await children.more();
    server.rows = aSweep(260);
    await children.look();
    expect([ids(children)[0], children.rows.length, children.total]).toEqual(['c259', 200, 260]);
  });

  it('say that they are read at first and when more are asked for, not at each look', async () => {
    const children = new Children(new Server(aSweep(250)), '', () => 'p');
    const said: boolean[] = [];
    children.changed.connect(() => void said.push(children.isReading));
    await children.look();
    await children.look();
    await children.more();
    expect(said).toEqual([true, false, false, true, false]);
  });

  it('are kept when they cannot be read, and read again', async () => {
    const server = new Server(aSweep(3));
    const children = new Children(server, '', () => 'p');
    await children.look();
    const { 'GET runs': answer } = server.answers;
    server.answers['GET runs'] = () => new Error('MLflow is away.');
    await children.look();
    expect([children.error?.message, children.rows.length]).toEqual(['MLflow is away.', 3]);
    server.answers['GET runs'] = answer;
    await children.more();
    expect([children.error, children.rows.length]).toEqual([null, 3]);
  });

  it('follow what is changed and deleted, and tell nothing when nobody asks any more', async () => {
    const children = new Children(new Server(aSweep(3)), '', () => 'p');
    await children.look();
    children.update([aRow({ ...children.rows[0], starred: true })]);
    children.remove(children.rows[1].record_id);
    expect([children.rows[0].starred, children.rows.length, children.total]).toEqual([true, 2, 2]);
    const told = jest.fn();
    children.changed.connect(told);
    const looking = children.look();
    children.dispose();
    await looking;
    expect([told.mock.calls.length, children.rows.length]).toEqual([0, 2]);
  });
});

describe('the parameters of runs', () => {
  it('differ where any run has another value, or none', () => {
    const rows = [
      aRow({ params: { seed: 7, depth: 3, kind: 'gbm' } }),
      aRow({ params: { seed: 7, depth: 5, early: true } })
    ];
    expect(differing(rows)).toEqual(['depth', 'kind', 'early']);
    expect(differing(rows.slice(0, 1))).toEqual([]);
    expect(differing([])).toEqual([]);
  });

  it('are written on one line, as text and cut', () => {
    const row = aRow({ params: { rate: 0.1 + 0.2, 'a\u202eb': 'x'.repeat(10_000) } });
    expect(paramsText(row, ['rate', 'depth'])).toBe('rate 0.3 · depth –');
    expect(paramsText(row, ['rate'], true)).toBe('rate 0.30000000000000004');
    expect(paramsText(row, ['a\u202eb'])).toBe(`a\\u202eb ${'x'.repeat(23)}…`);
  });
});
