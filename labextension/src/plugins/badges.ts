import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator } from '@jupyterlab/translation';
import { RunsOfNotebooks } from '../model/notebookruns';
import { NotebookBadges } from '../panels/badges';
import { IBioml, IRunPages, IRunsOfNotebooks } from '../tokens';

/** The plugin whose schema holds the setting. */
const SETTINGS = 'jupyter-bioml:notebook';

/** Milliseconds after a cell was sent at which its run is in the journal. */
const STARTED = 200;

/** The runs of notebooks, looked at when one of their cells starts or ends. */
export const notebookRunsPlugin: JupyterFrontEndPlugin<IRunsOfNotebooks> = {
  id: 'jupyter-bioml:notebook-runs',
  description: 'Reads the runs of each notebook, for its badges and cards.',
  autoStart: true,
  provides: IRunsOfNotebooks,
  requires: [IBioml, INotebookTracker],
  activate: (app: JupyterFrontEnd, bioml: IBioml, notebooks: INotebookTracker): IRunsOfNotebooks => {
    const runs = new RunsOfNotebooks(bioml);
    const look = (content: NotebookPanel['content']): void => {
      const panel = notebooks.find(candidate => candidate.content === content);
      if (panel) {
        runs.of(app.serviceManager.contents.localPath(panel.context.path)).refresh();
      }
    };
    NotebookActions.executionScheduled.connect((_, { notebook }) => {
      setTimeout(() => look(notebook), STARTED);
    });
    NotebookActions.executed.connect((_, { notebook }) => look(notebook));
    return runs;
  }
};

/** The badges beside experiment cells. */
export const badgesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:badges',
  description: 'Shows beside each experiment cell the state of its last run.',
  autoStart: true,
  requires: [IRunsOfNotebooks, INotebookTracker, ITranslator],
  optional: [IRunPages, ISettingRegistry],
  activate: async (
    app: JupyterFrontEnd,
    runs: IRunsOfNotebooks,
    notebooks: INotebookTracker,
    translator: ITranslator,
    pages: IRunPages | null,
    settings: ISettingRegistry | null
  ): Promise<void> => {
    const trans = translator.load('jupyter_bioml');
    const shown = new Map<NotebookPanel, NotebookBadges>();
    let on = true;
    const sync = (panel: NotebookPanel): void => {
      shown.get(panel)?.dispose();
      shown.delete(panel);
      if (on && !panel.isDisposed) {
        const path = app.serviceManager.contents.localPath(panel.context.path);
        const open = pages && ((row: { record_id: string }) => pages.openRun(row.record_id, path));
        shown.set(panel, new NotebookBadges(panel, runs.of(path), open, trans));
      }
    };
    const follow = (panel: NotebookPanel): void => {
      sync(panel);
      panel.context.pathChanged.connect(() => sync(panel));
      panel.disposed.connect(() => sync(panel));
    };
    const loaded = await settings?.load(SETTINGS).catch(() => null);
    const read = (): void => {
      const wanted = loaded?.composite.badges !== false;
      if (wanted !== on) {
        on = wanted;
        notebooks.forEach(sync);
      }
    };
    read();
    loaded?.changed.connect(read);
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};
