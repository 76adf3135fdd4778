import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { RankedMenu } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import { ContextMenu } from '@lumino/widgets';
import { ApiError } from '../../api/request';
import type { RunRow } from '../../api/wire';
import { Reproductions } from '../../model/jobs';
import { RunListModel } from '../../model/runlist';
import { aJob, aPage, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { Connection } from '../../model/connection';
import type { IRunCommands } from '../../tokens';
import { runCommandsPlugin } from '../runcommands';
import { offerRunCommands } from '../runmenu';

/** A command by the last part of its id. */
const of = (name: string): string => `bioml:selection-${name}`;

const trans = nullTranslator.load('jupyter_bioml');

async function setUp(rows: RunRow[]): Promise<{
  commands: CommandRegistry;
  client: FakeClient;
  model: RunListModel;
  reproductions: Reproductions;
  acts: Record<'openRun' | 'openComparison' | 'open' | 'touch', jest.Mock>;
  /** Of the commands. */
  ids: string[];
}> {
  const client = new FakeClient({ 'GET runs': () => aPage(rows) });
  const model = new RunListModel(client);
  model.path = 'study.ipynb';
  await model.watch.now();
  const commands = new CommandRegistry();
  const reproductions = new Reproductions(client);
  const bioml = new Connection(client);
  const acts = {
    openRun: jest.fn(),
    openComparison: jest.fn(),
    open: jest.fn(async () => null),
    touch: jest.fn()
  };
  bioml.touched.connect(acts.touch);
  const contextMenu = new ContextMenu({ commands });
  const app = { commands, contextMenu } as unknown as JupyterFrontEnd;
  const registry = runCommandsPlugin.activate(app, bioml, null, acts, acts, reproductions) as IRunCommands;
  const menu = new RankedMenu({ commands });
  offerRunCommands({ app, commands: registry, model, menu, palette: null, reproductions, trans });
  const ids = registry.entries.map(({ id }) => id);
  return { commands, client, model, reproductions, acts, ids };
}

/** Press a button of the dialog that is open, once it is there. */
async function press(label: string, fill?: string): Promise<void> {
  let button: HTMLElement | undefined;
  while (!button) {
    await new Promise(resolve => setTimeout(resolve, 5));
    button = [...document.querySelectorAll<HTMLElement>('.jp-Dialog-button')].find(
      one => one.textContent === label
    );
  }
  const field = document.querySelector<HTMLInputElement>('.jp-Dialog input, .jp-Dialog textarea');
  if (field && fill !== undefined) {
    field.value = fill;
  }
  button.click();
}

const two = (): RunRow[] => [
  aRow({ record_id: 'a', name: 'first' }),
  aRow({ record_id: 'b', name: '<img src=x>', run_id: null, has_model: false })
];

describe('commands on the chosen runs', () => {
  it('are off without a choice, and on for what they can do', async () => {
    const { commands, model, ids } = await setUp(two());
    const on = (): string[] => ids.filter(id => commands.isEnabled(id));
    expect(on()).toEqual([]);
    model.choose(0, 'one');
    expect(on()).toEqual(ids.filter(id => ![of('compare'), of('stop')].includes(id)));
    model.choose(1, 'one');
    expect(commands.isEnabled(of('register'))).toBe(false);
    model.choose(0, 'toggle');
    expect(on()).toEqual(['compare', 'star', 'archive', 'copy-id', 'delete'].map(of));
  });

  it('say what they act on where no run is in sight', async () => {
    const { commands, model, ids } = await setUp(two());
    const whole = (name: string): string => commands.label(of(name), { whole: true });
    expect(
      ids.map(id => commands.label(id, { whole: true })).filter(text => !/Run|Model/.test(text))
    ).toEqual([]);
    expect(commands.label(of('archive'))).toBe('Archive');
    expect(whole('archive')).toBe('Archive Run');
    model.choose(0, 'one');
    model.choose(1, 'toggle');
    expect([whole('archive'), whole('star'), whole('delete')]).toEqual([
      'Archive 2 Runs',
      'Star 2 Runs',
      'Delete 2 Runs…'
    ]);
  });

  it('copy the ids that a user sees everywhere', async () => {
    const { commands, model } = await setUp(two());
    const written: string[] = [];
    const clipboard = { writeText: async (text: string) => void written.push(text) };
    Object.defineProperty(navigator, 'clipboard', { value: clipboard, configurable: true });
    model.choose(0, 'one');
    expect(commands.label(of('copy-id'))).toBe('Copy Run ID');
    model.choose(1, 'toggle');
    expect(commands.label(of('copy-id'))).toBe('Copy Run IDs');
    await commands.execute(of('copy-id'));
    expect(written).toEqual(['a\nb']);
  });

  it('open, compare and register', async () => {
    const { commands, model, acts } = await setUp(two());
    model.choose(0, 'one');
    await commands.execute(of('open'));
    await commands.execute(of('register'));
    model.choose(1, 'toggle');
    await commands.execute(of('compare'));
    expect(acts.openRun).toHaveBeenCalledWith('a', 'study.ipynb');
    expect(acts.open).toHaveBeenCalledWith('a', 'study.ipynb');
    expect(acts.openComparison).toHaveBeenCalledWith(['a', 'b'], 'study.ipynb');
  });

  it('make the one chosen run again, once at a time', async () => {
    const { commands, client, model, reproductions } = await setUp(two());
    Object.assign(client.answers, {
      'GET jobs': () => [],
      'POST jobs': () => aJob({ run: 'a' }),
      'GET jobs/job-1': () => aJob({ run: 'a' })
    });
    model.choose(0, 'one');
    await commands.execute(of('reproduce'));
    expect(client.of('POST jobs')).toMatchObject([
      { query: { path: 'study.ipynb' }, body: { kind: 'reproduce', run: 'a' } }
    ]);
    expect(commands.isEnabled(of('reproduce'))).toBe(false);
    model.choose(1, 'one');
    expect(commands.isEnabled(of('reproduce'))).toBe(true);
    reproductions.dispose();
  });

  it('do not make a run again that has not ended', async () => {
    const { commands, model } = await setUp([aRow({ state: 'RUNNING' })]);
    model.choose(0, 'one');
    expect(commands.isEnabled(of('reproduce'))).toBe(false);
    model.watch.dispose();
  });

  it('rename and note by a dialog', async () => {
    const { commands, client, model } = await setUp(two());
    client.answers['PATCH runs/a'] = ({ body }) => aRow({ record_id: 'a', ...(body as Partial<RunRow>) });
    model.choose(0, 'one');
    const renamed = commands.execute(of('rename'));
    await press('Rename', 'second');
    await renamed;
    const noted = commands.execute(of('note'));
    await press('Save', 'two\nlines');
    await noted;
    expect(client.of('PATCH runs/a').map(call => call.body)).toEqual([
      { name: 'second' },
      { note: 'two\nlines' }
    ]);
    expect(model.selection.rows[0].note).toBe('two\nlines');
  });

  it('star all that are chosen, and take the star away from all that have one', async () => {
    const { commands, client, model, acts } = await setUp(two());
    for (const id of ['a', 'b']) {
      client.answers[`PATCH runs/${id}`] = ({ body }) =>
        aRow({ record_id: id, ...(body as Partial<RunRow>) });
    }
    model.choose(0, 'one');
    model.choose(1, 'toggle');
    expect(commands.label(of('star'))).toBe('Star');
    await commands.execute(of('star'));
    expect(commands.label(of('star'))).toBe('Remove Star');
    await commands.execute(of('star'));
    expect(client.of('PATCH runs/b').map(call => call.body)).toEqual([{ starred: true }, { starred: false }]);
    expect(acts.touch).toHaveBeenCalledTimes(2);
  });

  it('delete only after a question that says what is kept', async () => {
    const { commands, client, model } = await setUp(two());
    client.answers['DELETE runs/a'] = () => ({ record_id: 'a', deleted: true });
    client.answers['DELETE runs/b'] = () =>
      new ApiError(409, 'refused', 'A model was made from it.', 'Keep it.');
    const said = jest.spyOn(Notification, 'error').mockReturnValue('id');
    model.choose(0, 'one');
    model.choose(1, 'toggle');
    const cancelled = commands.execute(of('delete'));
    await press('Cancel');
    await cancelled;
    expect(client.of('DELETE runs/a')).toHaveLength(0);
    const removed = commands.execute(of('delete'));
    while (!document.querySelector('.jp-Dialog-body')) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    expect(document.querySelector('.jp-Dialog')?.textContent).toMatch(
      /first, <img src=x>.*Kept: its ID and name/s
    );
    await press('Delete');
    await removed;
    expect(model.known.map(row => row.record_id)).toEqual(['b']);
    expect(said.mock.calls[0][0]).toBe('<img src=x>: A model was made from it. Keep it.');
    said.mockRestore();
  });
});
