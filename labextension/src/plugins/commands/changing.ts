import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { RunPatch, RunRow } from '../../api/wire';
import { NoteBody } from '../../panels/note';
import type { IRunCommand, ISelectedRuns } from '../../tokens';
import type { IRunCommandParts } from './parts';
import { each, shown } from './each';

/** What changes what is written about selected runs. */
export function changingCommands(parts: IRunCommandParts): IRunCommand[] {
  const { bioml, trans } = parts;
  const change = (selected: ISelectedRuns, patch: RunPatch): Promise<void> =>
    each(bioml, selected.rows, row => selected.list.annotate(row.record_id, patch));
  return [
    {
      id: 'bioml:selection-rename',
      rank: 20,
      label: () => trans.__('Rename…'),
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
      isFor: rows => rows.length === 1,
      execute: async selected => {
        const before = selected.rows[0].note ?? '';
        const title = trans.__('Note on %1', shown(selected.rows[0]));
        const { value, button } = await showDialog({
          title,
          body: new NoteBody(before, title),
          buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Save') })],
          focusNodeSelector: 'textarea'
        });
        if (button.accept && value !== null && value !== before) {
          await change(selected, { note: value });
        }
      }
    },
    {
      id: 'bioml:selection-star',
      rank: 22,
      label: rows => (isAll(rows, 'starred') ? trans.__('Remove Star') : trans.__('Star')),
      isFor: () => true,
      execute: selected => change(selected, { starred: !isAll(selected.rows, 'starred') })
    },
    {
      id: 'bioml:selection-archive',
      rank: 23,
      label: rows => (isAll(rows, 'archived') ? trans.__('Unarchive') : trans.__('Archive')),
      caption: trans.__('Archived runs are kept, and listed only on request'),
      isFor: () => true,
      execute: selected => change(selected, { archived: !isAll(selected.rows, 'archived') })
    }
  ];
}

function isAll(rows: readonly RunRow[], key: 'starred' | 'archived'): boolean {
  return rows.length > 0 && rows.every(row => row[key]);
}
