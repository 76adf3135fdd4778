import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

/** The key under which an execute request says which notebook it comes from. */
export const NOTEBOOK_KEY = 'bioml.notebook';
/** The key of the ids of the notebook's code cells, from top to bottom. */
export const CELLS_KEY = 'bioml.cells';

const told = new WeakSet<Kernel.IKernelConnection>();

/**
 * Let every execute request of a notebook's kernel connection say the notebook's path and its cells of that moment.
 *
 * JupyterLab sends the cell's own metadata and its id, but not the notebook nor the order of
 * its cells. The connection belongs to this
 * notebook alone (two notebooks on one kernel have two), so a rename or a second view stays right.
 *
 * @param path - gives the absolute path on the server's disk, or null while it is not known.
 * @param cells - gives the ids of its code cells, from top to bottom.
 */
export function tellNotebook(
  kernel: Kernel.IKernelConnection,
  path: () => string | null,
  cells: () => string[]
): void {
  if (told.has(kernel)) {
    return;
  }
  told.add(kernel);
  const request = kernel.requestExecute;
  kernel.requestExecute = (content, disposeOnDone, metadata?: JSONObject) => {
    const notebook = metadata?.cellId === undefined ? null : path();
    const more =
      notebook === null ? metadata : { ...metadata, [NOTEBOOK_KEY]: notebook, [CELLS_KEY]: cells() };
    return request.call(kernel, content, disposeOnDone, more);
  };
}

/** The absolute path of a notebook on the server's disk (`PathExt.join` would take the leading slash away). */
export function pathOnDisk(root: string, localPath: string): string {
  return `${root.replace(/[\\/]+$/, '')}/${localPath.replace(/^\/+/, '')}`;
}
