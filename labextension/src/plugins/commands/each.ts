import { Notification } from '@jupyterlab/apputils';
import type { RunRow } from '../../api/wire';
import { printable } from '../../model/format';
import { shortName } from '../../model/name';
import type { IBioml } from '../../tokens';
import { LASTING } from '../notify';

/** A run's name as it stands in a sentence. */
export function shown(row: RunRow): string {
  return shortName(row.name);
}

/** Do something with one run after the other; what fails is said with its reason, and the others go on. */
export async function each(
  bioml: IBioml,
  rows: readonly RunRow[],
  act: (row: RunRow) => Promise<void>
): Promise<void> {
  for (const row of rows) {
    try {
      await act(row);
    } catch (error) {
      const next = (error as { next?: unknown }).next;
      const words = [
        error instanceof Error ? error.message : String(error),
        typeof next === 'string' ? next : ''
      ];
      Notification.error(`${shown(row)}: ${printable(words.join(' ').trim())}`, { autoClose: LASTING });
    }
  }
  bioml.touch();
}
