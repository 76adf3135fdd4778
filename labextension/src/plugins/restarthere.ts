import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { untrackedText } from '../components/TrackToggle';
import type { ITracking } from '../tokens';
import { LASTING } from './notify';

export const RESTART_HERE = 'bioml:restart-and-run-here';
/** JupyterLab's own: it asks before it restarts the kernel. */
const RESTART = 'notebook:restart-and-run-to-selected';

/** The command that runs a notebook again from its first cell on, tracked, down to a cell. */
export function addRestart(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  tracking: ITracking,
  localPath: (path: string) => string,
  trans: TranslationBundle
): void {
  app.commands.addCommand(RESTART_HERE, {
    label: trans.__('Restart Kernel, Track, and Run to This Cell…'),
    caption: trans.__('Runs the cells above again while they are tracked, so that what they read is known.'),
    describedBy: {
      args: { type: 'object', properties: { path: { type: 'string' }, cell: { type: 'string' } } }
    },
    isEnabled: () => notebooks.currentWidget !== null,
    execute: async ({ path, cell }) => {
      const panel = panelOf(notebooks, path, localPath);
      if (!panel) {
        return;
      }
      const index = panel.content.widgets.findIndex(one => one.model.id === cell);
      if (index >= 0) {
        panel.content.activeCellIndex = index;
      }
      app.shell.activateById(panel.id);
      // the cells above the one that loads the extension are to be tracked as well
      await tracking.set(panel, tracking.state(panel) === 'auto' ? 'auto' : 'on');
      await app.commands.execute(RESTART);
    }
  });
}

/** Cells ran before tracking was switched on: say so, and offer to run them again. */
export function sayUntracked(count: number, trans: TranslationBundle, onRestart: () => void): string {
  return Notification.warning(untrackedText(count, trans), {
    autoClose: LASTING,
    actions: [{ label: trans.__('Restart and run to here'), callback: onRestart }]
  });
}

function panelOf(
  notebooks: INotebookTracker,
  path: unknown,
  localPath: (path: string) => string
): NotebookPanel | null {
  if (typeof path !== 'string') {
    return notebooks.currentWidget;
  }
  return notebooks.find(panel => localPath(panel.context.path) === path) ?? null;
}
