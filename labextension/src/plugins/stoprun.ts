import type { JupyterFrontEnd } from '@jupyterlab/application';
import { KernelAPI } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { status } from '../api/status';
import type { RunRow } from '../api/wire';
import { contentsPath } from '../model/record';
import type { IBioml } from '../tokens';
import { sayError, sayWhy } from './notify';

/**
 * Interrupt what runs in the kernel of a notebook, as the button in its toolbar does.
 *
 * A kernel that is idle is left alone: then what runs is in another one, which this server does not have.
 *
 * @param path - contents path of the notebook.
 */
export async function interrupt(app: JupyterFrontEnd, path: string, trans: TranslationBundle): Promise<void> {
  const { sessions, serverSettings } = app.serviceManager;
  try {
    await sessions.refreshRunning();
    const { contents } = app.serviceManager;
    const session = [...sessions.running()].find(
      one => contents.localPath(one.path) === path && one.kernel?.execution_state !== 'idle'
    );
    if (!session?.kernel) {
      sayWhy(trans.__('It does not run in a kernel of this server, so it cannot be stopped here.'));
      return;
    }
    await KernelAPI.interruptKernel(session.kernel.id, serverSettings);
  } catch (error) {
    sayError(error, trans);
  }
}

/**
 * Stop a run that runs.
 *
 * @param path - contents path that says which project is meant.
 */
export async function stopRun(
  app: JupyterFrontEnd,
  bioml: IBioml,
  row: RunRow,
  path: string,
  trans: TranslationBundle
): Promise<void> {
  try {
    const { project } = await status(bioml.client, path);
    const place = contentsPath(bioml.hello?.root ?? '', project, row.notebook ?? '');
    if (place === null) {
      sayWhy(trans.__('The notebook is outside the root folder of this server.'), 'warning');
    } else {
      await interrupt(app, place, trans);
    }
  } catch (error) {
    sayError(error, trans);
  }
}
