import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { experimentsIcon } from '../icons';
import { ActiveNotebook } from '../model/active';
import { LiveModel } from '../model/livefeed';
import { ModelsModel } from '../model/registered';
import { RunListModel } from '../model/runlist';
import { fromRemembered, toRemember } from '../model/runview';
import { ExperimentsPanel, type ISections, SIDEBAR_ID } from '../panels/experiments';
import { LiveSection } from '../panels/live';
import { ModelsSection } from '../panels/models';
import { reproduceOf } from '../panels/reproduce';
import { RunsSection } from '../panels/runs';
import { IReproductions } from '../reproductions';
import { IBioml, IPromotionDialog, IRegisterForm, IRunPages } from '../tokens';
import { modelActions } from './modelactions';
import { addRunCommands, OF_SELECTION } from './runcommands';
import { showCell, showCellOfRun } from './showcell';

const ID = 'jupyter-bioml:plugin';
export const SHOW_SIDEBAR = 'bioml:show-sidebar';
export const REFRESH = 'bioml:refresh';
export const OPEN_MODEL = 'bioml:open-model';

/** The sidebar "Experiments", its commands and its settings. */
export const sidebarPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'The sidebar with the runs of the notebook, what its kernel uses, and the registered models.',
  autoStart: true,
  requires: [IBioml, INotebookTracker],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ISettingRegistry,
    ICommandPalette,
    IRunPages,
    IRegisterForm,
    IReproductions,
    IPromotionDialog
  ],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    notebooks: INotebookTracker,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    settings: ISettingRegistry | null,
    palette: ICommandPalette | null,
    pages: IRunPages | null,
    form: IRegisterForm | null,
    reproductions: IReproductions | null,
    promotion: IPromotionDialog | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const active = new ActiveNotebook(notebooks, path => app.serviceManager.contents.localPath(path));
    const goToCell = (notebook: string, cellId: string | null): void =>
      void showCellOfRun(app, bioml, active.path ?? '', notebook, cellId, trans);
    const showLive = (path: string, cellId: string | null): Promise<boolean> =>
      showCell(app.commands, path, cellId);
    const parts = { pages, form, reproductions, promotion, active, showLive };
    const sections = makeSections(bioml, notebooks, parts, trans);
    const models = [sections.live.model, sections.runs.model, sections.models.model];
    const look = (): void => models.forEach(model => model.watch.soon());
    const panel = new ExperimentsPanel(
      bioml,
      sections,
      {
        refresh: look,
        settings: () => void app.commands.execute('settingeditor:open', { query: trans.__('Experiments') })
      },
      translator ?? nullTranslator
    );
    follow(sections, active);
    followReproductions(sections.runs, reproductions);
    bioml.touched.connect(look);
    addRunCommands({
      app,
      client: bioml.client,
      model: sections.runs.model,
      pages,
      form,
      reproductions,
      goToCell,
      touch: () => bioml.touch(),
      trans
    });
    addCommands(app, panel, look, trans);
    [SHOW_SIDEBAR, REFRESH, ...Object.values(OF_SELECTION)].forEach(command =>
      palette?.addItem({ command, category: trans.__('Experiments') })
    );
    if (settings) {
      void remember(settings, sections.runs.model);
    }
    app.shell.add(panel, 'left', { rank: 150, type: 'Experiments' });
    restorer?.add(panel, SIDEBAR_ID);
  }
};

function makeSections(
  bioml: IBioml,
  notebooks: INotebookTracker,
  parts: {
    pages: IRunPages | null;
    form: IRegisterForm | null;
    reproductions: IReproductions | null;
    promotion: IPromotionDialog | null;
    active: ActiveNotebook;
    /** Go to a cell of a notebook by its contents path. */
    showLive: (path: string, cellId: string | null) => Promise<boolean>;
  },
  trans: TranslationBundle
): ISections {
  const { pages, form, reproductions, promotion, active } = parts;
  const runs = new RunListModel(bioml.client);
  const models = new ModelsModel(bioml.client);
  const path = (): string => runs.path ?? '';
  return {
    live: new LiveSection(
      new LiveModel(bioml.client),
      run => active.path !== null && void parts.showLive(active.path, run.cell_id),
      trans
    ),
    runs: new RunsSection(
      runs,
      {
        open: row => pages?.openRun(row.record_id, path()),
        compare: rows =>
          pages?.openComparison(
            rows.map(row => row.record_id),
            path()
          ),
        register: form && (row => void form.open(row.record_id, path())),
        reproduce: reproductions && (row => reproduceOf(row, path(), reproductions, pages))
      },
      trans
    ),
    models: new ModelsSection(
      models,
      () => modelActions(models, notebooks, { pages, promotion }, trans),
      trans
    )
  };
}

/** The sections are about the notebook that is in front, and look again when its kernel works. */
function follow({ live, runs, models }: ISections, active: ActiveNotebook): void {
  const turn = (): void => {
    live.model.path = active.path;
    runs.model.path = active.path;
    models.model.path = active.path ?? '';
    models.refresh();
  };
  active.changed.connect(turn);
  active.worked.connect(() => {
    live.model.watch.soon();
    runs.model.watch.soon();
  });
  turn();
}

/** The list shows which of its runs are being made again, also those that were begun before a reload. */
function followReproductions(runs: RunsSection, reproductions: IReproductions | null): void {
  if (reproductions === null) {
    return;
  }
  reproductions.changed.connect(() => runs.update());
  runs.model.changed.connect(({ page, path }) => {
    if (page !== null) {
      void reproductions.find(path ?? '');
    }
  });
}

function addCommands(
  app: JupyterFrontEnd,
  panel: ExperimentsPanel,
  look: () => void,
  trans: TranslationBundle
): void {
  const none = { args: { type: 'object', properties: {} } };
  const { commands, shell } = app;
  commands.addCommand(SHOW_SIDEBAR, {
    label: trans.__('Show Experiments'),
    caption: trans.__('The runs of the notebook in the sidebar'),
    icon: experimentsIcon,
    describedBy: none,
    execute: () => {
      shell.activateById(panel.id);
      panel.sections.runs.focusList();
    }
  });
  commands.addCommand(REFRESH, {
    label: trans.__('Look for Runs and Models Again'),
    describedBy: none,
    execute: look
  });
  const text = { type: 'string' };
  commands.addCommand(OPEN_MODEL, {
    label: trans.__('Show Model Version'),
    describedBy: {
      args: { type: 'object', properties: { name: text, version: text }, required: ['name', 'version'] }
    },
    isVisible: () => false,
    execute: args => {
      shell.activateById(panel.id);
      panel.sections.models.showVersion(String(args.name), String(args.version));
    }
  });
}

/** What is chosen in the list is kept in the settings. */
async function remember(registry: ISettingRegistry, model: RunListModel): Promise<void> {
  const settings = await registry.load(ID);
  const kept = fromRemembered(settings.composite);
  let last = JSON.stringify({ ...toRemember(model.view), ...kept });
  model.show({ ...kept, ...(settings.composite.scope === 'project' ? { scope: 'project' } : {}) });
  settings.changed.connect(() => model.show(fromRemembered(settings.composite)));
  model.changed.connect(() => {
    const now = toRemember(model.view);
    if (JSON.stringify(now) === last) {
      return;
    }
    last = JSON.stringify(now);
    for (const [key, value] of Object.entries(now)) {
      if (settings.composite[key] !== value) {
        void settings.set(key, value).catch(() => undefined);
      }
    }
  });
}
