import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { ApiError } from '../../api/request';
import type { RunRow } from '../../api/wire';
import { Reproductions } from '../../model/jobs';
import { RunListModel } from '../../model/runlist';
import { aJob, aPage, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { addRunCommands, OF_SELECTION } from '../runcommands';

const trans = nullTranslator.load('jupyter_bioml');

async function setUp(rows: RunRow[]): Promise<{
  commands: CommandRegistry;
  client: FakeClient;
  model: RunListModel;
  reproductions: Reproductions;
  acts: Record<'openRun' | 'openComparison' | 'open' | 'goToCell' | 'touch', jest.Mock>;
}> {
  const client = new FakeClient({ 'GET runs': () => aPage(rows) });
  const model = new RunListModel(client);
  model.path = 'study.ipynb';
  await model.watch.now();
  const commands = new CommandRegistry();
  const reproductions = new Reproductions(client);
  const acts = {
    openRun: jest.fn(),
    openComparison: jest.fn(),
    open: jest.fn(async () => null),
    goToCell: jest.fn(),
    touch: jest.fn()
  };
  const app = { commands } as unknown as JupyterFrontEnd;
  addRunCommands({
    app,
    client,
    model,
    pages: acts,
    form: acts,
    reproductions,
    goToCell: acts.goToCell,
    touch: acts.touch,
    trans
  });
  return { commands, client, model, reproductions, acts };
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
    const { commands, model } = await setUp(two());
    const on = (): string[] =>
      Object.entries(OF_SELECTION)
        .filter(([, id]) => commands.isEnabled(id))
        .map(([name]) => name);
    expect(on()).toEqual([]);
    model.choose(0, 'one');
    expect(on()).toEqual(Object.keys(OF_SELECTION).filter(name => name !== 'compare'));
    model.choose(1, 'one');
    expect(commands.isEnabled(OF_SELECTION.register)).toBe(false);
    model.choose(0, 'toggle');
    expect(on()).toEqual(['compare', 'star', 'archive', 'remove', 'copyId']);
  });

  it('open, compare, register, and go to the cell', async () => {
    const { commands, model, acts } = await setUp(two());
    model.choose(0, 'one');
    await commands.execute(OF_SELECTION.open);
    await commands.execute(OF_SELECTION.register);
    await commands.execute(OF_SELECTION.goToCell);
    model.choose(1, 'toggle');
    await commands.execute(OF_SELECTION.compare);
    expect(acts.openRun).toHaveBeenCalledWith('a', 'study.ipynb');
    expect(acts.open).toHaveBeenCalledWith('a', 'study.ipynb');
    expect(acts.goToCell).toHaveBeenCalledWith('study.ipynb', 'cell-1');
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
    await commands.execute(OF_SELECTION.reproduce);
    expect(client.of('POST jobs')).toMatchObject([
      { query: { path: 'study.ipynb' }, body: { kind: 'reproduce', run: 'a' } }
    ]);
    expect(commands.isEnabled(OF_SELECTION.reproduce)).toBe(false);
    model.choose(1, 'one');
    expect(commands.isEnabled(OF_SELECTION.reproduce)).toBe(true);
    reproductions.dispose();
  });

  it('do not make a run again that has not ended', async () => {
    const { commands, model } = await setUp([aRow({ state: 'RUNNING' })]);
    model.choose(0, 'one');
    expect(commands.isEnabled(OF_SELECTION.reproduce)).toBe(false);
    model.watch.dispose();
  });

  it('rename and note by a dialog', async () => {
    const { commands, client, model } = await setUp(two());
    client.answers['PATCH runs/a'] = ({ body }) => aRow({ record_id: 'a', ...(body as Partial<RunRow>) });
    model.choose(0, 'one');
    const renamed = commands.execute(OF_SELECTION.rename);
    await press('Rename', 'second');
    await renamed;
    const noted = commands.execute(OF_SELECTION.note);
    await press('Keep', 'two\nlines');
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
    expect(commands.label(OF_SELECTION.star)).toBe('Star');
    await commands.execute(OF_SELECTION.star);
    expect(commands.label(OF_SELECTION.star)).toBe('Remove Star');
    await commands.execute(OF_SELECTION.star);
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
    const cancelled = commands.execute(OF_SELECTION.remove);
    await press('Cancel');
    await cancelled;
    expect(client.of('DELETE runs/a')).toHaveLength(0);
    const removed = commands.execute(OF_SELECTION.remove);
    while (!document.querySelector('.jp-Dialog-body')) {
      await new Promise(resolve => setTimeout(resolve, 5));
    }
    expect(document.querySelector('.jp-Dialog')?.textContent).toMatch(
      /first, <img src=x>.*Kept: its id and name/s
    );
    await press('Delete');
    await removed;
    expect(model.known.map(row => row.record_id)).toEqual(['b']);
    expect(said.mock.calls[0][0]).toBe('<img src=x>: A model was made from it. Keep it.');
    said.mockRestore();
  });
});
