import type { TranslationBundle } from '@jupyterlab/translation';
import { brief } from './format';

/** Characters of a level that is not known here. */
const SHOWN = 60;

/** What speaks against the notebook as the way to this run, in a few words. */
export function taintWord(level: string, trans: TranslationBundle): string {
  switch (level) {
    case 'out-of-order':
      return trans.__('cells ran out of order');
    case 'edited':
      return trans.__('edited after it ran');
    case 'deleted':
      return trans.__('a cell was deleted');
    default:
      return brief(level, SHOWN);
  }
}

/** What that means for somebody who runs the notebook again. */
export function taintReason(level: string, trans: TranslationBundle): string {
  switch (level) {
    case 'out-of-order':
      return trans.__(
        'Cells ran in a different order than they stand in the notebook. Running it from top to bottom may give a different result.'
      );
    case 'edited':
      return trans.__(
        'A cell was edited after it ran. Running the notebook from top to bottom may give a different result.'
      );
    case 'deleted':
      return trans.__(
        'A cell that had run was deleted. Running the notebook from top to bottom may give a different result.'
      );
    default:
      return trans.__('The notebook may no longer give this result.');
  }
}
