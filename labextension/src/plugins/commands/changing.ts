import { InputDialog } from '@jupyterlab/apputils';
import type { RunPatch, RunRow } from '../../api/wire';
import { askWritten, type Written } from '../../panels/annotations';
import type { IRunCommand, ISelectedRuns } from '../../tokens';
import type { IRunCommandParts } from './parts';
import { each } from './each';

/** What changes what is written about selected runs. */
export function changingCommands(parts: IRunCommandParts): IRunCommand[] {
  const { bioml, trans } = parts;
  const change = (selected: ISelectedRuns, patch: RunPatch): Promise<void> =>
    each(bioml, selected.rows, row => selected.list.annotate(row.record_id, patch));
  const edit = async (selected: ISelectedRuns, what: Written): Promise<void> => {
    const patch = await askWritten(selected.rows[0], what, trans);
    if (patch !== null) {
      await change(selected, patch);
    }
  };
  return [
    {
      id: 'bioml:selection-rename',
      rank: 20,
      label: () => trans.__('Rename…'),
      whole: () => trans.__('Rename Run…'),
      isFor: rows => rows.length === 1,
      execute: async selected => {
        const { name } = selected.rows[0];
        const title = trans.__('Name of the run');
        const { value } = await InputDialog.getText({ title, text: name, okLabel: trans.__('Rename') });
        if (value !== null && value.trim() !== '' && value !== name) {
          await change(selected, { name: value });
        }
      }
    },
    {
      id: 'bioml:selection-note',
      rank: 21,
      label: () => trans.__('Note…'),
      whole: () => trans.__('Edit Note on Run…'),
      isFor: rows => rows.length === 1,
      execute: selected => edit(selected, 'note')
    },
    {
      id: 'bioml:selection-tags',
      rank: 21,
      label: () => trans.__('Tags…'),
      whole: () => trans.__('Edit Tags of Run…'),
      isFor: rows => rows.length === 1,
      execute: selected => edit(selected, 'tags')
    },
    {
      id: 'bioml:selection-star',
      rank: 22,
      label: rows => (isAll(rows, 'starred') ? trans.__('Remove Star') : trans.__('Star')),
      whole: rows =>
        isAll(rows, 'starred')
          ? trans._n('Remove Star from Run', 'Remove Star from %1 Runs', count(rows))
          : trans._n('Star Run', 'Star %1 Runs', count(rows)),
      isFor: () => true,
      execute: selected => change(selected, { starred: !isAll(selected.rows, 'starred') })
    },
    {
      id: 'bioml:selection-archive',
      rank: 23,
      label: rows => (isAll(rows, 'archived') ? trans.__('Unarchive') : trans.__('Archive')),
      whole: rows =>
        isAll(rows, 'archived')
          ? trans._n('Unarchive Run', 'Unarchive %1 Runs', count(rows))
          : trans._n('Archive Run', 'Archive %1 Runs', count(rows)),
      caption: trans.__('Archived runs are kept, and listed only on request'),
      isFor: () => true,
      execute: selected => change(selected, { archived: !isAll(selected.rows, 'archived') })
    }
  ];
}

/** How many a label names; without a choice it speaks of one. */
function count(rows: readonly RunRow[]): number {
  return Math.max(1, rows.length);
}

function isAll(rows: readonly RunRow[], key: 'starred' | 'archived'): boolean {
  return rows.length > 0 && rows.every(row => row[key]);
}
