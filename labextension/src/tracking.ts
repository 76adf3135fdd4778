import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import type { NotebookPanel } from '@jupyterlab/notebook';

/** What the user wants of a notebook's kernel: no tracking, marked cells become runs, every cell becomes a run. */
export type TrackingMode = 'off' | 'on' | 'auto';

/** What its kernel does; `broken`: it tracks, but a cell could not be tracked; `unknown`: not asked yet, or no answer. */
export type TrackingState = TrackingMode | 'broken' | 'unknown';

/** Whether the kernels of notebooks are tracked, as they say themselves. */
export interface ITracking {
  state(panel: NotebookPanel): TrackingState;
  /** Why the state is `broken` or `unknown`, or why tracking could not be switched on; in words, with what to do. */
  detail(panel: NotebookPanel): string | null;
  /** Why this notebook cannot be tracked at all (its kernel is no Python kernel); null: it can. */
  unsupported(panel: NotebookPanel): string | null;
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
