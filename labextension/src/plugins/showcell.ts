import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { status } from '../api/status';
import { contentsPath } from '../model/record';
import type { IBioml } from '../tokens';
import { sayError, sayWhy } from './notify';

/**
 * Open a notebook and go to one of its cells.
 *
 * @returns false where the notebook has no such cell now; it is opened all the same.
 */
export async function showCell(
  commands: CommandRegistry,
  path: string,
  cellId: string | null
): Promise<boolean> {
  const opened: unknown = await commands.execute('docmanager:open', { path });
  if (!isNotebook(opened)) {
    return false;
  }
  await opened.revealed;
  const { content } = opened;
  const index = content.widgets.findIndex(cell => cell.model.id === cellId);
  if (index < 0) {
    return cellId === null;
  }
  content.activeCellIndex = index;
  await content.scrollToItem(index, 'center');
  return true;
}

/**
 * Go to the cell of a run, and say so where that cannot be.
 *
 * @param path - contents path that says which project is meant.
 * @param notebook - as the run's record has it: relative to the project.
 */
export async function showCellOfRun(
  app: JupyterFrontEnd,
  bioml: IBioml,
  path: string,
  notebook: string,
  cellId: string | null,
  trans: TranslationBundle
): Promise<void> {
  try {
    const { project } = await status(bioml.client, path);
    const place = contentsPath(bioml.hello?.root ?? '', project, notebook);
    if (place === null) {
      sayWhy(trans.__('The notebook is outside the root folder of this server.'), 'warning');
    } else if (!(await showCell(app.commands, place, cellId))) {
      sayWhy(trans.__('The cell is no longer in the notebook. The run’s page shows its code.'));
    }
  } catch (error) {
    sayError(error, trans);
  }
}

/** By what it can do: another kind of document may have been opened at this path. */
function isNotebook(opened: unknown): opened is NotebookPanel {
  const panel = opened as Partial<NotebookPanel> | null | undefined;
  return Array.isArray(panel?.content?.widgets) && panel.revealed !== undefined;
}
