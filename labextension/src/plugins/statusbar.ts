import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IStatusBar, type Popup, showPopup } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ActiveNotebook } from '../model/active';
import { ProjectModel } from '../model/project';
import { StatusPanel } from '../panels/status';
import { IBioml, ITracking } from '../tokens';

/** Says in the status bar whether the notebook is tracked, and what waits to be published. */
export const statusBarPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:statusbar',
  description: 'Whether the notebook is tracked, and how many of its runs wait to be published.',
  autoStart: true,
  requires: [IBioml, INotebookTracker],
  optional: [IStatusBar, ITracking, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    notebooks: INotebookTracker,
    statusBar: IStatusBar | null,
    tracking: ITracking | null,
    translator: ITranslator | null
  ): void => {
    if (statusBar === null) {
      return; // Notebook 7 has none: its toolbar's toggle says whether the notebook is tracked
    }
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const active = new ActiveNotebook(notebooks, path => app.serviceManager.contents.localPath(path));
    const model = new ProjectModel(bioml.client);
    let popup: Popup | null = null;
    const open = (anchor: StatusPanel): void => {
      popup?.dispose();
      const shown = showPopup({ body: anchor.detail(), anchor, align: 'left', hasDynamicSize: true });
      popup = shown;
      shown?.disposed.connect(() => {
        if (shown.node.contains(document.activeElement)) {
          anchor.node.querySelector('button')?.focus();
        }
      });
    };
    const item = new StatusPanel(model, active, tracking, open, trans);
    active.changed.connect(() => {
      model.path = active.path;
    });
    model.path = active.path;
    bioml.touched.connect(() => model.watch.soon());
    active.worked.connect(() => model.watch.soon());
    statusBar.registerStatusItem('jupyter-bioml:statusbar', { item, align: 'left', rank: 20 });
  }
};
