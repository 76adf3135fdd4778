import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ModelsModel } from '../../model/registered';
import { ModelsSection } from '../../panels/models';
import { IBioml, IPromotionDialog, ISidebar, IVersionCommands } from '../../tokens';
import { aliasActions } from '../aliases';

export const OPEN_MODEL = 'bioml:open-model';

/** The sidebar's section with the registered models. */
export const modelsSectionPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:models-section',
  description: "The sidebar's section with the registered models.",
  autoStart: true,
  requires: [IBioml, ISidebar, INotebookTracker, IVersionCommands],
  optional: [ITranslator, IPromotionDialog],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    sidebar: ISidebar,
    notebooks: INotebookTracker,
    commands: IVersionCommands,
    translator: ITranslator | null,
    promotion: IPromotionDialog | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const { sections, notebook } = sidebar;
    const model = new ModelsModel(bioml.client);
    const widget = new ModelsSection(model, commands, aliasActions(promotion, trans).remove, trans);
    const turn = (): void => {
      model.path = notebook.path ?? '';
      widget.refresh();
    };
    notebook.changed.connect(turn);
    // whether code can be put into a notebook is another matter than which notebook was last in front
    notebooks.currentChanged.connect(() => widget.refresh());
    turn();
    sections.add({
      id: 'models',
      rank: 30,
      label: trans.__('Models'),
      height: 2,
      widget,
      look: () => model.watch.soon()
    });
    const text = { type: 'string' };
    app.commands.addCommand(OPEN_MODEL, {
      label: trans.__('Show Model Version'),
      describedBy: {
        args: { type: 'object', properties: { name: text, version: text }, required: ['name', 'version'] }
      },
      isVisible: () => false,
      execute: args => {
        sidebar.activate();
        widget.showVersion(String(args.name), String(args.version));
      }
    });
  }
};
