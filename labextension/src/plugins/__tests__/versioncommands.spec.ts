import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { ApiError } from '../../api/request';
import { ModelsModel } from '../../model/registered';
import { aModel, aVersion } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import type { IPromotionDialog, IRunPages, IVersionCommand, IVersionCommands } from '../../tokens';
import { aliasActions } from '../aliases';
import { versionCommandsPlugin } from '../versioncommands';

const trans = nullTranslator.load('jupyter_bioml');
const NOTHING_OPEN = { currentWidget: null } as unknown as INotebookTracker;

function commandsOf(pages: IRunPages | null, promotion: IPromotionDialog | null): IVersionCommands {
  const app = {} as JupyterFrontEnd;
  return versionCommandsPlugin.activate(app, null, NOTHING_OPEN, pages, promotion) as IVersionCommands;
}

function command(commands: IVersionCommands, id: string): IVersionCommand {
  const found = commands.get(id);
  if (!found) {
    throw new Error(`There is no command ${id}.`);
  }
  return found;
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

async function setUp(): Promise<{ client: FakeClient; model: ModelsModel }> {
  const client = new FakeClient({ 'GET models': () => [aModel()] });
  const model = new ModelsModel(client);
  model.path = 'a.ipynb';
  await model.watch.now();
  return { client, model };
}

describe('commands on a model version', () => {
  it('open the run that it came from', async () => {
    const { model } = await setUp();
    const openRun = jest.fn();
    const commands = commandsOf({ openRun, openComparison: jest.fn() }, null);
    const open = command(commands, 'open-run');
    open.execute(aVersion({ record_id: 'rec' }), model);
    open.execute(aVersion({ record_id: null, run_id: 'run' }), model);
    expect(open.hindrance?.(aVersion({ record_id: null, run_id: null }))).toContain('unknown');
    expect(openRun.mock.calls).toEqual([
      ['rec', 'a.ipynb'],
      ['run', 'a.ipynb']
    ]);
    expect(command(commands, 'insert-code').hindrance?.(aVersion())).toBe('Open a notebook first');
    expect(commands.get('promote')).toBeUndefined();
    model.dispose();
  });

  it('ask for an alias, offering those that are known', async () => {
    const { client, model } = await setUp();
    client.answers['PUT models/diagnosis-gbm/aliases/blessed'] = () => aVersion();
    command(commandsOf(null, null), 'set-alias').execute(aVersion({ version: '5' }), model);
    const title = (): string => document.querySelector('.jp-Dialog-header')?.textContent ?? '';
    await until(() => title() !== '');
    expect(title()).toBe('Alias for diagnosis-gbm v5');
    const offered = [...document.querySelectorAll('.jp-Dialog option')].map(option => option.textContent);
    expect(offered).toEqual(expect.arrayContaining(['champion', 'challenger']));
    const input = document.querySelector<HTMLInputElement>('.jp-Dialog input');
    if (input) {
      input.value = ' blessed ';
    }
    document.querySelector<HTMLElement>('.jp-Dialog-button.jp-mod-accept')?.click();
    await until(() => client.of('PUT models/diagnosis-gbm/aliases/blessed').length === 1);
    expect(client.of('PUT models/diagnosis-gbm/aliases/blessed')[0].body).toEqual({ version: '5' });
    model.dispose();
  });

  it('say what the server refused', async () => {
    const { client, model } = await setUp();
    client.answers['DELETE models/diagnosis-gbm/aliases/champion'] = () => new Error('MLflow is down.\u202e');
    const said = jest.spyOn(Notification, 'error').mockReturnValue('id');
    void aliasActions(null, trans).remove(aVersion(), 'champion', model);
    await until(() => said.mock.calls.length > 0);
    expect(said.mock.calls[0][0]).toBe('MLflow is down.\\u202e');
    said.mockRestore();
    model.dispose();
  });

  it('lead to the gates of an alias that cannot be moved by hand', async () => {
    const { client, model } = await setUp();
    const refusal = new ApiError(409, 'refused', 'champion has gates.\u202e', 'Write: jupyter bioml promote');
    client.answers['DELETE models/diagnosis-gbm/aliases/champion'] = () => refusal;
    const open = jest.fn();
    const aliases = aliasActions({ open }, trans);
    const body = (): string => document.querySelector('.jp-Dialog-body')?.textContent ?? '';
    for (const button of ['.jp-mod-reject', '.jp-mod-accept']) {
      expect(open).not.toHaveBeenCalled();
      void aliases.remove(aVersion(), 'champion', model);
      await until(() => body() !== '');
      expect(body()).toBe('champion has gates.\\u202eWrite: jupyter bioml promote');
      document.querySelector<HTMLElement>(`.jp-Dialog-button${button}`)?.click();
      await until(() => document.querySelector('.jp-Dialog') === null);
    }
    await until(() => open.mock.calls.length > 0);
    expect(open).toHaveBeenCalledWith('diagnosis-gbm', '4', 'a.ipynb', 'champion');
    command(commandsOf(null, { open }), 'promote').execute(aVersion({ version: '5' }), model);
    expect(open.mock.calls[1].slice(0, 3)).toEqual(['diagnosis-gbm', '5', 'a.ipynb']);
    model.dispose();
  });
});
