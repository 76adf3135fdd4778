import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import { brief, shortId } from '../model/format';
import { shortName } from '../model/name';
import { ApiError } from '../api/request';
import { type IReproduction, Reproductions } from '../model/jobs';
import { outcomeOf, verdictOf, verdictWord } from '../model/verdict';
import { seesReproduction } from '../panels/seen';
import { IBioml, IReproductions } from '../tokens';
import { LASTING, sayError } from './notify';

export const REPRODUCE = 'bioml:reproduce';

/** The commands that show pages; another plugin's, which may be switched off. */
const OPEN_RUN = 'bioml:open-run';
const COMPARE_RUNS = 'bioml:compare-runs';

/** Milliseconds after which the server has read again what MLflow says: the verdict is there then. */
const SETTLED = 4000;
/** Characters of a name, and of a sentence in a notification, which shows 140 in all. */
const NAME = 40;
const SENTENCE = 90;

/** Reproduces runs, reports results that no panel shows, and its command. */
export const reproducePlugin: JupyterFrontEndPlugin<IReproductions> = {
  id: 'jupyter-bioml:reproduce',
  description: 'Reproduces runs in a fresh kernel and compares the results.',
  autoStart: true,
  provides: IReproductions,
  requires: [IBioml, ITranslator],
  activate: (app: JupyterFrontEnd, bioml: IBioml, translator: ITranslator): IReproductions => {
    const trans = translator.load('jupyter_bioml');
    const reproductions = new Reproductions(bioml.client);
    bioml.changed.connect(() => void reproductions.retry());
    reproductions.ended.connect((_, ended) => {
      if (ended.job !== null) {
        bioml.touch();
        setTimeout(() => bioml.touch(), SETTLED);
      }
      if (!seesReproduction(ended.run)) {
        notify(app, ended, trans);
      }
    });
    app.commands.addCommand(REPRODUCE, {
      label: trans.__('Reproduce Run'),
      caption: trans.__('Run its cells again in a fresh kernel and folder, and compare'),
      describedBy: {
        args: {
          type: 'object',
          properties: { id: { type: 'string' }, path: { type: 'string' }, name: { type: 'string' } },
          required: ['id']
        }
      },
      execute: async args => {
        if (typeof args.id === 'string' && args.id !== '') {
          const run = { record_id: args.id, run_id: null, name: textOf(args.name) };
          await reproductions.start(run, textOf(args.path));
        }
      }
    });
    return reproductions;
  }
};

/** Say what came of a reproduction whose panel is not in sight. */
function notify(app: JupyterFrontEnd, ended: IReproduction, trans: TranslationBundle): void {
  const name = shortName(ended.name, NAME) || trans.__('run %1', shortId(ended.run));
  if (ended.phase === 'done') {
    const { verdict, sentence, newRun } = outcomeOf(ended.job?.result ?? null);
    const known = verdictOf(verdict);
    const word = known === null ? brief(verdict, NAME) : verdictWord(known, trans);
    const isGood = known === 'reproduced' || known === 'within noise';
    const message = [`${name}: ${word || trans.__('no verdict')}.`, brief(sentence ?? '', SENTENCE)]
      .join(' ')
      .trim();
    Notification.emit(message, isGood ? 'success' : 'warning', {
      autoClose: isGood ? undefined : LASTING,
      actions: newRun === null ? [] : actionsOf(app, ended, newRun, trans)
    });
  } else if (ended.phase === 'lost') {
    sayError(
      new Error(trans.__('%1: the server no longer knows about it; it may have been restarted.', name)),
      trans
    );
  } else if (ended.phase === 'failed') {
    const next = ended.error instanceof ApiError ? ended.error.next : '';
    const message = trans.__('%1 was not reproduced: %2', name, ended.error?.message ?? '');
    sayError(new ApiError(0, 'job', message, next), trans);
  }
}

function actionsOf(
  { commands }: JupyterFrontEnd,
  { run, path }: IReproduction,
  newRun: string,
  trans: TranslationBundle
): Notification.IAction[] {
  const actions = [
    { label: trans.__('Open new run'), command: OPEN_RUN, args: { id: newRun, path } },
    { label: trans.__('Compare'), command: COMPARE_RUNS, args: { ids: [run, newRun], path } }
  ];
  return actions
    .filter(({ command }) => commands.hasCommand(command))
    .map(({ label, command, args }) => ({ label, callback: () => void commands.execute(command, args) }));
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
