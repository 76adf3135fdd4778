import { Dialog, showDialog } from '@jupyterlab/apputils';
import * as runs from '../../api/runs';
import { copyText } from '../../model/clipboard';
import { download } from '../../panels/download';
import { paragraphs } from '../../panels/paragraphs';
import type { IRunCommand, ISelectedRuns } from '../../tokens';
import type { IRunCommandParts } from './parts';
import { each, shown } from './each';

/** Names of runs that a question lists. */
const LISTED = 5;

/** What takes selected runs out of the list, or something of them along. */
export function keepingCommands(parts: IRunCommandParts): IRunCommand[] {
  const { bioml, trans } = parts;
  return [
    {
      id: 'bioml:selection-copy-id',
      rank: 30,
      label: rows => trans._n('Copy Run ID', 'Copy Run IDs', Math.max(1, rows.length)),
      isFor: () => true,
      execute: ({ rows }) => copyText(rows.map(row => row.record_id).join('\n'))
    },
    {
      id: 'bioml:selection-export',
      rank: 31,
      label: () => trans.__('Export'),
      whole: () => trans.__('Export Run'),
      caption: trans.__('Download the run as one file'),
      isFor: rows => rows.length === 1,
      execute: ({ rows: [row], path }) => download(runs.exportUrl(bioml.client, path, row.record_id))
    },
    {
      id: 'bioml:selection-delete',
      rank: 32,
      label: () => trans.__('Delete…'),
      whole: rows => trans._n('Delete Run…', 'Delete %1 Runs…', Math.max(1, rows.length)),
      isFor: rows => rows.every(row => row.state !== 'RUNNING'),
      execute: selected => removeRuns(parts, selected)
    }
  ];
}

async function removeRuns({ bioml, trans }: IRunCommandParts, { rows, list }: ISelectedRuns): Promise<void> {
  const names = rows.slice(0, LISTED).map(shown);
  const more = rows.length > LISTED ? [trans.__('and %1 more', rows.length - LISTED)] : [];
  const answer = await showDialog({
    title: trans._n('Delete this run?', 'Delete these %1 runs?', rows.length),
    body: paragraphs([
      [...names, ...more].join(', '),
      trans.__(
        'Deleted: the run in MLflow, and its entries in the journal with the cells that belong to it.'
      ),
      trans.__('Kept: its ID and name, the notebook, and the data files.'),
      trans.__('A run is not deleted if a model was registered from it.')
    ]),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Delete') })],
    defaultButton: 0
  });
  if (answer.button.accept) {
    await each(bioml, rows, row => list.remove(row.record_id));
  }
}
