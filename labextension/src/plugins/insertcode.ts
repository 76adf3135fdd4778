import { type INotebookTracker, NotebookActions, type NotebookPanel } from '@jupyterlab/notebook';
import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';
import type { ICodeActions } from '../components/run/LoadCode';

/** What notebooks take for cells that are dragged. */
const CELLS = 'application/vnd.jupyter.cells';

/** Put code into a cell below the active one, without running it. */
export function insertCode(panel: NotebookPanel, code: string): void {
  const { content } = panel;
  NotebookActions.insertBelow(content);
  content.activeCell?.model.sharedModel.setSource(code);
  content.mode = 'edit';
  content.activate();
}

/** Code goes into the notebook that was last in front, or into the one that it is dragged to. */
export function codeActions(notebooks: INotebookTracker, show: (panel: NotebookPanel) => void): ICodeActions {
  const panel = notebooks.currentWidget;
  return {
    insert:
      panel &&
      (code => {
        show(panel);
        insertCode(panel, code);
      }),
    drag: (code, name, x, y) => void dragCell(code, name, x, y)
  };
}

function dragCell(code: string, name: string, x: number, y: number): Promise<unknown> {
  const mimeData = new MimeData();
  mimeData.setData(CELLS, [
    { cell_type: 'code', source: code, metadata: {}, outputs: [], execution_count: null }
  ]);
  mimeData.setData('text/plain', code);
  const dragImage = document.createElement('div');
  dragImage.className = 'bioml-DragImage';
  dragImage.textContent = name;
  const drag = new Drag({ mimeData, dragImage, supportedActions: 'copy-move', proposedAction: 'copy' });
  return drag.start(x, y);
}
