import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { IClient } from './api/request';
import type { Hello } from './api/wire';

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
