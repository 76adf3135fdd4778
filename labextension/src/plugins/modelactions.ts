import { InputDialog } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ModelVersion } from '../api/wire';
import type { IModelActions } from '../components/sidebar/ModelsView';
import { brief } from '../model/format';
import type { ModelsModel } from '../model/registered';
import { loadSnippet } from '../model/snippet';
import type { IRunPages } from '../tokens';
import { sayError } from './notify';

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
    onSetAlias: version => void said(() => askAlias(model, version, trans), trans),
    onRemoveAlias: (version, alias) => void said(() => model.removeAlias(version.name, alias), trans),
    onInsert: panel && (version => insertLoading(panel, version, trans))
  };
}

async function askAlias(model: ModelsModel, version: ModelVersion, trans: TranslationBundle): Promise<void> {
  const known = (model.models ?? []).flatMap(one => one.versions.flatMap(({ aliases }) => aliases));
  const { value } = await InputDialog.getItem({
    title: trans.__('Alias for %1 v%2', brief(version.name), brief(version.version, 20)),
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

async function said(act: () => Promise<void>, trans: TranslationBundle): Promise<void> {
  try {
    await act();
  } catch (error) {
    sayError(error, trans);
  }
}
