import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette, InputDialog, Notification } from '@jupyterlab/apputils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, type TranslationBundle } from '@jupyterlab/translation';
import * as models from '../api/models';
import { brief } from '../model/format';
import { shortName } from '../model/name';
import { PromotionModel } from '../model/promotion';
import { outcomeText } from '../model/promotiontext';
import { promotionDialog } from '../panels/promotiondialog';
import { IBioml, IPromotionDialog, IReproductions } from '../tokens';
import { LASTING, sayError, sayWhy } from './notify';

export const PROMOTE = 'bioml:promote-model';

/** Longest text of a notification. */
const SHOWN = 140;

/** The dialog with the gates of a model version, and its command. */
export const promotePlugin: JupyterFrontEndPlugin<IPromotionDialog> = {
  id: 'jupyter-bioml:promote',
  description: 'The dialog that promotes a model version through its gates, approves it, and rolls back.',
  autoStart: true,
  provides: IPromotionDialog,
  requires: [IBioml, ITranslator],
  optional: [ICommandPalette, INotebookTracker, IReproductions],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    translator: ITranslator,
    palette: ICommandPalette | null,
    notebooks: INotebookTracker | null,
    reproductions: IReproductions | null = null
  ): IPromotionDialog => {
    const trans = translator.load('jupyter_bioml');
    const dialog: IPromotionDialog = {
      open: async (name, version, path, alias) => {
        const model = new PromotionModel(bioml.client, path, name, version, alias);
        model.moved.connect(() => bioml.touch());
        const shown = promotionDialog(model, trans.__('Promote a model'), reproductions, trans);
        void model.load();
        await shown.launch();
        await sayLater(model, trans);
      }
    };
    app.commands.addCommand(PROMOTE, {
      label: trans.__('Promote Model…'),
      caption: trans.__('Check the gates of an alias; promote, approve, roll back'),
      describedBy: {
        args: {
          type: 'object',
          properties: { name: { type: 'string' }, version: { type: 'string' }, path: { type: 'string' } }
        }
      },
      execute: async args => {
        const front = notebooks?.currentWidget?.context.path ?? '';
        const path = typeof args.path === 'string' ? args.path : app.serviceManager.contents.localPath(front);
        const version =
          typeof args.name === 'string' && typeof args.version === 'string'
            ? { name: args.name, version: args.version }
            : await askVersion(bioml, path, trans);
        if (version !== null) {
          await dialog.open(version.name, version.version, path);
        }
      }
    });
    palette?.addItem({ command: PROMOTE, category: trans.__('Experiments') });
    return dialog;
  }
};

/** Say what came of an act whose dialog was closed meanwhile. */
async function sayLater(model: PromotionModel, trans: TranslationBundle): Promise<void> {
  const pending = model.busy;
  if (pending === null) {
    return;
  }
  const outcome = await pending;
  if (outcome !== null) {
    const { isDone, text } = outcomeText(outcome, trans);
    Notification.emit(brief(text, SHOWN), isDone ? 'success' : 'warning', {
      autoClose: isDone ? undefined : LASTING
    });
  } else if (model.error) {
    sayError(model.error, trans);
  }
}

/** The version that the user chooses of those of the project; null: none. */
async function askVersion(
  bioml: IBioml,
  path: string,
  trans: TranslationBundle
): Promise<{ name: string; version: string } | null> {
  try {
    const versions = (await models.list(bioml.client, path)).flatMap(model => model.versions);
    if (versions.length === 0) {
      sayWhy(trans.__('No models are registered yet.'));
      return null;
    }
    const labels = distinct(versions.map(({ name, version }) => `${shortName(name)}@${brief(version, 20)}`));
    const { value } = await InputDialog.getItem({
      title: trans.__('Promote a model'),
      label: trans.__('Model version'),
      items: labels,
      okLabel: trans.__('Show gates')
    });
    return versions[labels.indexOf(value ?? '')] ?? null;
  } catch (error) {
    sayError(error, trans);
    return null;
  }
}

/** Names that are cut may be the same: a number tells them apart. */
function distinct(labels: string[]): string[] {
  return labels.map((label, index) => (labels.indexOf(label) === index ? label : `${label} (${index + 1})`));
}
