import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ApiError } from '../api/request';
import type { ModelVersion } from '../api/wire';
import { brief } from '../model/format';
import { shortName } from '../model/name';
import type { ModelsModel } from '../model/registered';
import { paragraphs } from '../panels/paragraphs';
import type { IPromotionDialog } from '../tokens';
import { sayError } from './notify';

/** Aliases that are offered beside those that exist. */
const USUAL = ['champion', 'challenger'];
/** Characters of a refusal that are shown. */
const WHOLE = 5000;

/** Moves aliases of models by hand. */
export interface IAliasActions {
  set(version: ModelVersion, models: ModelsModel): Promise<void>;
  remove(version: ModelVersion, alias: string, models: ModelsModel): Promise<void>;
}

/** An alias that has gates is refused by the server: then the way through its gates is offered. */
export function aliasActions(promotion: IPromotionDialog | null, trans: TranslationBundle): IAliasActions {
  const move = async (
    version: ModelVersion,
    alias: string,
    models: ModelsModel,
    act: () => Promise<void>
  ): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (error instanceof ApiError && error.code === 'refused' && promotion !== null) {
        const promote = (): void => void promotion.open(version.name, version.version, models.path, alias);
        await offerPromotion(error, promote, trans);
      } else {
        sayError(error, trans);
      }
    }
  };
  return {
    set: async (version, models) => {
      const alias = await askAlias(models, version, trans);
      if (alias !== '') {
        await move(version, alias, models, () => models.setAlias(version, alias));
      }
    },
    remove: (version, alias, models) =>
      move(version, alias, models, () => models.removeAlias(version.name, alias))
  };
}

/** The alias that the user wants for a version; empty: none. */
async function askAlias(
  model: ModelsModel,
  version: ModelVersion,
  trans: TranslationBundle
): Promise<string> {
  const known = (model.models ?? []).flatMap(one => one.versions.flatMap(({ aliases }) => aliases));
  const { value } = await InputDialog.getItem({
    title: trans.__('Alias for %1 v%2', shortName(version.name), brief(version.version, 20)),
    label: trans.__('The version that has this alias now loses it.'),
    items: [...new Set([...USUAL, ...known])],
    editable: true,
    okLabel: trans.__('Set')
  });
  return value?.trim() ?? '';
}

/** Say why an alias was not moved by hand, and lead to its gates. */
async function offerPromotion(
  error: ApiError,
  onPromote: () => void,
  trans: TranslationBundle
): Promise<void> {
  const { button } = await showDialog({
    title: trans.__('The alias was not moved'),
    body: paragraphs([error.message, error.next].filter(Boolean).map(words => brief(words, WHOLE))),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      Dialog.okButton({ label: trans.__('Promote…') })
    ]
  });
  if (button.accept) {
    onPromote();
  }
}
