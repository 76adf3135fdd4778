import '../../testing/browser';
import type { ILabShell, IRouter, JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';
import { RUN_TABS } from '../../components/run/tabs';
import { experimentsIcon } from '../../icons';
import { Connection } from '../../model/connection';
import { Registry } from '../../model/registry';
import { aStatus } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { aComparison, aDetail } from '../../testing/pages';
import type { IRegisterForm, IRunPages } from '../../tokens';
import { COMPARE_RUNS, OPEN_RUN, pagesPlugin } from '../pages';

/** Answers of a server with the runs r1 and r2 of `study.ipynb`. */
function aClient(): FakeClient {
  return new FakeClient({
    'GET ': () => ({
      version: '0.1.0',
      schema: 1,
      root: '/home/ada',
      project: '',
      destination: '',
      embedded: true,
      down: null
    }),
    'GET status': () => aStatus({ project: '/home/ada/study' }),
    'GET runs/r1': () => aDetail({ row: { record_id: 'r1', has_model: false } }),
    'POST compare': () => aComparison()
  });
}

/** The application as far as pages know it: commands, a main area, and an address. */
class TestApp {
  constructor() {
    this.main.id = 'main';
    Widget.attach(this.main, document.body);
  }

  readonly client = aClient();
  readonly bioml = new Connection(this.client);
  readonly tabs = new Registry(RUN_TABS);
  readonly commands = new CommandRegistry();
  readonly main = new Widget();
  readonly opened: Widget[] = [];
  readonly activated: string[] = [];
  readonly shown: string[] = [];
  readonly restored = Promise.resolve();
  readonly shell = {
    add: (widget: Widget): void => {
      this.opened.push(widget);
      Widget.attach(widget, this.main.node);
    },
    activateById: (id: string): void => void this.activated.push(id)
  };
  readonly router = {
    get current() {
      return { path: '/lab', search: window.location.search, hash: '', request: '' };
    },
    navigate: (path: string): void => window.history.replaceState(null, '', path)
  };

  start(options: { labShell?: boolean; form?: IRegisterForm } = {}): IRunPages {
    const labShell = options.labShell === false ? null : (this.shell as unknown as ILabShell);
    return pagesPlugin.activate(
      this as unknown as JupyterFrontEnd,
      this.bioml,
      this.tabs,
      null,
      labShell,
      null,
      this.router as unknown as IRouter,
      options.form ?? null,
      null
    ) as IRunPages;
  }

  end(): void {
    this.opened.forEach(widget => widget.dispose());
    this.main.dispose();
  }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) {
    await new Promise(resolve => setTimeout(resolve, 5));
  }
};

describe('pages', () => {
  let app: TestApp;
  let told: string[];
  const open = window.open;
  const hear = (
    _: unknown,
    change: Parameters<Parameters<typeof Notification.manager.changed.connect>[0]>[1]
  ): void => {
    if (change.type === 'added') {
      told.push(change.notification.message);
    }
  };

  beforeEach(() => {
    window.history.replaceState(null, '', '/lab');
    app = new TestApp();
    told = [];
    Notification.manager.dismiss();
    Notification.manager.changed.connect(hear);
  });

  afterEach(() => {
    app.end();
    window.open = open;
    PageConfig.setOption('treePath', '');
    Notification.manager.changed.disconnect(hear);
  });

  it('opens a run once, and brings it to the front the second time', () => {
    const pages = app.start();
    pages.openRun('r1', 'study.ipynb');
    pages.openRun('r1', 'study.ipynb');
    expect(app.opened).toHaveLength(1);
    expect(app.activated).toEqual([app.opened[0].id, app.opened[0].id]);
    pages.openRun('r1', 'other.ipynb');
    expect(app.opened).toHaveLength(2);
  });

  it('has the name of the run, given or read', async () => {
    app.start();
    await app.commands.execute(OPEN_RUN, { id: 'r1', path: 'study.ipynb', name: 'given before' });
    expect(app.opened[0].title.label).toBe('given before');
    await settle();
    expect(app.opened[0].title.label).toBe('gbm-depth3');
    expect(app.opened[0].node.textContent).toContain('gbm-depth3');
  });

  it('shows a tab that another plugin adds while the page is open, and reads what it needs', async () => {
    app.start().openRun('r1', 'study.ipynb');
    await settle();
    app.tabs.add({
      id: 'drift',
      rank: 15,
      label: () => 'Drift',
      parts: model => [model.part('drift', async () => 'no drift')],
      render: ({ model }) => model.part('drift', async () => '').value as string
    });
    await settle();
    const [page] = app.opened;
    const tabs = [...page.node.querySelectorAll<HTMLElement>('[role="tab"]')];
    expect(tabs.slice(0, 3).map(tab => tab.textContent)).toEqual(['Overview', 'Drift', 'Curves1']);
    tabs[1].click();
    await settle();
    expect(page.node.querySelector('[role="tabpanel"]')?.textContent).toBe('no drift');
  });

  it('has an icon, and a name of its own beside another run of the same name', async () => {
    const pages = app.start();
    pages.openRun('r1', 'study.ipynb');
    pages.openRun('r1', 'other.ipynb');
    await settle();
    expect(app.opened.map(page => page.title.label)).toEqual(['gbm-depth3', 'gbm-depth3 (2)']);
    expect(app.opened.map(page => page.title.icon)).toEqual([experimentsIcon, experimentsIcon]);
  });

  it('commands do nothing without what they need', async () => {
    app.start();
    await app.commands.execute(OPEN_RUN, {});
    await app.commands.execute(COMPARE_RUNS, { ids: ['r1', 7] });
    expect(app.opened).toEqual([]);
    expect(told).toEqual(['A comparison needs at least two runs. Select another one.']);
  });

  it('opens a comparison once, and says when runs are left out', async () => {
    const pages = app.start();
    await app.commands.execute(COMPARE_RUNS, { ids: ['r1', 'r2'], path: 'study.ipynb' });
    pages.openComparison(['r1', 'r2', 'r1'], 'study.ipynb');
    expect(app.opened).toHaveLength(1);
    expect(app.opened[0].title.label).toBe('Compare 2 runs');
    pages.openComparison(
      Array.from({ length: 25 }, (_, index) => `r${index}`),
      'study.ipynb'
    );
    expect(told).toEqual(['Only the first 20 of 25 runs are compared.']);
    expect(app.opened[1].title.label).toBe('Compare 20 runs');
  });

  it('opens in JupyterLab where the application has no main area for it', () => {
    const addresses: string[] = [];
    window.open = url => {
      addresses.push(String(url));
      return null;
    };
    const pages = app.start({ labShell: false });
    pages.openRun('r1', 'study.ipynb');
    pages.openComparison(['r1', 'r2'], '');
    expect(app.opened).toEqual([]);
    expect(addresses.map(address => address.replace(/^.*\/lab/, '/lab'))).toEqual([
      '/lab?bioml-run=r1&bioml-path=study.ipynb',
      '/lab?bioml-compare=r1%2Cr2'
    ]);
  });

  it('opens the page that the address names, and takes it out of the address', async () => {
    window.history.replaceState(null, '', '/lab?bioml-run=r1&bioml-path=study.ipynb&factory=Editor');
    app.start();
    await settle();
    expect(app.opened).toHaveLength(1);
    expect(window.location.search).toBe('?factory=Editor');
  });

  it('stays in front of the document that the address names too', async () => {
    window.history.replaceState(null, '', '/lab/tree/study.ipynb?bioml-compare=r1,r2');
    PageConfig.setOption('treePath', 'study.ipynb');
    app.commands.addCommand('filebrowser:open-path', {
      execute: () => void app.activated.push('document')
    });
    app.start();
    await settle();
    await app.commands.execute('filebrowser:open-path', { path: 'study.ipynb' });
    await settle();
    const page = app.opened[0].id;
    expect(app.activated).toEqual([page, 'document', page]);
    await app.commands.execute('filebrowser:open-path', { path: 'study.ipynb' });
    await settle();
    expect(app.activated.slice(3)).toEqual(['document']);
  });

  it('opens nothing for an address that names no page', async () => {
    app.start();
    await settle();
    expect(app.opened).toEqual([]);
  });

  it('a click on the cell opens the notebook below the root of the server', async () => {
    const paths: unknown[] = [];
    app.commands.addCommand('docmanager:open', { execute: args => void paths.push(args.path) });
    await app.bioml.refresh();
    app.start().openRun('r1', 'study/study.ipynb');
    await settle();
    app.opened[0].node.querySelector<HTMLElement>('[title="Go to the cell"]')?.click();
    await settle();
    expect(paths).toEqual(['study/study.ipynb']);
    expect(told[0]).toContain('no longer in the notebook');
  });

  it('says when the notebook is outside of the root, or the server does not answer', async () => {
    await app.bioml.refresh();
    app.client.answers['GET status'] = () => aStatus({ project: '/elsewhere' });
    app.start().openRun('r1', 'study.ipynb');
    await settle();
    const link = app.opened[0].node.querySelector<HTMLElement>('[title="Go to the cell"]');
    link?.click();
    await settle();
    app.client.answers['GET status'] = () => new Error('The Jupyter server does not answer.');
    link?.click();
    await settle();
    expect(told[0]).toContain('outside the root folder');
    expect(told[1]).toContain('does not answer');
  });

  it('offers to register what can be registered, through the form', async () => {
    const asked: string[][] = [];
    const form: IRegisterForm = {
      open: async (id, path) => {
        asked.push([id, path]);
        return null;
      }
    };
    app.client.answers['GET runs/r1'] = () => aDetail({ row: { record_id: 'r1', has_model: true } });
    app.client.answers['GET runs/r1/register'] = () => ({ can: true });
    app.start({ form }).openRun('r1', 'study.ipynb');
    await settle();
    const button = app.opened[0].node.querySelector<HTMLElement>('.bioml-mod-first');
    expect(button?.textContent).toBe('Register…');
    button?.click();
    expect(asked).toEqual([['r1', 'study.ipynb']]);
  });

  it('looks again when something was changed elsewhere, and not after it was closed', async () => {
    app.start().openRun('r1', 'study.ipynb');
    await settle();
    const before = app.client.of('GET runs/r1').length;
    app.bioml.touch();
    await settle();
    const after = app.client.of('GET runs/r1').length;
    expect(after).toBeGreaterThan(before);
    app.opened[0].dispose();
    app.bioml.touch();
    await settle();
    expect(app.client.of('GET runs/r1')).toHaveLength(after);
  });
});
