import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Registry } from '../model/registry';
import { IBioml, IRegisterForm, IReproductions, IRunCommands, IRunPages } from '../tokens';
import { changingCommands } from './commands/changing';
import { keepingCommands } from './commands/keeping';
import { openingCommands } from './commands/opening';

/** The commands on selected runs; other plugins may add theirs. */
export const runCommandsPlugin: JupyterFrontEndPlugin<IRunCommands> = {
  id: 'jupyter-bioml:run-commands',
  description: 'What can be done with the runs that are selected in the sidebar.',
  autoStart: true,
  provides: IRunCommands,
  requires: [IBioml],
  optional: [ITranslator, IRunPages, IRegisterForm, IReproductions],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    translator: ITranslator | null,
    pages: IRunPages | null,
    form: IRegisterForm | null,
    reproductions: IReproductions | null
  ): IRunCommands => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const parts = { app, bioml, pages, form, reproductions, trans };
    return new Registry([...openingCommands(parts), ...changingCommands(parts), ...keepingCommands(parts)]);
  }
};
