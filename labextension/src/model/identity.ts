import type { Kernel } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';

/** The key under which an execute request says which notebook it comes from. */
export const NOTEBOOK_KEY = 'bioml.notebook';
/** The key of the ids of the notebook's code cells, from top to bottom. */
export const CELLS_KEY = 'bioml.cells';

const told = new WeakSet<Kernel.IKernelConnection>();
/** Of a kernel connection: the cells that were scheduled and not sent through it yet. */
const scheduled = new WeakMap<Kernel.IKernelConnection, Set<string>>();

/** What a request of a cell says of it, where the request itself does not pass through here. */
export interface IAnnounced {
  cellId: string;
  source: string;
  tags: string[];
  notebook: string;
  cells: string[];
}

const ANNOUNCE =
  "(lambda m, d: m and m.announce(d))(__import__('sys').modules.get('jupyter_bioml.capture.front_ends'), bytes.fromhex('%1'))";

/**
 * A cell is about to run: where its request does not go through this connection, because the server itself runs the cell,
 * tell the kernel beforehand what the request will not say.
 *
 * The message is silent, goes ahead of the request for the server, and does nothing in a kernel that is not tracked.
 */
export async function announce(kernel: Kernel.IKernelConnection, said: IAnnounced): Promise<void> {
  const waiting = scheduled.get(kernel) ?? new Set();
  scheduled.set(kernel, waiting.add(said.cellId));
  await Promise.resolve(); // JupyterLab's own executor sends the cell now
  if (!waiting.delete(said.cellId)) {
    return;
  }
  const bytes = new TextEncoder().encode(JSON.stringify(said));
  const digits = Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
  kernel.requestExecute({
    code: ANNOUNCE.replace('%1', digits),
    silent: true,
    store_history: false,
    allow_stdin: false,
    stop_on_error: false
  });
}

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
    if (typeof metadata?.cellId === 'string') {
      scheduled.get(kernel)?.delete(metadata.cellId);
    }
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
