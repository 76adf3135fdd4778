import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

/** The key under which an execute request says which notebook it comes from. */
export const NOTEBOOK_KEY = 'bioml.notebook';

const told = new WeakSet<Kernel.IKernelConnection>();

/**
 * Let every execute request of a notebook's kernel connection say the notebook's path of that moment.
 *
 * JupyterLab sends the cell's own metadata and its id, but not the notebook. The connection belongs to this
 * notebook alone (two notebooks on one kernel have two), so a rename or a second view stays right.
 *
 * @param path - gives the absolute path on the server's disk, or null while it is not known.
 */
export function tellNotebook(kernel: Kernel.IKernelConnection, path: () => string | null): void {
  if (told.has(kernel)) {
    return;
  }
  told.add(kernel);
  const request = kernel.requestExecute;
  kernel.requestExecute = (content, disposeOnDone, metadata?: JSONObject) => {
    const notebook = metadata?.cellId === undefined ? null : path();
    const more = notebook === null ? metadata : { ...metadata, [NOTEBOOK_KEY]: notebook };
    return request.call(kernel, content, disposeOnDone, more);
  };
}

/** The absolute path of a notebook on the server's disk (`PathExt.join` would take the leading slash away). */
export function pathOnDisk(root: string, localPath: string): string {
  return `${root.replace(/[\\/]+$/, '')}/${localPath.replace(/^\/+/, '')}`;
}
