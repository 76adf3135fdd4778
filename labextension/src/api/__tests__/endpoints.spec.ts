import { FakeClient } from '../../testing/client';
import { aPage, aRow } from '../../testing/builders';
import * as jobs from '../jobs';
import { live } from '../live';
import * as models from '../models';
import * as promote from '../promote';
import * as runs from '../runs';

const anything = (): unknown => ({});

describe('runs', () => {
  it('asks for a page with every part of the query', async () => {
    const client = new FakeClient({ runs: () => aPage([aRow()]) });
    const page = await runs.list(client, 'a/b.ipynb', {
      scope: 'experiment',
      experiment: 'x y',
      tag: ['site=A', 'cohort'],
      state: ['RUNNING', 'FAILED'],
      metric: 'auc',
      min: 0.5,
      archived: true,
      offset: 100
    });
    expect(page.rows).toHaveLength(1);
    expect(client.calls[0].query).toEqual({
      path: 'a/b.ipynb',
      scope: 'experiment',
      experiment: 'x y',
      tag: ['site=A', 'cohort'],
      state: 'RUNNING,FAILED',
      metric: 'auc',
      min: 0.5,
      archived: 1,
      starred: undefined,
      reproductions: undefined,
      flat: undefined,
      offset: 100
    });
  });

  it('leaves out an empty choice of states', async () => {
    const client = new FakeClient({ runs: () => aPage([]) });
    await runs.list(client, '', { state: [] });
    expect(client.calls[0].query.state).toBeUndefined();
  });

  it('reads what belongs to one run', async () => {
    const parts = ['runs/r1', 'runs/r1/series', 'runs/r1/resources', 'runs/r1/files', 'runs/r1/outputs'];
    const client = new FakeClient(Object.fromEntries(parts.map(path => [`GET ${path}`, anything])));
    await runs.detail(client, 'p', 'r1');
    await runs.series(client, 'p', 'r1', ['f1, macro', 'auc'], 500);
    await runs.resources(client, 'p', 'r1');
    await runs.files(client, 'p', 'r1');
    await runs.outputs(client, 'p', 'r1');
    expect(client.calls.map(call => call.path)).toEqual(parts);
    expect(client.calls.every(call => call.query.path === 'p')).toBe(true);
    expect(client.calls[1].query).toEqual({ path: 'p', key: ['f1, macro', 'auc'], limit: 500 });
  });

  it('gives addresses for downloads, with every segment escaped', () => {
    const client = new FakeClient();
    expect(runs.exportUrl(client, 'a b.ipynb', 'r1')).toBe('http://test/runs/r1/export?path=a+b.ipynb');
    expect(runs.fileUrl(client, '', 'r1', 'plots/roc #1.png')).toBe(
      'http://test/runs/r1/files/plots/roc%20%231.png?path='
    );
  });

  it('changes, compares and deletes', async () => {
    const client = new FakeClient({
      'PATCH runs/r1': () => aRow({ name: 'new' }),
      'DELETE runs/r1': () => ({ record_id: 'r1', deleted: true }),
      'POST compare': anything,
      'GET experiments': () => [{ name: 'study', runs: 3 }]
    });
    expect((await runs.annotate(client, 'p', 'r1', { name: 'new' })).name).toBe('new');
    expect((await runs.remove(client, 'p', 'r1')).deleted).toBe(true);
    await runs.compare(client, 'p', ['r1', 'r2']);
    expect(await runs.experiments(client, 'p')).toEqual([{ name: 'study', runs: 3 }]);
    expect(client.calls[0].body).toEqual({ name: 'new' });
    expect(client.calls[2].body).toEqual({ runs: ['r1', 'r2'] });
  });
});

describe('models, live and jobs', () => {
  it('registers and moves aliases', async () => {
    const client = new FakeClient({
      'GET models': () => [],
      'GET runs/r1/register': anything,
      'POST runs/r1/register': anything,
      'PUT models/m/aliases/champion': anything,
      'DELETE models/m/aliases/champion': anything
    });
    await models.list(client, 'p');
    await models.offer(client, 'p', 'r1');
    await models.register(client, 'p', 'r1', { name: 'm', alias: 'champion' });
    await models.setAlias(client, 'p', 'm', 'champion', '3');
    await models.removeAlias(client, 'p', 'm', 'champion');
    expect(client.calls[2].body).toEqual({ name: 'm', alias: 'champion' });
    expect(client.calls[3].body).toEqual({ version: '3' });
    expect(client.calls).toHaveLength(5);
  });

  it('starts, reads and cancels jobs', async () => {
    const client = new FakeClient({
      'GET live': anything,
      'POST jobs': anything,
      'GET jobs': () => [],
      'GET jobs/j1': anything,
      'DELETE jobs/j1': anything
    });
    await live(client, 'p');
    await jobs.start(client, 'p', { kind: 'reproduce', run: 'r1' });
    await jobs.list(client, 'p');
    await jobs.get(client, 'p', 'j1');
    await jobs.cancel(client, 'p', 'j1');
    expect(client.calls[1].body).toEqual({ kind: 'reproduce', run: 'r1' });
    expect(client.calls.map(call => `${call.method} ${call.path}`)).toEqual([
      'GET live',
      'POST jobs',
      'GET jobs',
      'GET jobs/j1',
      'DELETE jobs/j1'
    ]);
  });

  it('asks gates, promotes, decides and rolls back', async () => {
    const version = 'models/m/versions/3';
    const paths = [
      `GET ${version}/gates`,
      `POST ${version}/promote`,
      `POST ${version}/approve`,
      'POST models/m/rollback'
    ];
    const client = new FakeClient(Object.fromEntries(paths.map(path => [path, anything])));
    const said = { decision: 'approve', meaning: 'review', reason: 'looked' } as const;
    await promote.gates(client, 'p', 'm', '3', 'champion');
    await promote.promote(client, 'p', 'm', '3', { alias: 'champion', override: 'the board' });
    await promote.decide(client, 'p', 'm', '3', said);
    await promote.rollBack(client, 'p', 'm', { alias: 'champion', reason: 'no' });
    await promote.gates(client, 'p', 'm', '3', '');
    expect(client.calls.map(call => `${call.method} ${call.path}`)).toEqual([...paths, paths[0]]);
    expect(client.calls.every(call => call.query.path === 'p')).toBe(true);
    expect([client.calls[0].query.alias, client.calls[4].query.alias]).toEqual(['champion', undefined]);
    expect(client.calls.slice(1, 4).map(call => call.body)).toEqual([
      { alias: 'champion', override: 'the board' },
      said,
      { alias: 'champion', reason: 'no' }
    ]);
  });
});
