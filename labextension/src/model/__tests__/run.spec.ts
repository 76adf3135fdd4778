import type { RunDetail } from '../../api/wire';
import { aPage, aRow } from '../../testing/builders';
import { type Answer, FakeClient } from '../../testing/client';
import { aComparison, aDetail, anOutput, aResources } from '../../testing/pages';
import { type PartsOfTab, RunModel } from '../run';

/** What the tabs of the page need. */
const partsOf: PartsOfTab = (tab, { group, series, resources, outputs, files, diff }) =>
  ({
    overview: [group],
    curves: [series],
    resources: [resources],
    outputs: [outputs],
    files: [files],
    code: [diff]
  })[tab] ?? [];

const OFFER = { can: true, refusal: null, suggested_name: 'gbm', names: [], aliases: [], will_store: [] };

/** A server with one run; `detail` is what it is now. */
function aServer(): { client: FakeClient; now: { detail: RunDetail | Error } } {
  const now: { detail: RunDetail | Error } = { detail: aDetail() };
  const answers: Record<string, Answer> = {
    'GET runs/abc': () => now.detail,
    'GET runs': () => aPage([], { best: { auc: { record_id: 'r9', value: 0.999 } } }),
    'GET runs/abc/register': () => OFFER,
    'GET runs/abc/series': () => ({
      series: { loss: { steps: [0, 1], values: [2, 1], times: [0, 1] } },
      truncated: false
    }),
    'GET runs/abc/resources': () => aResources(),
    'GET runs/abc/outputs': () => [anOutput()],
    'GET runs/abc/files': () => [{ path: 'a.txt', size: 3 }],
    'POST compare': () => aComparison()
  };
  return { client: new FakeClient(answers), now };
}

describe('RunModel', () => {
  let server: ReturnType<typeof aServer>;
  let model: RunModel;

  beforeEach(() => {
    server = aServer();
    model = new RunModel(server.client, 'abc', 'study.ipynb', partsOf);
  });

  afterEach(() => model.dispose());

  const asked = (): string[] => server.client.calls.map(call => `${call.method} ${call.path}`).sort();

  it('asks nothing before it is looked at', () => {
    expect(asked()).toEqual([]);
  });

  it('reads the run, and what its first tab needs', async () => {
    await model.watch.now();
    expect(asked()).toEqual(['GET runs', 'GET runs/abc', 'GET runs/abc/register']);
    expect(model.group.value?.best.auc.value).toBe(0.999);
    expect(model.offer.value?.can).toBe(true);
    expect(server.client.of('GET runs')[0].query).toMatchObject({ name: 'gbm-depth3', scope: 'project' });
  });

  it('does not ask for an offer where there is no model', async () => {
    server.now.detail = aDetail({ row: { has_model: false } });
    await model.watch.now();
    expect(asked()).not.toContain('GET runs/abc/register');
  });

  it.each([
    ['curves', 'GET runs/abc/series'],
    ['resources', 'GET runs/abc/resources'],
    ['outputs', 'GET runs/abc/outputs'],
    ['files', 'GET runs/abc/files'],
    ['code', 'POST compare']
  ] as const)('reads what the tab %s needs when it is opened, once', async (tab, call) => {
    await model.watch.now();
    expect(asked()).not.toContain(call);
    await model.open(tab);
    await model.open('data');
    await model.open(tab);
    expect(server.client.of(call)).toHaveLength(1);
    expect(model.tab).toBe(tab);
  });

  it('asks for all series at once, whatever they are called, and for none where there are none', async () => {
    server.now.detail = aDetail({ series_keys: ['f1, macro', 'x'.repeat(100_000)] });
    await model.watch.now();
    await model.open('curves');
    expect(server.client.of('GET runs/abc/series')[0].query).toMatchObject({ path: 'study.ipynb', key: [] });
    server.now.detail = aDetail({ series_keys: [] });
    await model.watch.now();
    await model.series.load();
    expect(model.series.value).toEqual({ series: {}, truncated: false });
    expect(server.client.of('GET runs/abc/series')).toHaveLength(1);
  });

  it('compares with the previous run, or with none', async () => {
    await model.watch.now();
    await model.open('code');
    expect(server.client.of('POST compare')[0].body).toEqual({ runs: ['b'.repeat(32), 'abc'] });
    server.now.detail = aDetail({ previous: null });
    await model.watch.now();
    await model.diff.load();
    expect(model.diff.value).toBeNull();
  });

  it('follows what was opened while the run runs, and rests its parts afterwards', async () => {
    server.now.detail = aDetail({ row: { state: 'RUNNING', has_model: false } });
    await model.watch.now();
    await model.open('curves');
    await model.watch.now();
    await model.watch.now();
    expect(server.client.of('GET runs/abc/series')).toHaveLength(3);
    expect(server.client.of('GET runs/abc/files')).toHaveLength(0);
    server.now.detail = aDetail({ row: { state: 'FINISHED', has_model: false } });
    await model.watch.now();
    expect(server.client.of('GET runs/abc/series')).toHaveLength(4);
    await model.watch.now();
    expect(server.client.of('GET runs/abc/series')).toHaveLength(4);
  });

  it('keeps the run on the page when the server goes away, and recovers', async () => {
    await model.watch.now();
    server.now.detail = new Error('The Jupyter server does not answer.');
    await expect(model.watch.now()).rejects.toThrow('does not answer');
    expect(model.detail.value?.row.name).toBe('gbm-depth3');
    expect(model.detail.error?.message).toContain('does not answer');
    server.now.detail = aDetail({ row: { name: 'renamed' } });
    await model.watch.now();
    expect([model.detail.error, model.detail.value?.row.name]).toEqual([null, 'renamed']);
  });

  it('reads a part again that failed', async () => {
    delete server.client.answers['GET runs/abc/files'];
    await model.watch.now();
    await model.open('files');
    expect(model.files.error).not.toBeNull();
    server.client.answers['GET runs/abc/files'] = () => [];
    await model.watch.now();
    expect([model.files.error, model.files.value]).toEqual([null, []]);
  });

  it('reads and follows a part that a tab added, made once', async () => {
    let read = 0;
    const drift = (): ReturnType<typeof model.part> => model.part('drift', async () => ++read);
    await model.watch.now();
    await drift().need();
    expect(drift()).toBe(drift());
    expect(drift().value).toBe(1);
    server.now.detail = aDetail({ row: { state: 'RUNNING' } });
    await model.watch.now();
    expect(drift().value).toBe(2);
  });

  it('tells what changed, and nothing after it was disposed', async () => {
    let told = 0;
    model.changed.connect(() => told++);
    await model.watch.now();
    expect(told).toBeGreaterThan(0);
    const before = told;
    server.now.detail = aDetail({ row: aRow({ name: 'later' }) });
    const looking = model.watch.now();
    model.dispose();
    model.dispose();
    await looking;
    expect([told, model.isDisposed, model.detail.value?.row.name]).toEqual([before, true, 'gbm-depth3']);
  });
});
