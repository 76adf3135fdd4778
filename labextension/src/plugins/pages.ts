import {
  ILabShell,
  ILayoutRestorer,
  IRouter,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { DOMUtils, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Widget } from '@lumino/widgets';
import * as runs from '../api/runs';
import type { RunRow } from '../api/wire';
import type { Address } from '../model/address';
import {
  distinct,
  formatAddress,
  MOST_COMPARED,
  pageName,
  parseAddress,
  withoutAddress
} from '../model/address';
import { ComparisonModel } from '../model/comparison';
import { RunModel } from '../model/run';
import type { Watch } from '../model/watch';
import { ComparePanel, type IPageActions, RunPanel } from '../panels/pages';
import { askWritten, type Written } from '../panels/annotations';
import { markdownDrawer } from '../panels/markdown';
import { RunFilePanel } from '../panels/runfile';
import { IBioml, IRegisterForm, IReproductions, IRunPages, IRunTabs } from '../tokens';
import { codeActions } from './insertcode';
import { sayError, sayWhy } from './notify';
import { showCellOfRun } from './showcell';
import { stopRun } from './stoprun';

export const OPEN_RUN = 'bioml:open-run';
export const COMPARE_RUNS = 'bioml:compare-runs';

/** Opens the pages of runs and comparisons, each once, and brings them back with the layout. */
export const pagesPlugin: JupyterFrontEndPlugin<IRunPages> = {
  id: 'jupyter-bioml:pages',
  description: 'The pages for a run and for a comparison in the main area.',
  autoStart: true,
  provides: IRunPages,
  requires: [IBioml, IRunTabs],
  optional: [
    ITranslator,
    ILabShell,
    ILayoutRestorer,
    IRouter,
    IRegisterForm,
    IReproductions,
    IRenderMimeRegistry,
    INotebookTracker
  ],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    tabs: IRunTabs,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    router: IRouter | null,
    form: IRegisterForm | null,
    reproductions: IReproductions | null,
    rendermime: IRenderMimeRegistry | null = null,
    notebooks: INotebookTracker | null = null
  ): IRunPages => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const pages = new Pages(
      app,
      bioml,
      labShell,
      { tabs, form, reproductions, rendermime, notebooks },
      trans
    );
    addCommands(app, pages, trans);
    if (restorer !== null) {
      void restorer.restore(pages.runs, {
        command: OPEN_RUN,
        args: ({ content: { model }, title }) => ({ id: model.id, path: model.path, name: title.label }),
        name: ({ content: { model } }) => pageName({ kind: 'run', id: model.id, path: model.path })
      });
      void restorer.restore(pages.comparisons, {
        command: COMPARE_RUNS,
        args: ({ content: { model } }) => ({ ids: [...model.ids], path: model.path }),
        name: ({ content: { model } }) => pageName({ kind: 'compare', ids: [...model.ids], path: model.path })
      });
    }
    openFromAddress(app, router, labShell, pages);
    return pages;
  }
};

/** The open pages. */
class Pages implements IRunPages {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly bioml: IBioml,
    private readonly labShell: ILabShell | null,
    parts: {
      tabs: IRunTabs;
      form: IRegisterForm | null;
      reproductions: IReproductions | null;
      rendermime: IRenderMimeRegistry | null;
      notebooks: INotebookTracker | null;
    },
    private readonly trans: TranslationBundle
  ) {
    const { tabs, form, reproductions } = parts;
    this._actions = {
      openRun: (id, path) => this.openRun(id, path),
      openComparison: (ids, path) => this.openComparison(ids, path),
      openCell: (notebook, cellId, path) => void showCellOfRun(app, bioml, path, notebook, cellId, trans),
      stopRun: (row, path) => void stopRun(app, bioml, row, path, trans),
      edit: (row, what, path) => void this.edit(row, what, path),
      code: () =>
        parts.notebooks ? codeActions(parts.notebooks, panel => app.shell.activateById(panel.id)) : undefined,
      markdown: parts.rendermime && markdownDrawer(parts.rendermime),
      openFile: (id, file, path) => this.openFile(id, file, path),
      tabs,
      register: form && ((id, path) => void form.open(id, path)),
      reproductions,
      baseUrl: PageConfig.getBaseUrl(),
      titlesBeside: page => this._titlesBeside(page)
    };
  }

  readonly runs = new WidgetTracker<MainAreaWidget<RunPanel>>({ namespace: 'jupyter-bioml-run' });
  readonly comparisons = new WidgetTracker<MainAreaWidget<ComparePanel>>({
    namespace: 'jupyter-bioml-compare'
  });

  readonly files = new WidgetTracker<MainAreaWidget<RunFilePanel>>({ namespace: 'jupyter-bioml-file' });

  /** @param name - of the run, shown until it was read. */
  openRun(id: string, path: string, name = ''): void {
    if (this._isElsewhere({ kind: 'run', id, path })) {
      return;
    }
    const open = this.runs.find(({ content: { model } }) => model.id === id && model.path === path);
    this._show(open ?? this._makeRun(id, path, name));
  }

  openComparison(ids: readonly string[], path: string): void {
    const { trans } = this;
    const all = distinct(ids);
    if (all.length < 2) {
      sayWhy(trans.__('A comparison needs at least two runs. Select another one.'));
      return;
    }
    if (all.length > MOST_COMPARED) {
      sayWhy(trans.__('Only the first %1 of %2 runs are compared.', MOST_COMPARED, all.length));
    }
    const some = all.slice(0, MOST_COMPARED);
    const address: Address = { kind: 'compare', ids: some, path };
    if (this._isElsewhere(address)) {
      return;
    }
    const open = this.comparisons.find(
      ({ content: { model } }) =>
        pageName({ kind: 'compare', ids: [...model.ids], path: model.path }) === pageName(address)
    );
    this._show(open ?? this._makeComparison(some, path));
  }

  /** Let the user edit a run's note or tags. */
  async edit(row: RunRow, what: Written, path: string): Promise<void> {
    try {
      const patch = await askWritten(row, what, this.trans);
      if (patch !== null) {
        await runs.annotate(this.bioml.client, path, row.record_id, patch);
        this.bioml.touch();
      }
    } catch (error) {
      sayError(error, this.trans);
    }
  }

  /** Show a file of a run, once. */
  openFile(id: string, file: string, path: string): void {
    const open = this.files.find(
      ({ content }) => content.run === id && content.file === file && content.path === path
    );
    if (open !== undefined) {
      this._show(open);
      return;
    }
    const widget = new MainAreaWidget({
      content: new RunFilePanel(this.bioml.client, id, file, path, this.trans)
    });
    widget.id = DOMUtils.createDomID();
    widget.title.closable = true;
    widget.toolbar.hide();
    void this.files.add(widget);
    this._show(widget);
  }

  /** Without JupyterLab's main area (Notebook 7) a page opens in JupyterLab, in a browser tab of its own. */
  private _isElsewhere(address: Address): boolean {
    if (this.labShell === null) {
      window.open(formatAddress(this._actions.baseUrl, address), '_blank', 'noopener');
    }
    return this.labShell === null;
  }

  private _makeRun(id: string, path: string, name: string): MainAreaWidget<RunPanel> {
    const model = new RunModel(
      this.bioml.client,
      id,
      path,
      (tab, run) => this._actions.tabs.get(tab)?.parts?.(run) ?? []
    );
    const widget = this._framed(new RunPanel(model, this._actions, this.trans, name));
    widget.title.changed.connect(() => void this.runs.save(widget));
    void this.runs.add(widget);
    return widget;
  }

  private _makeComparison(ids: readonly string[], path: string): MainAreaWidget<ComparePanel> {
    const model = new ComparisonModel(this.bioml.client, ids, path);
    const widget = this._framed(new ComparePanel(model, this._actions, this.trans));
    model.idsChanged.connect(() => void this.comparisons.save(widget));
    void this.comparisons.add(widget);
    return widget;
  }

  private _framed<T extends Widget & { model: { watch: Watch } }>(content: T): MainAreaWidget<T> {
    const widget = new MainAreaWidget({ content });
    widget.id = DOMUtils.createDomID();
    widget.title.closable = true;
    widget.toolbar.hide();
    const look = (): void => content.model.watch.soon();
    this.bioml.touched.connect(look);
    widget.disposed.connect(() => this.bioml.touched.disconnect(look));
    return widget;
  }

  private _titlesBeside(page: Widget): string[] {
    const titles: string[] = [];
    const note = (widget: MainAreaWidget): void => {
      if (widget.content !== page) {
        titles.push(widget.content.title.label);
      }
    };
    this.runs.forEach(note);
    this.comparisons.forEach(note);
    return titles;
  }

  private _show(widget: MainAreaWidget): void {
    if (!widget.isAttached) {
      this.app.shell.add(widget, 'main');
    }
    this.app.shell.activateById(widget.id);
  }

  private readonly _actions: IPageActions;
}

function addCommands(app: JupyterFrontEnd, pages: Pages, trans: TranslationBundle): void {
  const path = { type: 'string', description: trans.__('Contents path of the notebook of the runs') };
  app.commands.addCommand(OPEN_RUN, {
    label: trans.__('Open Run'),
    describedBy: {
      args: {
        type: 'object',
        properties: { id: { type: 'string' }, path, name: { type: 'string' } },
        required: ['id']
      }
    },
    execute: args => {
      if (typeof args.id === 'string' && args.id !== '') {
        pages.openRun(args.id, textOf(args.path), textOf(args.name));
      }
    }
  });
  app.commands.addCommand(COMPARE_RUNS, {
    label: trans.__('Compare Runs'),
    describedBy: {
      args: {
        type: 'object',
        properties: { ids: { type: 'array', items: { type: 'string' } }, path },
        required: ['ids']
      }
    },
    execute: args => {
      const ids = Array.isArray(args.ids) ? args.ids : [];
      pages.openComparison(
        ids.filter(id => typeof id === 'string'),
        textOf(args.path)
      );
    }
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Open the page that the address of this browser tab names, once the layout is back. */
function openFromAddress(
  app: JupyterFrontEnd,
  router: IRouter | null,
  labShell: ILabShell | null,
  pages: Pages
): void {
  const address = parseAddress(window.location.search);
  if (address === null || labShell === null) {
    return;
  }
  const open = (): void => {
    if (address.kind === 'run') {
      pages.openRun(address.id, address.path);
    } else {
      pages.openComparison(address.ids, address.path);
    }
  };
  keepInFront(app.commands, PageConfig.getOption('treePath'), open);
  void app.restored.then(() => {
    open();
    if (router !== null) {
      const { path, search, hash } = router.current;
      router.navigate(path + withoutAddress(search ?? '') + (hash ?? ''), { skipRouting: true });
    }
  });
}

/** The command by which JupyterLab opens the document that an address names. */
const OPEN_DOCUMENT = 'filebrowser:open-path';

/** An address may name a document too, which JupyterLab opens a moment later: then the page comes to the front again. */
function keepInFront(commands: CommandRegistry, document: string, open: () => void): void {
  const follow = (_: CommandRegistry, executed: CommandRegistry.ICommandExecutedArgs): void => {
    if (executed.id === OPEN_DOCUMENT && executed.args.path === document) {
      commands.commandExecuted.disconnect(follow);
      void executed.result.then(open, open);
    }
  };
  if (document !== '') {
    commands.commandExecuted.connect(follow);
  }
}
