import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { ModelVersion } from '../api/wire';
import { Registry } from '../model/registry';
import { IPromotionDialog, IRunPages, type IVersionCommand, IVersionCommands } from '../tokens';
import { aliasActions } from './aliases';
import { insertCode } from './insertcode';

/** What the commands on a model version are made of; null: that part of the front end is switched off. */
interface IParts {
  notebooks: INotebookTracker | null;
  pages: IRunPages | null;
  promotion: IPromotionDialog | null;
  trans: TranslationBundle;
}

/** The commands on a model version; other plugins may add theirs. */
export const versionCommandsPlugin: JupyterFrontEndPlugin<IVersionCommands> = {
  id: 'jupyter-bioml:version-commands',
  description: 'What can be done with a registered model version in the sidebar.',
  autoStart: true,
  provides: IVersionCommands,
  optional: [ITranslator, INotebookTracker, IRunPages, IPromotionDialog],
  activate: (
    _: JupyterFrontEnd,
    translator: ITranslator | null,
    notebooks: INotebookTracker | null,
    pages: IRunPages | null,
    promotion: IPromotionDialog | null
  ): IVersionCommands => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    return new Registry(versionCommands({ notebooks, pages, promotion, trans }));
  }
};

function versionCommands({ notebooks, pages, promotion, trans }: IParts): IVersionCommand[] {
  const commands: IVersionCommand[] = [
    {
      id: 'open-run',
      rank: 10,
      label: trans.__('Open run'),
      hindrance: ({ record_id, run_id }) =>
        record_id === null && run_id === null ? trans.__('The run it was made from is unknown') : null,
      execute: ({ record_id, run_id }, { path }) => pages?.openRun(record_id ?? run_id ?? '', path)
    },
    {
      id: 'insert-code',
      rank: 20,
      label: trans.__('Insert code'),
      caption: trans.__('Insert a cell with the code that loads it'),
      hindrance: () => (notebooks?.currentWidget ? null : trans.__('Open a notebook first')),
      execute: version => notebooks?.currentWidget && insertLoading(notebooks.currentWidget, version, trans)
    },
    {
      id: 'set-alias',
      rank: 30,
      label: trans.__('Set alias…'),
      execute: (version, models) => aliasActions(promotion, trans).set(version, models)
    }
  ];
  if (promotion !== null) {
    commands.push({
      id: 'promote',
      rank: 40,
      label: trans.__('Promote…'),
      caption: trans.__('Check the gates of an alias; promote, approve, roll back'),
      execute: ({ name, version }, { path }) => promotion.open(name, version, path)
    });
  }
  return commands;
}

/** Put the code below the active cell, without running it. */
function insertLoading(panel: NotebookPanel, version: ModelVersion, trans: TranslationBundle): void {
  const comment = trans.__('Loading a model runs code written by its author.');
  insertCode(panel, `# ${comment}\n${version.load_code}`);
}
