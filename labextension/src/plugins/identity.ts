import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { pathOnDisk, tellNotebook } from '../model/identity';
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
    notebooks.forEach(follow);
    notebooks.widgetAdded.connect((_, panel) => follow(panel));
  }
};

/** The ids of the code cells, from top to bottom. */
function codeCells(panel: NotebookPanel): string[] {
  const cells = panel.content.model?.sharedModel.cells ?? [];
  return cells.filter(cell => cell.cell_type === 'code').map(cell => cell.getId());
}
