import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { RunPatch, RunRow } from '../api/wire';
import { COMPARABLE } from '../components/sidebar/SelectionBar';
import { copyText } from '../model/clipboard';
import { printable } from '../model/format';
import type { RunListModel } from '../model/runlist';
import { NoteBody } from '../panels/note';
import { paragraphs } from '../panels/paragraphs';
import { isUnderWay } from '../model/jobs';
import type { IReproductions } from '../reproductions';
import type { IRegisterForm, IRunPages } from '../tokens';

/** What can be done with the chosen runs. */
export const OF_SELECTION = {
  open: 'bioml:selection-open',
  compare: 'bioml:selection-compare',
  reproduce: 'bioml:selection-reproduce',
  register: 'bioml:selection-register',
  rename: 'bioml:selection-rename',
  star: 'bioml:selection-star',
  note: 'bioml:selection-note',
  archive: 'bioml:selection-archive',
  remove: 'bioml:selection-delete',
  exported: 'bioml:selection-export',
  copyId: 'bioml:selection-copy-id',
  goToCell: 'bioml:selection-go-to-cell'
};

/** Names of runs that a question lists. */
const LISTED = 5;

interface IParts {
  app: JupyterFrontEnd;
  client: IClient;
  model: RunListModel;
  pages: IRunPages | null;
  form: IRegisterForm | null;
  reproductions: IReproductions | null;
  goToCell: (notebook: string, cellId: string | null) => void;
  /** Something was changed: other parts look again. */
  touch: () => void;
  trans: TranslationBundle;
}

/** The commands on the runs that are chosen in the sidebar. */
export function addRunCommands(parts: IParts): void {
  const { app, model, trans } = parts;
  const chosen = (): RunRow[] => model.selection.rows;
  const add = (
    id: string,
    isFor: (rows: RunRow[]) => boolean,
    options: CommandRegistry.ICommandOptions
  ): void => {
    app.commands.addCommand(id, {
      isEnabled: () => chosen().length > 0 && isFor(chosen()),
      describedBy: { args: { type: 'object', properties: {} } },
      ...options
    });
  };
  addOpening(parts, add);
  addChanging(parts, add);
  add(OF_SELECTION.remove, rows => rows.every(row => row.state !== 'RUNNING'), {
    label: trans.__('Delete…'),
    execute: () => removeRuns(parts, chosen())
  });
  add(OF_SELECTION.exported, rows => rows.length === 1, {
    label: trans.__('Export'),
    caption: trans.__('Download the run as one file'),
    execute: () => download(runs.exportUrl(parts.client, model.path ?? '', chosen()[0].record_id))
  });
  add(OF_SELECTION.copyId, () => true, {
    label: trans.__('Copy Run Id'),
    execute: () => copyText(chosen().map(idOf).join('\n'))
  });
  let told = '';
  const tell = (): void => Object.values(OF_SELECTION).forEach(id => app.commands.notifyCommandChanged(id));
  parts.reproductions?.changed.connect(tell);
  model.changed.connect(() => {
    const key = chosen()
      .map(row => `${row.record_id}${row.starred}${row.archived}${row.state}`)
      .join();
    if (key !== told) {
      told = key;
      tell();
    }
  });
}

type Add = (id: string, isFor: (rows: RunRow[]) => boolean, options: CommandRegistry.ICommandOptions) => void;

function addOpening(parts: IParts, add: Add): void {
  const { model, pages, form, reproductions, trans } = parts;
  const chosen = (): RunRow[] => model.selection.rows;
  add(OF_SELECTION.open, rows => rows.length === 1 && pages !== null, {
    label: trans.__('Open'),
    execute: () => pages?.openRun(chosen()[0].record_id, model.path ?? '')
  });
  add(
    OF_SELECTION.compare,
    rows => rows.length >= COMPARABLE[0] && rows.length <= COMPARABLE[1] && pages !== null,
    {
      label: trans.__('Compare'),
      execute: () =>
        pages?.openComparison(
          chosen().map(row => row.record_id),
          model.path ?? ''
        )
    }
  );
  add(OF_SELECTION.reproduce, ([row, ...more]) => more.length === 0 && canReproduce(row, reproductions), {
    label: trans.__('Reproduce'),
    caption: trans.__('Run its cells again in a fresh kernel and folder, and compare'),
    execute: () => reproductions?.start(chosen()[0], model.path ?? '')
  });
  add(OF_SELECTION.register, rows => rows.length === 1 && rows[0].has_model && form !== null, {
    label: trans.__('Register…'),
    caption: trans.__('Make a model version from this run'),
    execute: () => form?.open(chosen()[0].record_id, model.path ?? '')
  });
  add(
    OF_SELECTION.goToCell,
    rows => rows.length === 1 && rows[0].notebook !== null && rows[0].cell_id !== null,
    {
      label: trans.__('Go to Cell'),
      execute: () => parts.goToCell(chosen()[0].notebook ?? '', chosen()[0].cell_id)
    }
  );
}

function canReproduce(row: RunRow, reproductions: IReproductions | null): boolean {
  return reproductions !== null && row.state !== 'RUNNING' && !isUnderWay(reproductions.of(row));
}

function addChanging(parts: IParts, add: Add): void {
  const { model, trans } = parts;
  const chosen = (): RunRow[] => model.selection.rows;
  const isAll = (key: 'starred' | 'archived'): boolean =>
    chosen().length > 0 && chosen().every(row => row[key]);
  add(OF_SELECTION.rename, rows => rows.length === 1, {
    label: trans.__('Rename…'),
    execute: async () => {
      const [row] = chosen();
      const title = trans.__('Name of the run');
      const { value } = await InputDialog.getText({ title, text: row.name, okLabel: trans.__('Rename') });
      if (value !== null && value.trim() !== '' && value !== row.name) {
        await change(parts, [row], { name: value });
      }
    }
  });
  add(OF_SELECTION.note, rows => rows.length === 1, {
    label: trans.__('Note…'),
    execute: async () => {
      const [row] = chosen();
      const title = trans.__('Note on %1', shown(row));
      const { value, button } = await showDialog({
        title,
        body: new NoteBody(row.note ?? '', title),
        buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Keep') })],
        focusNodeSelector: 'textarea'
      });
      if (button.accept && value !== null && value !== (row.note ?? '')) {
        await change(parts, [row], { note: value });
      }
    }
  });
  add(OF_SELECTION.star, () => true, {
    label: () => (isAll('starred') ? trans.__('Remove Star') : trans.__('Star')),
    execute: () => change(parts, chosen(), { starred: !isAll('starred') })
  });
  add(OF_SELECTION.archive, () => true, {
    label: () => (isAll('archived') ? trans.__('Take out of the Archive') : trans.__('Archive')),
    caption: trans.__('Archived runs are kept, and listed only on request'),
    execute: () => change(parts, chosen(), { archived: !isAll('archived') })
  });
}

async function change(parts: IParts, rows: readonly RunRow[], patch: RunPatch): Promise<void> {
  await each(parts, rows, row => parts.model.annotate(row.record_id, patch));
}

async function removeRuns(parts: IParts, rows: readonly RunRow[]): Promise<void> {
  const { trans } = parts;
  const names = rows.slice(0, LISTED).map(shown);
  const more = rows.length > LISTED ? [trans.__('and %1 more', rows.length - LISTED)] : [];
  const answer = await showDialog({
    title: trans._n('Delete this run?', 'Delete these %1 runs?', rows.length),
    body: paragraphs([
      [...names, ...more].join(', '),
      trans.__('Deleted: the run in MLflow and what the journal keeps of it, with the cells that joined it.'),
      trans.__('Kept: its id and name, the notebook, and the data files.'),
      trans.__('A run from which a model was registered is not deleted.')
    ]),
    buttons: [Dialog.cancelButton(), Dialog.warnButton({ label: trans.__('Delete') })],
    defaultButton: 0
  });
  if (answer.button.accept) {
    await each(parts, rows, row => parts.model.remove(row.record_id));
  }
}

/** One after the other; what fails is said with its reason, and the others go on. */
async function each(
  parts: IParts,
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
      Notification.error(`${shown(row)}: ${printable(words.join(' ').trim())}`, { autoClose: false });
    }
  }
  parts.touch();
}

function shown(row: RunRow): string {
  const name = printable(row.name);
  return name.length > 80 ? `${name.slice(0, 80)}…` : name;
}

/** The id under which MLflow knows it, else the journal's. */
function idOf(row: RunRow): string {
  return row.run_id ?? row.record_id;
}

function download(url: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = '';
  document.body.appendChild(link);
  link.click();
  link.remove();
}
