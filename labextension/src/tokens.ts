import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';
import type { RankedMenu, Toolbar } from '@jupyterlab/ui-components';
import type { ISignal } from '@lumino/signaling';
import type { IClient } from './api/request';
import type { Hello, ModelVersion, RunRow } from './api/wire';
import type { IRunTab } from './components/run/tab';
import type { ISidebarSection } from './panels/section';
import type { ActiveNotebook } from './model/active';
import type { Reproductions } from './model/jobs';
import type { NotebookRuns } from './model/notebookruns';
import type { ModelsModel } from './model/registered';
import type { IEntry, IRegistry } from './model/registry';
import type { RunListModel } from './model/runlist';

/** What the two halves know of each other; provided once, used by every panel. */
export interface IBioml {
  readonly client: IClient;
  /** What the server half said when asked first; null until then, and while it is missing. */
  readonly hello: Hello | null;
  /** Why the server half is missing; null while it is there, or not asked yet. */
  readonly missing: Error | null;
  /** `hello` or `missing` changed. */
  readonly changed: ISignal<IBioml, void>;
  /** Ask again. */
  refresh(): Promise<void>;
  /** Ids of runs and notebooks that some part of the front end changed: lists look again at once. */
  readonly touched: ISignal<IBioml, void>;
  touch(): void;
}

export const IBioml = new Token<IBioml>(
  'jupyter-bioml:IBioml',
  'The connection to the server half of jupyter-bioml.'
);

/** Opens the main-area pages. */
export interface IRunPages {
  /** @param path - contents path of the run's notebook, which says which project is meant. */
  openRun(id: string, path: string): void;
  openComparison(ids: readonly string[], path: string): void;
}

export const IRunPages = new Token<IRunPages>('jupyter-bioml:IRunPages', 'Opens pages of runs.');

/** The form that makes a model version from a run. */
export interface IRegisterForm {
  /** Resolves to the registered version's name and number, or null when it was cancelled. */
  open(id: string, path: string): Promise<{ name: string; version: string } | null>;
}

export const IRegisterForm = new Token<IRegisterForm>(
  'jupyter-bioml:IRegisterForm',
  'The form that registers the model of a run.'
);

/** The dialog with the gates of a model version's promotion. */
export interface IPromotionDialog {
  /**
   * Resolves when it is closed.
   *
   * @param path - contents path that says which project is meant.
   * @param alias - the one whose gates are asked first; without: the policy's first.
   */
  open(name: string, version: string, path: string, alias?: string): Promise<void>;
}

export const IPromotionDialog = new Token<IPromotionDialog>(
  'jupyter-bioml:IPromotionDialog',
  'The dialog that promotes a model version through its gates.'
);

/** What the user wants of a notebook's kernel: no tracking, marked cells become runs, every cell becomes a run. */
export type TrackingMode = 'off' | 'on' | 'auto';

/** What its kernel does; `broken`: it tracks, but a cell could not be tracked; `unknown`: not asked yet, or no answer. */
export type TrackingState = TrackingMode | 'broken' | 'unknown';

/** Whether the kernels of notebooks are tracked, as they say themselves. */
export interface ITracking {
  state(panel: NotebookPanel): TrackingState;
  /** Why the state is `broken` or `unknown`, or why tracking could not be switched on; in words, with what to do. */
  detail(panel: NotebookPanel): string | null;
  /** Why this notebook cannot be tracked at all (its kernel is not a Python kernel); null: it can. */
  unsupported(panel: NotebookPanel): string | null;
  /** How many cells had run when it was switched on by hand and may have read something: what they read is unknown. */
  untracked(panel: NotebookPanel): number;
  /** The setting of its project was changed: it is followed where the notebook has no mode of its own. */
  projectChanged(panel: NotebookPanel): Promise<void>;
  /** The state or the detail of this notebook changed. */
  readonly changed: ISignal<ITracking, NotebookPanel>;
  /**
   * Remember the mode for this notebook, and switch its kernel now; a busy kernel is switched when it is idle.
   * Never rejects: what went wrong is the detail.
   */
  set(panel: NotebookPanel, mode: TrackingMode): Promise<void>;
}

export const ITracking = new Token<ITracking>(
  'jupyter-bioml:ITracking',
  'Whether the kernels of notebooks are tracked.'
);

/** The runs of each notebook, read once for all of its badges and cards. */
export interface IRunsOfNotebooks {
  /** @param path - contents path of the notebook; empty: not known, then only details can be asked for. */
  of(path: string): NotebookRuns;
}

export const IRunsOfNotebooks = new Token<IRunsOfNotebooks>(
  'jupyter-bioml:IRunsOfNotebooks',
  'The runs of each notebook, for its badges and cards.'
);

/** Reproduces runs for every panel that asks, and knows the results. */
export type IReproductions = Pick<Reproductions, 'changed' | 'of' | 'find' | 'start' | 'cancel' | 'hide'>;

export const IReproductions = new Token<IReproductions>(
  'jupyter-bioml:IReproductions',
  'Reproduces runs, and knows the results.'
);

/** The sidebar "Experiments", to which plugins add sections. */
export interface ISidebar {
  readonly sections: IRegistry<ISidebarSection>;
  /** The notebook that the sidebar is about. */
  readonly notebook: ActiveNotebook;
  /** The menu "Experiments" of the menu bar. */
  readonly menu: RankedMenu;
  /** The buttons beside its title; `refresh` and `settings` are there. */
  readonly toolbar: Toolbar;
  /** Bring the sidebar to the front. */
  activate(): void;
}

export const ISidebar = new Token<ISidebar>(
  'jupyter-bioml:ISidebar',
  'The sidebar "Experiments", to which sections can be added.'
);

/** The tabs of a run's page. */
export type IRunTabs = IRegistry<IRunTab>;

export const IRunTabs = new Token<IRunTabs>(
  'jupyter-bioml:IRunTabs',
  "The tabs of a run's page, to which others can be added."
);

/** The runs that are selected in the sidebar, and the list that they stand in. */
export interface ISelectedRuns {
  readonly rows: readonly RunRow[];
  /** Contents path that says which project is meant. */
  readonly path: string;
  readonly list: Pick<RunListModel, 'annotate' | 'remove'>;
}

/** What can be done with runs that are selected in the sidebar: an entry of its menus and of the command palette. */
export interface IRunCommand extends IEntry {
  /** Id of its JupyterLab command. Commands whose ranks begin with the same tens stand together in a menu. */
  readonly id: string;
  label(rows: readonly RunRow[]): string;
  /** The label where no runs are in sight (menu bar, palette): it says what is acted on. Without: `label`. */
  whole?(rows: readonly RunRow[]): string;
  readonly caption?: string;
  /** Whether it can be done with these; there is at least one. */
  isFor(rows: readonly RunRow[]): boolean;
  execute(selected: ISelectedRuns): unknown;
}

/** The commands on selected runs. */
export type IRunCommands = IRegistry<IRunCommand>;

export const IRunCommands = new Token<IRunCommands>(
  'jupyter-bioml:IRunCommands',
  'The commands on selected runs, to which others can be added.'
);

/** What can be done with a registered model version: a button of its entry in the sidebar. */
export interface IVersionCommand extends IEntry {
  readonly label: string;
  readonly caption?: string;
  /** Why it cannot be done with this version now; null: it can. */
  hindrance?(version: ModelVersion): string | null;
  execute(version: ModelVersion, models: ModelsModel): unknown;
}

/** The commands on a model version. */
export type IVersionCommands = IRegistry<IVersionCommand>;

export const IVersionCommands = new Token<IVersionCommands>(
  'jupyter-bioml:IVersionCommands',
  'The commands on a model version, to which others can be added.'
);
