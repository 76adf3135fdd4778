import { ApiError } from '../../api/request';
import type { Job } from '../../api/wire';
import { aJob, aResult, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { type IReproduction, isUnderWay, Reproductions } from '../jobs';

const RUN = aRow();
const DONE: Partial<Job> = { state: 'done', result: aResult(), ended: 1_795_270_004 };

let client: FakeClient;
let job: Job;
let model: Reproductions;
let ended: IReproduction[];

/** Let promises and timers of so many milliseconds happen. */
async function pass(milliseconds: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(milliseconds);
}

const looks = (): number => client.of('GET jobs/job-1').length;

beforeEach(() => {
  jest.useFakeTimers();
  jest.spyOn(Math, 'random').mockReturnValue(0.5); // a poll that fails chooses its next pause by chance
  job = aJob();
  client = new FakeClient({
    'GET jobs': () => [],
    'POST jobs': () => job,
    'GET jobs/job-1': () => job,
    'DELETE jobs/job-1': () => job
  });
  model = new Reproductions(client);
  ended = [];
  model.ended.connect((_, reproduction) => void ended.push(reproduction));
});

afterEach(() => {
  model.dispose();
  jest.restoreAllMocks();
  jest.useRealTimers();
});

describe('making a run again', () => {
  it('begins one job, and shows how far it is until it ends', async () => {
    const told: string[] = [];
    model.changed.connect((_, run) => void told.push(run));
    expect(model.of(RUN)).toBeNull();
    const started = model.start(RUN, 'a.ipynb');
    expect(model.of(RUN)?.phase).toBe('starting');
    await started;
    expect(client.of('POST jobs')).toMatchObject([
      { query: { path: 'a.ipynb' }, body: { kind: 'reproduce', run: RUN.record_id } }
    ]);
    job = aJob({ progress: ['cell 1 of 2'] });
    await pass(2500);
    expect(model.of(RUN)).toMatchObject({ phase: 'running', job: { progress: ['cell 1 of 2'] } });
    expect(client.of('GET jobs/job-1')[0].query).toEqual({ path: 'a.ipynb' });
    job = aJob(DONE);
    await pass(2500);
    expect(model.of(RUN)).toMatchObject({ phase: 'done', name: 'gbm-depth3', job: DONE });
    expect(ended).toEqual([model.of(RUN)]);
    expect(new Set(told)).toEqual(new Set([RUN.record_id]));
  });

  it('asks nothing before and after', async () => {
    await pass(60_000);
    expect(client.calls).toEqual([]);
    job = aJob(DONE);
    await model.start(RUN, 'a.ipynb');
    await pass(5000);
    const calls = client.calls.length;
    await pass(120_000);
    expect(client.calls.length).toBe(calls);
  });

  it('looks more often while there is something new', async () => {
    await model.start(RUN, 'a.ipynb');
    await pass(1000);
    const before = looks();
    await pass(20_000);
    const quiet = looks() - before;
    let count = 0;
    client.answers['GET jobs/job-1'] = () => aJob({ progress: [`cell ${++count}`] });
    await pass(20_000);
    expect(quiet).toBe(10);
    expect(looks() - before - quiet).toBeGreaterThan(30);
  });

  it('is done once at a time, also when it is asked for twice at once', async () => {
    await Promise.all([model.start(RUN, 'a.ipynb'), model.start(RUN, 'a.ipynb')]);
    await model.start({ ...RUN, name: 'renamed' }, 'a.ipynb');
    expect(client.of('POST jobs')).toHaveLength(1);
  });

  it('is done for several runs beside each other', async () => {
    await model.start(RUN, 'a.ipynb');
    const other = aRow({ record_id: 'other', run_id: null });
    client.answers['POST jobs'] = () => aJob({ job_id: 'job-2', run: 'other' });
    client.answers['GET jobs/job-2'] = () => aJob({ job_id: 'job-2', run: 'other', ...DONE });
    await model.start(other, 'a.ipynb');
    await pass(3000);
    expect(model.of(other)?.phase).toBe('done');
    expect(model.of(RUN)?.phase).toBe('running');
  });

  it('follows the job that another page began, by either id of the run', async () => {
    client.answers['GET jobs'] = () => [aJob({ state: 'failed' }), aJob({ run: RUN.run_id })];
    await model.start(RUN, 'a.ipynb');
    expect(client.of('POST jobs')).toEqual([]);
    expect(model.of(RUN)?.job?.run).toBe(RUN.run_id);
  });

  it('shows why it was refused, and can be tried again', async () => {
    const refusal = new ApiError(409, 'refused', '2 jobs run already; nothing was started.', 'Wait for one.');
    client.answers['POST jobs'] = () => refusal;
    await model.start(RUN, 'a.ipynb');
    expect(model.of(RUN)).toMatchObject({ phase: 'failed', job: null, error: refusal });
    expect(ended).toHaveLength(1);
    client.answers['POST jobs'] = () => job;
    await model.start(RUN, 'a.ipynb');
    expect(model.of(RUN)).toMatchObject({ phase: 'running', error: null });
  });

  it('says why the job failed', async () => {
    await model.start(RUN, 'a.ipynb');
    job = aJob({
      state: 'failed',
      error: { code: 'usage', message: 'It is a part.', next: 'Take the whole.' }
    });
    await pass(3000);
    const { phase, error } = model.of(RUN) as IReproduction;
    expect([phase, error?.message, (error as ApiError).next]).toEqual([
      'failed',
      'It is a part.',
      'Take the whole.'
    ]);
  });
});

describe('a server that does not answer', () => {
  it('is asked ever more seldom, and what it was doing is found again', async () => {
    await model.start(RUN, 'a.ipynb');
    const away = new ApiError(0, 'no-answer', 'The Jupyter server does not answer.', 'Is it still running?');
    client.answers['GET jobs/job-1'] = () => away;
    await pass(2500);
    expect(model.of(RUN)).toMatchObject({ phase: 'running', error: away });
    const before = looks();
    await pass(60_000);
    expect(looks() - before).toBeLessThan(12);
    client.answers['GET jobs/job-1'] = () => aJob(DONE);
    await pass(120_000);
    expect(model.of(RUN)).toMatchObject({ phase: 'done', error: null });
  });

  it('that was restarted has lost the job', async () => {
    await model.start(RUN, 'a.ipynb');
    client.answers['GET jobs/job-1'] = () => new ApiError(404, 'not-found', 'There is no such job.', '');
    await pass(3000);
    expect(model.of(RUN)).toMatchObject({ phase: 'lost', error: null });
    expect(isUnderWay(model.of(RUN))).toBe(false);
    expect(ended).toHaveLength(1);
  });
});

describe('stopping', () => {
  it('is asked for once, and seen until it is done', async () => {
    await model.start(RUN, 'a.ipynb');
    let answer: (stopped: Job) => void = () => undefined;
    client.answers['DELETE jobs/job-1'] = () => new Promise(resolve => (answer = resolve));
    const stopped = model.cancel(RUN);
    await model.cancel(RUN);
    await pass(5000);
    expect(model.of(RUN)?.phase).toBe('cancelling');
    answer(aJob({ state: 'cancelled', error: { code: 'cancelled', message: 'Stopped.', next: '' } }));
    await stopped;
    expect(model.of(RUN)?.phase).toBe('cancelled');
    expect(client.of('DELETE jobs/job-1')).toHaveLength(1);
  });

  it('that is refused leaves it running, with the reason', async () => {
    await model.start(RUN, 'a.ipynb');
    client.answers['DELETE jobs/job-1'] = () => new ApiError(403, 'forbidden', 'Not allowed.', 'Ask.');
    await model.cancel(RUN);
    expect(model.of(RUN)).toMatchObject({ phase: 'running', error: { message: 'Not allowed.' } });
  });

  it('does nothing where nothing runs', async () => {
    await model.cancel(RUN);
    expect(client.calls).toEqual([]);
  });
});

describe('jobs of before a reload', () => {
  const found = (...jobs: Partial<Job>[]): void => {
    client.answers['GET jobs'] = () => jobs.map(aJob);
  };

  it('are followed while they run', async () => {
    found({ run: RUN.record_id });
    await model.find('a.ipynb');
    expect(model.of(RUN)).toMatchObject({ phase: 'running', path: 'a.ipynb', name: '' });
    job = aJob(DONE);
    await pass(3000);
    expect(ended).toMatchObject([{ phase: 'done' }]);
  });

  it('show what came of them: the last of each run that was not stopped', async () => {
    found(
      { state: 'cancelled' },
      DONE,
      { state: 'failed' },
      { kind: 'publish', run: null },
      { run: 'x', state: 'failed' }
    );
    await model.find('a.ipynb');
    expect(model.of(RUN)?.phase).toBe('done');
    expect(model.of({ record_id: 'x', run_id: null })?.phase).toBe('failed');
    expect(ended).toEqual([]);
    await pass(10_000);
    expect(client.calls).toHaveLength(1);
  });

  it('are looked for once for each notebook, and again when the server was away', async () => {
    await Promise.all([model.find('a.ipynb'), model.find('a.ipynb'), model.find('b.ipynb')]);
    expect(client.of('GET jobs').map(call => call.query.path)).toEqual(['a.ipynb', 'b.ipynb']);
    client.answers['GET jobs'] = () => new Error('away');
    await model.find('c.ipynb');
    found({});
    await model.retry();
    expect(client.of('GET jobs').map(call => call.query.path)).toEqual([
      'a.ipynb',
      'b.ipynb',
      'c.ipynb',
      'c.ipynb'
    ]);
    expect(model.of(RUN)?.phase).toBe('running');
  });

  it('do not replace what is known here', async () => {
    await model.start(RUN, 'a.ipynb');
    found({ job_id: 'older', state: 'done' });
    await model.find('a.ipynb');
    expect(model.of(RUN)?.job?.job_id).toBe('job-1');
  });
});

describe('what came of it', () => {
  it('can be hidden, and not while it is under way', async () => {
    await model.start(RUN, 'a.ipynb');
    model.hide(RUN);
    expect(model.of(RUN)).not.toBeNull();
    job = aJob(DONE);
    await pass(3000);
    model.hide(RUN);
    expect(model.of(RUN)).toBeNull();
    client.answers['GET jobs'] = () => [job];
    await model.find('b.ipynb');
    expect(model.of(RUN)).toBeNull();
  });

  it('is silent after the end of the page', async () => {
    await model.start(RUN, 'a.ipynb');
    model.dispose();
    const calls = client.calls.length;
    await pass(60_000);
    expect(client.calls.length).toBe(calls);
    expect(model.isDisposed).toBe(true);
  });
});
