import {
  ILabShell,
  ILayoutRestorer,
  type JupyterFrontEnd,
  type JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { DOMUtils, ICommandPalette, MainAreaWidget, WidgetTracker } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { ToolbarButton } from '@jupyterlab/ui-components';
import type { JSONObject, ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { status } from '../api/status';
import { experimentsIcon } from '../icons';
import { TableModel } from '../model/table/tablemodel';
import { fromKept } from '../model/table/tableview';
import { TablePanel } from '../panels/table';
import { IBioml, IRunCommands, IRunPages, ISidebar } from '../tokens';
import { sayError } from './notify';

export const OPEN_TABLE = 'bioml:open-table';

type Frame = MainAreaWidget<TablePanel>;

/** The full-width table of runs: one for each project, opened from the sidebar, the launcher and the palette. */
export const tablePlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-bioml:table',
  description: 'The full-width table of the runs of a project.',
  autoStart: true,
  requires: [IBioml, IRunCommands],
  optional: [ITranslator, ILabShell, ILayoutRestorer, ILauncher, ICommandPalette, IRunPages, ISidebar],
  activate: (
    app: JupyterFrontEnd,
    bioml: IBioml,
    commands: IRunCommands,
    translator: ITranslator | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    launcher: ILauncher | null,
    palette: ICommandPalette | null,
    pages: IRunPages | null,
    sidebar: ISidebar | null
  ): void => {
    if (labShell === null) {
      return; // Notebook 7 has no main area for it
    }
    const trans = (translator ?? nullTranslator).load('jupyter_bioml');
    const tables = new Tables(app, bioml, { pages, commands }, trans);
    addCommand(app, tables, sidebar, trans);
    palette?.addItem({ command: OPEN_TABLE, category: trans.__('Experiments') });
    launcher?.add({ command: OPEN_TABLE, category: trans.__('Other'), rank: 20 });
    sidebar?.menu.addItem({ command: OPEN_TABLE, rank: 0.5 });
    sidebar?.toolbar.insertBefore(
      'refresh',
      'table',
      new ToolbarButton({
        label: trans.__('Table'),
        tooltip: trans.__('Open the runs as a table'),
        onClick: () => void app.commands.execute(OPEN_TABLE)
      })
    );
    void restorer?.restore(tables.tracker, {
      command: OPEN_TABLE,
      args: ({ content: { model } }) => ({
        path: model.path,
        view: { ...model.view } as unknown as JSONObject
      }),
      name: ({ content: { project } }) => project
    });
  }
};

/** The open tables. */
class Tables {
  constructor(
    private readonly app: JupyterFrontEnd,
    private readonly bioml: IBioml,
    private readonly parts: { pages: IRunPages | null; commands: IRunCommands },
    private readonly trans: TranslationBundle
  ) {}

  readonly tracker = new WidgetTracker<Frame>({ namespace: 'jupyter-bioml-table' });

  /** @param view - of before a reload. */
  async open(path: string, view: unknown): Promise<void> {
    const { project } = await status(this.bioml.client, path);
    const widget =
      this.tracker.find(({ content }) => content.project === project) ?? this._make(path, project, view);
    if (!widget.isAttached) {
      this.app.shell.add(widget, 'main');
    }
    this.app.shell.activateById(widget.id);
  }

  private _make(path: string, project: string, view: unknown): Frame {
    const model = new TableModel(this.bioml.client, path, fromKept(view));
    const widget = new MainAreaWidget({ content: new TablePanel(model, project, this.parts, this.trans) });
    widget.id = DOMUtils.createDomID();
    widget.title.closable = true;
    widget.toolbar.hide();
    const look = (): void => model.watch.soon();
    this.bioml.touched.connect(look);
    widget.disposed.connect(() => this.bioml.touched.disconnect(look));
    let kept = model.view;
    model.changed.connect(() => {
      if (model.view !== kept) {
        kept = model.view;
        void this.tracker.save(widget);
      }
    });
    void this.tracker.add(widget);
    return widget;
  }
}

function addCommand(
  app: JupyterFrontEnd,
  tables: Tables,
  sidebar: ISidebar | null,
  trans: TranslationBundle
): void {
  const where = (args: ReadonlyPartialJSONObject): string => {
    const given = args.path ?? args.cwd;
    return typeof given === 'string' ? given : (sidebar?.notebook.path ?? '');
  };
  app.commands.addCommand(OPEN_TABLE, {
    label: trans.__('Runs Table'),
    caption: trans.__('Every run of the project across the whole width'),
    icon: args => (args.isPalette ? undefined : experimentsIcon),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          path: {
            type: 'string',
            description: trans.__('Contents path of a notebook or folder of the project')
          },
          cwd: { type: 'string', description: trans.__('The folder, where the launcher asks') },
          view: { type: 'object' }
        }
      }
    },
    execute: async args => {
      try {
        await tables.open(where(args), args.view);
      } catch (error) {
        sayError(error, trans);
      }
    }
  });
}
