import { Token } from '@lumino/coreutils';
import type { Reproductions } from './model/jobs';

/** Makes runs again, for whichever panel asks, and knows what came of it. */
export type IReproductions = Pick<Reproductions, 'changed' | 'of' | 'find' | 'start' | 'cancel' | 'hide'>;

export const IReproductions = new Token<IReproductions>(
  'jupyter-bioml:IReproductions',
  'Makes runs again, and knows what came of it.'
);
