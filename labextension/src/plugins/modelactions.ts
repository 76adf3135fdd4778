import { Dialog, InputDialog, showDialog } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ApiError } from '../api/request';
import type { ModelVersion } from '../api/wire';
import type { IModelActions } from '../components/sidebar/ModelsView';
import { brief } from '../model/format';
import type { ModelsModel } from '../model/registered';
import { loadSnippet } from '../model/snippet';
import { paragraphs } from '../panels/paragraphs';
import type { IPromotionDialog, IRunPages } from '../tokens';
import { sayError } from './notify';

/** Aliases that are offered beside those that exist. */
const USUAL = ['champion', 'challenger'];
/** Characters of a refusal that are shown. */
const WHOLE = 5000;

/** What can be done with a model version in the sidebar. */
export function modelActions(
  model: ModelsModel,
  notebooks: INotebookTracker,
  parts: { pages: IRunPages | null; promotion: IPromotionDialog | null },
  trans: TranslationBundle
): IModelActions {
  const { pages, promotion } = parts;
  const panel = notebooks.currentWidget;
  const promote = (version: ModelVersion, alias?: string): void =>
    void promotion?.open(version.name, version.version, model.path, alias);
  /** Move an alias by hand; an alias with gates is refused, and the way through its gates offered. */
  const move = async (version: ModelVersion, alias: string, act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (error instanceof ApiError && error.code === 'refused' && promotion !== null) {
        await offerPromotion(error, () => promote(version, alias), trans);
      } else {
        sayError(error, trans);
      }
    }
  };
  const setAlias = async (version: ModelVersion): Promise<void> => {
    const alias = await askAlias(model, version, trans);
    if (alias !== '') {
      await move(version, alias, () => model.setAlias(version, alias));
    }
  };
  return {
    onOpenRun: version => pages?.openRun(version.record_id ?? version.run_id ?? '', model.path),
    onSetAlias: version => void setAlias(version),
    onRemoveAlias: (version, alias) =>
      void move(version, alias, () => model.removeAlias(version.name, alias)),
    onPromote: promotion && promote,
    onInsert: panel && (version => insertLoading(panel, version, trans))
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
    title: trans.__('Alias for %1 v%2', brief(version.name), brief(version.version, 20)),
    label: trans.__('It is taken from the version that has it now.'),
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

/** Put the code below the active cell, without running it. */
function insertLoading(panel: NotebookPanel, version: ModelVersion, trans: TranslationBundle): void {
  const { content } = panel;
  NotebookActions.insertBelow(content);
  const comment = trans.__('Loading a model runs code of whoever made it.');
  content.activeCell?.model.sharedModel.setSource(`# ${comment}\n${loadSnippet(version)}`);
  content.mode = 'edit';
  content.activate();
}
