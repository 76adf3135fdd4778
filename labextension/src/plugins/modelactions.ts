import { InputDialog, Notification } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ModelVersion } from '../api/wire';
import type { IModelActions } from '../components/sidebar/ModelsView';
import { printable } from '../model/format';
import type { ModelsModel } from '../model/registered';
import { loadSnippet } from '../model/snippet';
import type { IRunPages } from '../tokens';

/** Aliases that are offered beside those that exist. */
const USUAL = ['champion', 'challenger'];

/** What can be done with a model version in the sidebar. */
export function modelActions(
  model: ModelsModel,
  notebooks: INotebookTracker,
  pages: IRunPages | null,
  trans: TranslationBundle
): IModelActions {
  const panel = notebooks.currentWidget;
  return {
    onOpenRun: version => pages?.openRun(version.record_id ?? version.run_id ?? '', model.path),
    onSetAlias: version => void said(() => askAlias(model, version, trans)),
    onRemoveAlias: (version, alias) => void said(() => model.removeAlias(version.name, alias)),
    onInsert: panel && (version => insertLoading(panel, version, trans))
  };
}

async function askAlias(model: ModelsModel, version: ModelVersion, trans: TranslationBundle): Promise<void> {
  const known = (model.models ?? []).flatMap(one => one.versions.flatMap(({ aliases }) => aliases));
  const { value } = await InputDialog.getItem({
    title: trans.__('Alias for %1 v%2', printable(version.name), printable(version.version)),
    label: trans.__('It is taken from the version that has it now.'),
    items: [...new Set([...USUAL, ...known])],
    editable: true,
    okLabel: trans.__('Set')
  });
  if (value !== null && value.trim() !== '') {
    await model.setAlias(version, value.trim());
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

async function said(act: () => Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    Notification.error(printable(error instanceof Error ? error.message : String(error)), {
      autoClose: false
    });
  }
}
