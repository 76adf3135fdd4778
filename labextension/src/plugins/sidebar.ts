import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IMainMenu } from '@jupyterlab/mainmenu';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { RankedMenu } from '@jupyterlab/ui-components';
import { experimentsIcon } from '../icons';
import { ActiveNotebook } from '../model/active';
import { Registry } from '../model/registry';
import { ExperimentsPanel, SIDEBAR_ID } from '../panels/experiments';
import type { ISidebarSection } from '../panels/section';
import { IBioml, ISidebar } from '../tokens';

export const SHOW_SIDEBAR = 'bioml:show-sidebar';
export const REFRESH = 'bioml:refresh';

/** The sidebar "Experiments" and its menu; what it shows are sections that other plugins add. */
export const sidebarPlugin: JupyterFrontEndPlugin<ISidebar> = {
  id: 'jupyter-bioml:plugin',
  description: 'The sidebar for the runs of the notebook, what its kernel uses, and the registered models.',
  autoStart: true,
  provides: ISidebar,
  requires: [IBioml, INotebookTracker],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette, IMainMenu],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    notebooks: INotebookTracker,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    mainMenu: IMainMenu | null
  ): ISidebar => {
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const sections = new Registry<ISidebarSection>();
    const look = (): void => sections.entries.forEach(section => section.look());
    const panel = new ExperimentsPanel(
      bioml,
      sections,
      {
        refresh: look,
        settings: () => void app.commands.execute('settingeditor:open', { query: trans.__('Experiments') })
      },
      translator ?? nullTranslator
    );
    bioml.touched.connect(look);
    const sidebar = {
      sections,
      notebook: new ActiveNotebook(notebooks, path => app.serviceManager.contents.localPath(path)),
      toolbar: panel.toolbar,
      menu: new RankedMenu({ commands: app.commands, includeSeparators: false }),
      activate: () => app.shell.activateById(panel.id)
    };
    addCommands(app, sidebar, look, trans);
    sidebar.menu.id = 'jp-mainmenu-bioml';
    sidebar.menu.title.label = trans.__('Experiments');
    [SHOW_SIDEBAR, REFRESH].forEach((command, rank) => {
      sidebar.menu.addItem({ command, rank });
      palette?.addItem({ command, category: trans.__('Experiments') });
    });
    mainMenu?.addMenu(sidebar.menu, true, { rank: 65 });
    app.shell.add(panel, 'left', { rank: 150, type: 'Experiments' });
    restorer?.add(panel, SIDEBAR_ID);
    return sidebar;
  }
};

function addCommands(
  app: JupyterFrontEnd,
  sidebar: ISidebar,
  look: () => void,
  trans: TranslationBundle
): void {
  const none = { args: { type: 'object', properties: {} } };
  app.commands.addCommand(SHOW_SIDEBAR, {
    label: trans.__('Show Experiments'),
    caption: trans.__('The runs of the notebook in the sidebar'),
    icon: experimentsIcon,
    describedBy: none,
    execute: () => {
      sidebar.activate();
      sidebar.sections.entries.find(section => section.focus)?.focus?.();
    }
  });
  app.commands.addCommand(REFRESH, {
    label: trans.__('Refresh Runs and Models'),
    describedBy: none,
    execute: look
  });
}
