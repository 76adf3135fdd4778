import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { ApiError } from '../../api/request';
import type { Job } from '../../api/wire';
import { Connection } from '../../model/connection';
import { aJob, aResult, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { HOSTILE } from '../../testing/pages';
import type { IReproductions } from '../../tokens';
import { REPRODUCE, reproducePlugin } from '../reproduce';

const ROW = aRow();

class Lab {
  constructor() {
    const app = { commands: this.commands } as unknown as JupyterFrontEnd;
    this.connection.touched.connect(this.touched);
    this.reproductions = reproducePlugin.activate(app, this.connection, nullTranslator) as IReproductions;
  }

  job: Job = aJob();
  readonly client = new FakeClient({
    'GET ': () => ({}),
    'GET jobs': () => [],
    'POST jobs': () => aJob(),
    'GET jobs/job-1': () => this.job,
    'DELETE jobs/job-1': () => aJob({ state: 'cancelled' })
  });
  readonly connection = new Connection(this.client);
  readonly commands = new CommandRegistry();
  readonly touched = jest.fn();
  readonly reproductions: IReproductions;

  /** Make the run again, and let it end like this. */
  async end(changes: Partial<Job>, name = ROW.name): Promise<void> {
    this.job = aJob({ ended: 1_795_270_004, ...changes });
    await this.reproductions.start({ ...ROW, name }, 'a.ipynb');
    await jest.advanceTimersByTimeAsync(3000);
  }
}

let lab: Lab;
let emit: jest.SpyInstance;
let error: jest.SpyInstance;

beforeEach(() => {
  jest.useFakeTimers();
  emit = jest.spyOn(Notification, 'emit').mockReturnValue('id');
  error = jest.spyOn(Notification, 'error').mockReturnValue('id');
  document.elementFromPoint = () => null;
  lab = new Lab();
});

afterEach(() => {
  document.body.innerHTML = '';
  jest.useRealTimers();
  jest.restoreAllMocks();
});

describe('the end of a reproduction', () => {
  it('is said where nobody sees it, and leads to the new run', async () => {
    const opened = jest.fn();
    for (const id of ['bioml:open-run', 'bioml:compare-runs']) {
      lab.commands.addCommand(id, { execute: args => opened(id, args) });
    }
    await lab.end({ state: 'done', result: aResult() });
    const [message, type, options] = emit.mock.calls[0];
    expect([message, type]).toEqual([
      'gbm-depth3: reproduced. All 4 metrics were reproduced exactly, in 4.1 s.',
      'success'
    ]);
    options.actions.forEach((action: Notification.IAction) => action.callback(new MouseEvent('click')));
    expect(opened.mock.calls).toEqual([
      ['bioml:open-run', { id: 'run-b', path: 'a.ipynb' }],
      ['bioml:compare-runs', { ids: [ROW.record_id, 'run-b'], path: 'a.ipynb' }]
    ]);
  });

  it.each(['DIFFERENT', 'could not run', 'unheard of'])('stays until it is read: %s', async verdict => {
    await lab.end({ state: 'done', result: aResult({ verdict, sentence: 'Not reproduced: auc.' }) });
    const [message, type, options] = emit.mock.calls[0];
    expect(message).toBe(`gbm-depth3: ${verdict.toLowerCase()}. Not reproduced: auc.`);
    expect([type, options.autoClose, options.actions]).toEqual(['warning', 30_000, []]);
  });

  it('is not said where it is seen', async () => {
    const panel = document.body.appendChild(document.createElement('div'));
    panel.className = 'bioml-Reproduction';
    panel.dataset.run = ROW.record_id;
    panel.getBoundingClientRect = () => ({ left: 0, right: 9, top: 0, bottom: 9 }) as DOMRect;
    document.elementFromPoint = () => panel;
    await lab.end({ state: 'done', result: aResult() });
    expect(emit).not.toHaveBeenCalled();
  });

  it('makes the lists look, and once more when the server knows the verdict', async () => {
    await lab.end({ state: 'done', result: aResult() });
    expect(lab.touched).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(5000);
    expect(lab.touched).toHaveBeenCalledTimes(2);
  });

  it('says what failed and what to do next', async () => {
    await lab.end({ state: 'failed', error: { code: 'x', message: 'No journal.', next: 'Look there.' } });
    expect(error.mock.calls[0][0]).toBe('gbm-depth3 was not reproduced: No journal. Look there.');
  });

  it('says that nothing was started, which changed nothing', async () => {
    lab.client.answers['POST jobs'] = () => new ApiError(409, 'refused', '2 jobs run already.', 'Wait.');
    await lab.end({});
    expect(error.mock.calls[0][0]).toContain('2 jobs run already. Wait.');
    expect(lab.touched).not.toHaveBeenCalled();
  });

  it('says that the server has lost it', async () => {
    lab.client.answers['GET jobs/job-1'] = () => new ApiError(404, 'not-found', 'No such job.', '');
    await lab.end({}, '');
    expect(error.mock.calls[0][0]).toContain('run aaaaaaaa…: the server no longer knows about it');
  });

  it('does not notify the user who stopped it', async () => {
    await lab.reproductions.start(ROW, 'a.ipynb');
    await lab.reproductions.cancel(ROW);
    expect([emit.mock.calls, error.mock.calls]).toEqual([[], []]);
    expect(lab.touched).toHaveBeenCalledTimes(1);
  });

  it('is said as short text, whatever the names are', async () => {
    await lab.end({ state: 'done', result: aResult({ verdict: HOSTILE, sentence: HOSTILE }) }, HOSTILE);
    const [message] = emit.mock.calls[0];
    expect(message).not.toMatch(/[\u202e\0]/);
    expect(message.length).toBeLessThan(200);
  });
});

describe('the command', () => {
  it('makes the run again that is named', async () => {
    await lab.commands.execute(REPRODUCE, { id: 'r1', path: 'a.ipynb', name: 'gbm' });
    expect(lab.client.of('POST jobs')).toMatchObject([
      { query: { path: 'a.ipynb' }, body: { kind: 'reproduce', run: 'r1' } }
    ]);
    expect(lab.reproductions.of({ record_id: 'r1', run_id: null })?.name).toBe('gbm');
  });

  it('does nothing without one', async () => {
    await lab.commands.execute(REPRODUCE, {});
    await lab.commands.execute(REPRODUCE, { id: 7 });
    expect(lab.client.calls).toEqual([]);
  });
});

it('looks again for jobs when the server half is back', async () => {
  lab.client.answers['GET jobs'] = () => new Error('away');
  await lab.reproductions.find('a.ipynb');
  lab.client.answers['GET jobs'] = () => [aJob()];
  await lab.connection.refresh();
  await jest.advanceTimersByTimeAsync(10);
  expect(lab.reproductions.of(ROW)?.phase).toBe('running');
});
