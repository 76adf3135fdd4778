import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { tagsOf } from '../model/experimentcell';
import { announce, pathOnDisk, tellNotebook } from '../model/identity';
import { IBioml } from '../tokens';

/** Tells the kernel which notebook asks it to run a cell. */
export const identityPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:identity',
  description: 'Sends the path and the order of the cells of the notebook with each execute request.',
  autoStart: true,
  requires: [IBioml, INotebookTracker],
  activate: (app: JupyterFrontEnd, bioml: IBioml, notebooks: INotebookTracker): void => {
    const contents = app.serviceManager.contents;
    const follow = (panel: NotebookPanel): void => {
      const path = (): string | null =>
        bioml.hello === null ? null : pathOnDisk(bioml.hello.root, contents.localPath(panel.context.path));
      const attach = (): void => {
        const kernel = panel.sessionContext.session?.kernel;
        if (kernel) {
          tellNotebook(kernel, path, () => codeCells(panel));
        }
      };
      panel.sessionContext.kernelChanged.connect(attach);
      attach();
    };
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) => {
      const panel = notebooks.find(one => one.content === notebook);
      const kernel = panel?.sessionContext.session?.kernel;
      if (!panel || !kernel || bioml.hello === null || cell.model.type !== 'code') {
        return;
      }
      const shared = cell.model.sharedModel;
      void announce(kernel, {
        cellId: shared.getId(),
        source: shared.getSource(),
        tags: tagsOf(cell.model),
        notebook: pathOnDisk(bioml.hello.root, contents.localPath(panel.context.path)),
        cells: codeCells(panel)
      });
    });
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};

/** The ids of the code cells, from top to bottom. */
function codeCells(panel: NotebookPanel): string[] {
  const cells = panel.content.model?.sharedModel.cells ?? [];
  return cells.filter(cell => cell.cell_type === 'code').map(cell => cell.getId());
}
