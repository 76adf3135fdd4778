import '../../testing/browser';
import type { ILayoutRestorer, JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { IMainMenu } from '@jupyterlab/mainmenu';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { ContextMenu, type Menu, Widget } from '@lumino/widgets';
import { waitFor } from '@testing-library/dom';
import { readFileSync } from 'fs';
import { join } from 'path';
import { Connection } from '../../model/connection';
import { Reproductions } from '../../model/jobs';
import { RunListModel } from '../../model/runlist';
import { type ExperimentsPanel, SIDEBAR_ID } from '../../panels/experiments';
import type { LiveSection } from '../../panels/live';
import type { ModelsSection } from '../../panels/models';
import type { RunsSection } from '../../panels/runs';
import { aJob, aLive, aModel, aPage, manyRows } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import type { IRunCommands, ISidebar, IVersionCommands } from '../../tokens';
import { runCommandsPlugin } from '../runcommands';
import { liveSectionPlugin } from '../sections/live';
import { modelsSectionPlugin, OPEN_MODEL } from '../sections/models';
import { runsSectionPlugin } from '../sections/runs';
import { REFRESH, SHOW_SIDEBAR, sidebarPlugin } from '../sidebar';
import { versionCommandsPlugin } from '../versioncommands';

interface ISchema {
  'jupyter.lab.shortcuts': { command: string }[];
  properties: Record<string, { title: string; description: string }>;
}

const schema = JSON.parse(readFileSync(join(__dirname, '../../../schema/plugin.json'), 'utf8')) as ISchema;

/** As much of the settings as the sidebar uses. */
class Settings {
  constructor(readonly composite: Record<string, unknown>) {}

  readonly changed = new Signal<Settings, void>(this);

  async set(key: string, value: unknown): Promise<void> {
    this.composite[key] = value;
    this.changed.emit();
  }
}

/** A JupyterLab with one notebook in front, and the sidebar in it. */
class Lab {
  constructor(settings: Record<string, unknown> = {}) {
    this.settings = new Settings(settings);
    const app = {
      commands: this.commands,
      contextMenu: this.contextMenu,
      serviceManager: { contents: { localPath: (path: string) => path } },
      shell: {
        add: (panel: ExperimentsPanel) => {
          this.panel = panel;
          Widget.attach(panel, document.body);
        },
        activateById: this.activated
      }
    };
    const lab = app as unknown as JupyterFrontEnd;
    const notebooks = { currentWidget: this.notebook, currentChanged: new Signal<unknown, unknown>({}) };
    const tracker = notebooks as unknown as INotebookTracker;
    const palette = { addItem: this.offered.mockReturnValue({ dispose: () => undefined }) };
    const offers = palette as unknown as ICommandPalette;
    const pages = { openRun: this.openRun, openComparison: jest.fn() };
    this.sidebar = sidebarPlugin.activate(
      lab,
      this.connection,
      tracker,
      nullTranslator,
      { add: this.restored } as unknown as ILayoutRestorer,
      offers,
      { addMenu: this.menus } as unknown as IMainMenu
    ) as ISidebar;
    this.runCommands = runCommandsPlugin.activate(
      lab,
      this.connection,
      nullTranslator,
      pages,
      null,
      this.reproductions
    ) as IRunCommands;
    const versionCommands = versionCommandsPlugin.activate(
      lab,
      nullTranslator,
      tracker,
      pages,
      null
    ) as IVersionCommands;
    void liveSectionPlugin.activate(lab, this.connection, this.sidebar, nullTranslator);
    void runsSectionPlugin.activate(
      lab,
      this.connection,
      this.sidebar,
      this.runCommands,
      nullTranslator,
      { load: async () => this.settings } as unknown as ISettingRegistry,
      offers,
      pages,
      null,
      this.reproductions
    );
    void modelsSectionPlugin.activate(
      lab,
      this.connection,
      this.sidebar,
      tracker,
      versionCommands,
      nullTranslator,
      null
    );
  }

  readonly client = new FakeClient({
    'GET runs': () => aPage(manyRows(3), { metric_keys: ['auc', 'loss'] }),
    'GET live': () => aLive(),
    'GET models': () => [aModel()],
    'GET jobs': () => [aJob({ run: 'r1', progress: ['cell 1 of 2'] })],
    'GET jobs/job-1': () => aJob({ run: 'r1', progress: ['cell 1 of 2'] })
  });
  readonly connection = new Connection(this.client);
  readonly reproductions = new Reproductions(this.client);
  readonly commands = new CommandRegistry();
  readonly contextMenu = new ContextMenu({ commands: this.commands });
  readonly menus = jest.fn();
  readonly sidebar: ISidebar;
  readonly runCommands: IRunCommands;
  readonly settings: Settings;
  readonly activated = jest.fn();
  readonly restored = jest.fn();
  readonly offered = jest.fn();
  readonly openRun = jest.fn();
  readonly notebook = {
    context: { path: 'a.ipynb', pathChanged: new Signal<unknown, string>({}) },
    sessionContext: { statusChanged: new Signal<unknown, string>({}) }
  };
  panel!: ExperimentsPanel;

  section<T>(id: string): T {
    return this.sidebar.sections.get(id)?.widget as T;
  }

  get runs(): RunListModel {
    return this.section<RunsSection>('runs').model;
  }

  /** The models of the three sections. */
  get models(): { path: string | null; dispose(): void }[] {
    return [this.runs, this.section<LiveSection>('live').model, this.section<ModelsSection>('models').model];
  }

  /** Wait until the runs were read. */
  async ready(): Promise<void> {
    await waitFor(() => expect(this.runs.total).toBe(3));
  }

  dispose(): void {
    this.models.forEach(model => model.dispose());
    this.panel.dispose();
    this.reproductions.dispose();
  }
}

const labs: Lab[] = [];

function start(settings?: Record<string, unknown>): Lab {
  Element.prototype.scrollIntoView = jest.fn();
  const lab = new Lab(settings);
  labs.push(lab);
  return lab;
}

afterEach(() => labs.splice(0).forEach(lab => lab.dispose()));

describe('the sidebar in JupyterLab', () => {
  it('is restored with the layout, and its commands are in the palette', async () => {
    const lab = start();
    await lab.ready();
    expect(lab.restored).toHaveBeenCalledWith(lab.panel, SIDEBAR_ID);
    const offered = lab.offered.mock.calls.map(([item]) => item.command);
    expect(offered).toEqual([SHOW_SIDEBAR, REFRESH, ...lab.runCommands.entries.map(({ id }) => id)]);
    expect(offered.length).toBeGreaterThan(12);
    expect(offered.every(command => lab.commands.hasCommand(command))).toBe(true);
  });

  it('has every command that its shortcuts name', () => {
    const { commands } = start();
    const named = schema['jupyter.lab.shortcuts'].map(({ command }) => command);
    expect(named).toHaveLength(3);
    expect(named.filter(command => !commands.hasCommand(command))).toEqual([]);
  });

  it('has its commands in a menu and those on runs in the menu of the list, in groups', () => {
    const lab = start();
    const [[menu]] = lab.menus.mock.calls as [[Menu]];
    const groups = (items: readonly Menu.IItem[]): string[] =>
      items
        .map(item => (item.type === 'separator' ? '|' : item.command.replace(/bioml:(selection-)?/, '')))
        .join(' ')
        .split('|')
        .map(group => group.trim());
    const ofRuns = [
      'open compare reproduce register go-to-cell stop',
      'rename note tags star archive',
      'copy-id export delete'
    ];
    expect(menu.title.label).toBe('Experiments');
    expect(groups(menu.items)).toEqual(['show-sidebar refresh', ...ofRuns]);
  });

  it('offers a command that is added later, on the selected runs, until it is taken away', async () => {
    const lab = start();
    await lab.ready();
    const execute = jest.fn();
    const added = lab.runCommands.add({
      id: 'other:drift',
      rank: 15,
      label: rows => `Drift of ${rows.length}`,
      isFor: rows => rows.length === 1,
      execute
    });
    expect(lab.commands.isEnabled('other:drift')).toBe(false);
    lab.runs.choose(1, 'one');
    expect([lab.commands.isEnabled('other:drift'), lab.commands.label('other:drift')]).toEqual([
      true,
      'Drift of 1'
    ]);
    await lab.commands.execute('other:drift');
    expect(execute.mock.calls[0][0]).toMatchObject({ rows: [{ record_id: 'r1' }], path: 'a.ipynb' });
    const [[menu]] = lab.menus.mock.calls as [[Menu]];
    const commands = (): string[] => menu.items.map(item => item.command).filter(Boolean);
    expect(commands().indexOf('other:drift')).toBe(commands().indexOf('bioml:selection-go-to-cell') + 1);
    added.dispose();
    expect(lab.commands.hasCommand('other:drift')).toBe(false);
    expect(commands()).not.toContain('other:drift');
  });

  it('is shown by its command, with the keyboard on the list', async () => {
    const lab = start();
    await lab.ready();
    await waitFor(() => expect(lab.panel.node.querySelector('.bioml-RunList')).not.toBeNull());
    await lab.commands.execute(SHOW_SIDEBAR);
    expect(lab.activated).toHaveBeenCalledWith(SIDEBAR_ID);
    expect(document.activeElement?.getAttribute('role')).toBe('listbox');
  });

  it('is about the notebook in front, and follows its new name', async () => {
    const lab = start();
    await lab.ready();
    expect(lab.client.of('GET runs')[0].query).toMatchObject({ path: 'a.ipynb', scope: 'notebook' });
    lab.notebook.context.path = 'renamed.ipynb';
    lab.notebook.context.pathChanged.emit('renamed.ipynb');
    expect(lab.models.map(model => model.path)).toEqual(Array(3).fill('renamed.ipynb'));
  });

  it('looks at once when the kernel gets busy, when told, and when another part changed something', async () => {
    const lab = start();
    await lab.ready();
    const acts = [
      () => lab.notebook.sessionContext.statusChanged.emit('busy'),
      () => void lab.commands.execute(REFRESH),
      () => lab.connection.touch()
    ];
    for (const act of acts) {
      const before = lab.client.of('GET runs').length;
      act();
      await waitFor(() => expect(lab.client.of('GET runs').length).toBeGreaterThan(before));
    }
  });

  it('finds a reproduction that was begun before', async () => {
    const lab = start();
    await lab.ready();
    lab.runs.choose(1, 'one');
    await waitFor(() => expect(lab.panel.node.textContent).toContain('cell 1 of 2'));
    expect(lab.client.of('GET jobs')).toHaveLength(1);
  });

  it('opens the chosen run', async () => {
    const lab = start();
    await lab.ready();
    lab.runs.choose(1, 'one');
    await lab.commands.execute('bioml:selection-open');
    expect(lab.openRun).toHaveBeenCalledWith('r1', 'a.ipynb');
  });

  it('shows a model version on request', async () => {
    const lab = start();
    await lab.commands.execute(OPEN_MODEL, { name: 'diagnosis-gbm', version: '4' });
    await waitFor(() => expect(lab.panel.node.querySelector('.bioml-mod-shown')).not.toBeNull());
  });
});

describe('what is chosen', () => {
  it('comes from the settings, and goes there', async () => {
    const lab = start({ metric: 'loss', sort: 'name', order: 'asc', grouped: true, scope: 'project' });
    await waitFor(() => expect(lab.runs.view.scope).toBe('project'));
    expect(lab.runs.view).toMatchObject({ metric: 'loss', sort: 'name', order: 'asc', grouped: true });
    lab.runs.show({ metric: 'auc', grouped: false, q: 'not kept' });
    await waitFor(() => expect(lab.settings.composite).toMatchObject({ metric: 'auc', grouped: false }));
    expect(Object.keys(lab.settings.composite).sort()).toEqual([
      'grouped',
      'metric',
      'order',
      'scope',
      'sort'
    ]);
  });

  it('follows the settings when they are changed by hand', async () => {
    const lab = start({});
    await lab.ready();
    await lab.settings.set('order', 'asc');
    expect(lab.runs.view.order).toBe('asc');
  });

  it('can all be set: the schema has just these settings', () => {
    const { properties } = schema;
    expect(Object.keys(properties).sort()).toEqual(['grouped', 'metric', 'order', 'scope', 'sort']);
    expect(Object.values(properties).every(one => one.title !== '' && one.description !== '')).toBe(true);
  });
});
