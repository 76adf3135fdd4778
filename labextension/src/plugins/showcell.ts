import { NotebookPanel } from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';

/**
 * Open a notebook and go to one of its cells.
 *
 * @returns false where the notebook has no such cell (any more); it is open then all the same.
 */
export async function showCell(
  commands: CommandRegistry,
  path: string,
  cellId: string | null
): Promise<boolean> {
  const panel: unknown = await commands.execute('docmanager:open', { path });
  if (!(panel instanceof NotebookPanel)) {
    return false;
  }
  await panel.revealed;
  const index = panel.content.widgets.findIndex(cell => cell.model.id === cellId);
  if (index < 0) {
    return cellId === null;
  }
  panel.content.activeCellIndex = index;
  await panel.content.scrollToItem(index, 'center');
  return true;
}
