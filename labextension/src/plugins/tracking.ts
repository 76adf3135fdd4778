import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry, Notification } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator } from '@jupyterlab/translation';
import type { TranslationBundle } from '@jupyterlab/translation';
import { MenuSvg } from '@jupyterlab/ui-components';
import { NotebookFacts } from '../model/notebookfacts';
import { Tracking } from '../model/tracking';
import { TrackToggleItem } from '../panels/tracktoggle';
import { IBioml, ITracking, type TrackingMode, type TrackingState } from '../tokens';
import { sayError } from './notify';
import { TRACK_PROJECT } from './projecttracking';
import { offerNewNotebook } from './newnotebook';
import { addRestart, RESTART_HERE, sayUntracked } from './restarthere';

export const TRACK = 'bioml:track';
const MODES: readonly TrackingMode[] = ['off', 'on', 'auto'];

/** The toggle "Track this notebook" and its command. */
export const trackingPlugin: JupyterFrontEndPlugin<ITracking> = {
  id: 'jupyter-bioml:notebook',
  description: 'Tracks notebooks: a toggle in their toolbar, remembered each time their kernels start.',
  autoStart: true,
  provides: ITracking,
  requires: [INotebookTracker, ITranslator, IBioml],
  optional: [IStateDB, IToolbarWidgetRegistry, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    translator: ITranslator,
    bioml: IBioml,
    memory: IStateDB | null,
    toolbars: IToolbarWidgetRegistry | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ): ITracking => {
    const trans = translator.load('jupyter_bioml');
    const localPath = (path: string): string => app.serviceManager.contents.localPath(path);
    const tracking = new Tracking(memory, trans, new NotebookFacts(bioml, localPath));
    /** The warnings that cells ran before tracking started, while they hold. */
    const said = new WeakMap<NotebookPanel, string>();
    const switchTo = async (panel: NotebookPanel, mode: TrackingMode | null): Promise<void> => {
      await tracking.set(panel, mode ?? (isTracked(tracking.state(panel)) ? 'off' : 'on'));
      bioml.touch();
      const detail = tracking.detail(panel);
      if (detail !== null) {
        sayError(detail, trans);
      }
      if (tracking.untracked(panel) > 0) {
        const restart = (): void => void app.commands.execute(RESTART_HERE);
        said.set(panel, sayUntracked(tracking.untracked(panel), trans, restart));
      }
    };
    tracking.changed.connect((_, panel) => {
      const warning = said.get(panel);
      if (warning !== undefined && tracking.untracked(panel) === 0) {
        said.delete(panel);
        Notification.dismiss(warning);
      }
    });
    addRestart(app, notebooks, tracking, localPath, trans);
    addCommand(app, notebooks, tracking, switchTo, trans, palette);
    offerNewNotebook(app, tracking, launcher, palette, trans);
    const openMenu = modeMenu(app);
    toolbars?.addFactory<NotebookPanel>(
      'Notebook',
      'bioml-track',
      panel => new TrackToggleItem(panel, tracking, () => void switchTo(panel, null), openMenu, trans)
    );
    notebooks.forEach(panel => void tracking.follow(panel));
    notebooks.widgetAdded.connect((_, panel) => void tracking.follow(panel));
    NotebookActions.executed.connect((_, { notebook }) => {
      const panel = notebooks.find(candidate => candidate.content === notebook);
      if (panel) {
        tracking.executed(panel);
      }
    });
    tracking.changed.connect(() => app.commands.notifyCommandChanged(TRACK));
    return tracking;
  }
};

function addCommand(
  app: JupyterFrontEnd,
  notebooks: INotebookTracker,
  tracking: ITracking,
  switchTo: (panel: NotebookPanel, mode: TrackingMode | null) => Promise<void>,
  trans: TranslationBundle,
  palette: ICommandPalette | null
): void {
  app.commands.addCommand(TRACK, {
    label: args => modeLabel(args.mode, trans),
    caption: trans.__('Load jupyter-bioml in the kernel of this notebook, now and each time it starts.'),
    describedBy: { args: { type: 'object', properties: { mode: { type: 'string', enum: [...MODES] } } } },
    isEnabled: () =>
      notebooks.currentWidget !== null && tracking.unsupported(notebooks.currentWidget) === null,
    isToggleable: true,
    isToggled: args => {
      const panel = notebooks.currentWidget;
      const state = panel ? tracking.state(panel) : 'unknown';
      return isMode(args.mode) ? state === args.mode : isTracked(state);
    },
    execute: async args => {
      const panel = notebooks.currentWidget;
      if (panel) {
        await switchTo(panel, isMode(args.mode) ? args.mode : null);
      }
    }
  });
  const category = trans.__('Experiments');
  for (const mode of MODES) {
    palette?.addItem({ command: TRACK, category, args: { mode } });
  }
}

/** Opens the menu of the modes below the toggle. */
function modeMenu(app: JupyterFrontEnd): (anchor: HTMLElement) => void {
  const menu = new MenuSvg({ commands: app.commands });
  for (const mode of MODES) {
    menu.addItem({ command: TRACK, args: { mode } });
  }
  menu.addItem({ type: 'separator' });
  menu.addItem({ command: TRACK_PROJECT });
  return anchor => {
    const { left, bottom } = anchor.getBoundingClientRect();
    menu.open(left, bottom);
  };
}

function modeLabel(mode: unknown, trans: TranslationBundle): string {
  switch (mode) {
    case 'off':
      return trans.__('Do not track this notebook');
    case 'on':
      return trans.__('Track this notebook: marked cells become runs');
    case 'auto':
      return trans.__('Track this notebook: every cell becomes a run');
    default:
      return trans.__('Track this notebook');
  }
}

/** The kernel tracks, as far as is known. */
function isTracked(state: TrackingState): boolean {
  return state !== 'off' && state !== 'unknown';
}

function isMode(value: unknown): value is TrackingMode {
  return MODES.some(mode => mode === value);
}
