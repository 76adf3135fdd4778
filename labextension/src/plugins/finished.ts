import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import { list } from '../api/runs';
import type { RunRow } from '../api/wire';
import { stateOf, stateWord } from '../components/RunState';
import { brief, formatDuration, formatNumber } from '../model/format';
import { shortName } from '../model/name';
import { IBioml, IRunPages } from '../tokens';
import { LASTING } from './notify';

export const NOTIFY = 'bioml:notify-finished';

/** Where it is remembered that the user wants messages of the system. */
const WANTED = 'jupyter-bioml-notify';
/** Seconds of a run that is worth a message. */
const LONG = 10;
/** Runs among which the one of a cell that has ended is found: with *Run All* the next cells begin at once. */
const NEWEST = 10;
/** Milliseconds after a cell's end at which its run has ended in the journal. */
const SETTLED = 500;

/** Says that a run has finished while nobody looks at JupyterLab. */
export const finishedPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:finished',
  description: 'Says that a long run has finished while JupyterLab is hidden.',
  autoStart: true,
  requires: [IBioml, INotebookTracker, ITranslator],
  optional: [IRunPages, IStateDB, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    notebooks: INotebookTracker,
    translator: ITranslator,
    pages: IRunPages | null,
    memory: IStateDB | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = translator.load('jupyter_bioml');
    let isWanted = false;
    void memory?.fetch(WANTED).then(found => (isWanted = found === true));
    const look = async (notebook: unknown, cell: string): Promise<void> => {
      const panel = notebooks.find(one => one.content === notebook);
      if (!panel || !document.hidden) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, SETTLED));
      const path = app.serviceManager.contents.localPath(panel.context.path);
      const { rows } = await list(bioml.client, path, { limit: NEWEST });
      const row = rows.find(one => one.cell_id === cell && one.state !== 'RUNNING');
      if (row && (row.duration ?? 0) >= LONG) {
        say(row, isWanted, () => pages?.openRun(row.record_id, path), trans);
      }
    };
    NotebookActions.executed.connect((_, { notebook, cell }) => {
      if (document.hidden) {
        void look(notebook, cell.model.id).catch(() => undefined);
      }
    });
    app.commands.addCommand(NOTIFY, {
      label: trans.__('Notify When Runs Finish'),
      caption: trans.__('A message of the system when a run of 10 s or more ends while JupyterLab is hidden'),
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => 'Notification' in window,
      isToggleable: true,
      isToggled: () => isWanted,
      execute: async () => {
        isWanted = !isWanted && (await window.Notification.requestPermission()) === 'granted';
        await memory?.save(WANTED, isWanted);
        app.commands.notifyCommandChanged(NOTIFY);
      }
    });
    palette?.addItem({ command: NOTIFY, category: trans.__('Experiments') });
  }
};

/** In JupyterLab, for when it is seen again; and by the system where the user asked for that. */
function say(row: RunRow, bySystem: boolean, open: () => void, trans: TranslationBundle): void {
  const [metric] = Object.entries(row.metrics);
  const title = trans.__('%1: %2', shortName(row.name, 40), stateWord(stateOf(row), trans));
  const body = [
    formatDuration(row.duration),
    ...(metric ? [`${brief(metric[0], 40)} ${formatNumber(metric[1])}`] : [])
  ].join(' · ');
  Notification.emit(`${title} (${body})`, row.state === 'FINISHED' ? 'success' : 'warning', {
    autoClose: LASTING,
    actions: [{ label: trans.__('Open'), callback: open }]
  });
  if (bySystem && 'Notification' in window && window.Notification.permission === 'granted') {
    const shown = new window.Notification(title, { body, tag: row.record_id });
    shown.onclick = () => {
      window.focus();
      open();
    };
  }
}
