import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { ILauncher } from '@jupyterlab/launcher';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { experimentsIcon } from '../icons';
import type { ITracking } from '../tokens';
import { sayError } from './notify';

export const NEW_TRACKED = 'bioml:new-tracked-notebook';

/** JupyterLab's own command that makes a notebook. */
const CREATE = 'notebook:create-new';

/** A notebook that is tracked from its first cell on: a card of the launcher, and its command. */
export function offerNewNotebook(
  app: JupyterFrontEnd,
  tracking: ITracking,
  launcher: ILauncher | null,
  palette: ICommandPalette | null,
  trans: TranslationBundle
): void {
  app.commands.addCommand(NEW_TRACKED, {
    label: trans.__('New Tracked Notebook'),
    caption: trans.__('A Python notebook whose marked cells become runs, from its first cell on'),
    icon: experimentsIcon,
    describedBy: { args: { type: 'object', properties: { cwd: { type: 'string' } } } },
    execute: async args => {
      const cwd = typeof args.cwd === 'string' ? args.cwd : '';
      const kernelName = await pythonKernel(app);
      if (kernelName === null) {
        sayError(
          trans.__('This server has no Python kernel, and only Python notebooks can be tracked.'),
          trans
        );
        return;
      }
      const panel = (await app.commands.execute(CREATE, { cwd, kernelName })) as NotebookPanel | undefined;
      if (panel?.sessionContext === undefined) {
        return;
      }
      await panel.sessionContext.ready;
      await tracking.set(panel, 'on');
      return panel;
    }
  });
  // beside the kernels the launcher draws pictures by their address, and letters where there is none
  const kernelIconUrl = `data:image/svg+xml,${encodeURIComponent(iconText())}`;
  launcher?.add({ command: NEW_TRACKED, category: trans.__('Notebook'), rank: 100, kernelIconUrl });
  palette?.addItem({ command: NEW_TRACKED, category: trans.__('Experiments') });
}

/** Our icon by itself: a picture is not reached by the theme's colours, and this grey is seen on light and on dark. */
function iconText(): string {
  return experimentsIcon.svgstr.replace(/fill="#[0-9a-f]+"/gi, 'fill="#8a8a8a"');
}

/** The kernel that the server starts by itself where it is a Python one, else the first Python kernel; null: none. */
async function pythonKernel(app: JupyterFrontEnd): Promise<string | null> {
  const { kernelspecs } = app.serviceManager;
  await kernelspecs.ready;
  const usual = kernelspecs.specs?.default ?? '';
  const known = kernelspecs.specs?.kernelspecs ?? {};
  const isPython = (name: string): boolean => known[name]?.language.toLowerCase() === 'python';
  return isPython(usual) ? usual : (Object.keys(known).find(isPython) ?? null);
}
