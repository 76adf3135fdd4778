import { Token } from '@lumino/coreutils';
import type { NotebookRuns } from './model/notebookruns';

/** The runs of each notebook, read once for all of its badges and cards. */
export interface IRunsOfNotebooks {
  /** @param path - contents path of the notebook; empty: not known, then only details can be asked for. */
  of(path: string): NotebookRuns;
}

export const IRunsOfNotebooks = new Token<IRunsOfNotebooks>(
  'jupyter-bioml:IRunsOfNotebooks',
  'The runs of each notebook, for its badges and cards.'
);
