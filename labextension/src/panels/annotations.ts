import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { RunPatch, RunRow } from '../api/wire';
import { shortName } from '../model/name';
import { tagChanges, tagLines } from '../model/tags';
import { TextBody } from './note';

/** What is written about a run and edited in lines. */
export type Written = 'note' | 'tags';

/** Let the user edit a run's note or tags. Resolves to what changes; null: nothing does. */
export async function askWritten(
  row: RunRow,
  what: Written,
  trans: TranslationBundle
): Promise<RunPatch | null> {
  const isNote = what === 'note';
  const name = shortName(row.name);
  const title = isNote ? trans.__('Note on %1', name) : trans.__('Tags of %1', name);
  const about = isNote ? trans.__('Markdown is shown as such.') : trans.__('One tag on each line: key=value');
  const before = isNote ? (row.note ?? '') : tagLines(row.tags);
  const { value, button } = await showDialog({
    title,
    body: new TextBody(before, title, about),
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Save') })],
    focusNodeSelector: 'textarea'
  });
  if (!button.accept || value === null || value === before) {
    return null;
  }
  if (isNote) {
    return { note: value };
  }
  const tags = tagChanges(row.tags, value);
  return Object.keys(tags).length > 0 ? { tags } : null;
}
