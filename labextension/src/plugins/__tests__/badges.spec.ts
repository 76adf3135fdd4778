import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type INotebookTracker, type Notebook, NotebookActions } from '@jupyterlab/notebook';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { waitFor } from '@testing-library/dom';
import { TextEncoder } from 'util';
import { Connection } from '../../model/connection';
import { aPage, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { FakePanel } from '../../testing/notebooks';
import type { IRunPages } from '../../tokens';
import { badgesPlugin, notebookRunsPlugin } from '../badges';

Object.assign(globalThis, { TextEncoder });

/** The settings of the notebook plugin. */
class Settings {
  composite: Record<string, unknown> = {};
  readonly changed = new Signal<Settings, void>(this);

  set(badges: boolean): void {
    this.composite = { badges };
    this.changed.emit();
  }
}

/** A JupyterLab with notebooks: each cell `c0` has a run that is called as its notebook. */
class Lab {
  readonly client = new FakeClient({
    'GET runs': ({ query }) => aPage([aRow({ name: String(query.path), cell_id: 'c0' })])
  });
  readonly panels: FakePanel[] = [];
  readonly widgetAdded = new Signal<Lab, FakePanel>(this);
  readonly settings = new Settings();
  readonly pages = { openRun: jest.fn(), openComparison: jest.fn() };
  readonly app = {
    serviceManager: { contents: { localPath: (path: string) => path.replace(/^drive:/, '') } }
  } as unknown as JupyterFrontEnd;
  readonly tracker = {
    widgetAdded: this.widgetAdded,
    find: (found: (panel: FakePanel) => boolean) => this.panels.find(found),
    forEach: (act: (panel: FakePanel) => void) => this.panels.forEach(act)
  } as unknown as INotebookTracker;
  readonly runs = notebookRunsPlugin.activate(this.app, new Connection(this.client), this.tracker);

  open(path: string): FakePanel {
    const panel = new FakePanel(path, ['x = 1']);
    panel.content.widgets[0].inViewport = true;
    this.panels.push(panel);
    this.widgetAdded.emit(panel);
    return panel;
  }

  async badges(
    settings: (plugin: string) => Promise<unknown> = async () => this.settings,
    pages: IRunPages | null = this.pages
  ): Promise<void> {
    const registry = { load: settings } as unknown as ISettingRegistry;
    await badgesPlugin.activate(this.app, this.runs, this.tracker, nullTranslator, pages, registry);
  }

  /** Paths whose runs were asked for. */
  get asked(): unknown[] {
    return this.client.of('GET runs').map(call => call.query.path);
  }
}

function badgeOf(panel: FakePanel): HTMLButtonElement | null {
  return panel.content.node.querySelector('.bioml-Badge');
}

async function shows(panel: FakePanel, name: string): Promise<void> {
  await waitFor(() => expect(badgeOf(panel)?.title).toContain(`Run ${name}: finished`));
}

describe('badges in JupyterLab', () => {
  let lab: Lab;

  beforeEach(() => {
    lab = new Lab();
  });
  afterEach(() => lab.panels.forEach(panel => panel.dispose()));

  it('are in the notebooks that are open, and in those that are opened later', async () => {
    const first = lab.open('a.ipynb');
    await lab.badges();
    const second = lab.open('drive:folder/b.ipynb');
    await shows(first, 'a.ipynb');
    await shows(second, 'folder/b.ipynb');
  });

  it('open the page of a run of this notebook', async () => {
    await lab.badges();
    const panel = lab.open('drive:a.ipynb');
    await shows(panel, 'a.ipynb');
    badgeOf(panel)?.click();
    expect(lab.pages.openRun.mock.calls).toEqual([['a'.repeat(32), 'a.ipynb']]);
  });

  it('open nothing where there are no pages', async () => {
    await lab.badges(undefined, null);
    const panel = lab.open('a.ipynb');
    await shows(panel, 'a.ipynb');
    expect(badgeOf(panel)?.disabled).toBe(true);
  });

  it('follow a notebook to its new name', async () => {
    await lab.badges();
    const panel = lab.open('a.ipynb');
    await shows(panel, 'a.ipynb');
    panel.rename('drive:b.ipynb');
    await shows(panel, 'b.ipynb');
    expect(panel.content.node.querySelectorAll('.bioml-Badge')).toHaveLength(1);
  });

  it('are switched off and on in the settings, in every notebook', async () => {
    lab.settings.composite = { badges: false };
    const first = lab.open('a.ipynb');
    await lab.badges();
    const second = lab.open('b.ipynb');
    expect(lab.asked).toEqual([]);
    lab.settings.set(true);
    await shows(first, 'a.ipynb');
    await shows(second, 'b.ipynb');
    lab.settings.set(false);
    expect([badgeOf(first), badgeOf(second)]).toEqual([null, null]);
  });

  it('are there also where the settings cannot be read', async () => {
    await lab.badges(async () => Promise.reject(new Error('no such schema')));
    await shows(lab.open('a.ipynb'), 'a.ipynb');
  });

  it('forget a notebook that was closed', async () => {
    await lab.badges();
    const panel = lab.open('a.ipynb');
    await shows(panel, 'a.ipynb');
    const { content } = panel;
    panel.dispose();
    expect(content.isDisposed).toBe(true);
    expect(() => lab.settings.set(false)).not.toThrow();
    expect(() => lab.settings.set(true)).not.toThrow();
  });
});

describe('the runs of notebooks', () => {
  const { executed, executionScheduled } = NotebookActions as unknown as Record<
    'executed' | 'executionScheduled',
    Signal<unknown, { notebook: Notebook }>
  >;

  it('are looked at once a cell ended, and soon after one was sent', async () => {
    const lab = new Lab();
    const panel = lab.open('drive:a.ipynb');
    const held = lab.runs.of('a.ipynb').hold();
    await waitFor(() => expect(lab.asked).toHaveLength(1));
    executed.emit({ notebook: panel.content });
    await waitFor(() => expect(lab.asked).toHaveLength(2));
    executionScheduled.emit({ notebook: panel.content });
    expect(lab.asked).toHaveLength(2);
    await waitFor(() => expect(lab.asked).toHaveLength(3));
    expect(new Set(lab.asked)).toEqual(new Set(['a.ipynb']));
    held.dispose();
    panel.dispose();
  });

  it('are those of the notebook whose cell it was, which may be gone by then', async () => {
    const lab = new Lab();
    const [panel, other] = [lab.open('a.ipynb'), lab.open('b.ipynb')];
    const held = [lab.runs.of('a.ipynb').hold(), lab.runs.of('b.ipynb').hold()];
    await waitFor(() => expect(lab.asked.sort()).toEqual(['a.ipynb', 'b.ipynb']));
    lab.panels.splice(0, 1);
    executed.emit({ notebook: panel.content });
    executed.emit({ notebook: other.content });
    await waitFor(() => expect(lab.asked).toHaveLength(3));
    expect(lab.asked.filter(path => path === 'a.ipynb')).toHaveLength(1);
    held.forEach(one => one.dispose());
    [panel, other].forEach(one => one.dispose());
  });
});
