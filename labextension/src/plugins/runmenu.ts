import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { RankedMenu } from '@jupyterlab/ui-components';
import { DisposableSet } from '@lumino/disposable';
import type { RunRow } from '../api/wire';
import type { RunListModel } from '../model/runlist';
import type { IReproductions, IRunCommand, IRunCommands } from '../tokens';

/** Where the context menu of selected runs is. */
const LIST = '.bioml-RunList';

/** Asks for a label that says what is acted on. */
const WHOLE = { whole: true };

interface IParts {
  app: JupyterFrontEnd;
  commands: IRunCommands;
  model: RunListModel;
  /** The menu "Experiments" of the menu bar. */
  menu: RankedMenu;
  palette: ICommandPalette | null;
  reproductions: IReproductions | null;
  trans: TranslationBundle;
}

/** Every command on selected runs as a command of JupyterLab, in the menus and in the palette; also later ones. */
export function offerRunCommands(parts: IParts): void {
  const { app, commands, model } = parts;
  const offered = new Map<string, DisposableSet>();
  const separate = separator(parts);
  const follow = (): void => {
    for (const [id, all] of offered) {
      if (commands.get(id) === undefined) {
        offered.delete(id);
        all.dispose();
      }
    }
    for (const command of commands.entries) {
      if (!offered.has(command.id)) {
        separate(command.rank);
        offered.set(command.id, offer(parts, command));
      }
    }
  };
  commands.changed.connect(follow);
  follow();
  const tell = (): void => commands.entries.forEach(({ id }) => app.commands.notifyCommandChanged(id));
  parts.reproductions?.changed.connect(tell);
  let told = '';
  model.changed.connect(() => {
    const key = model.selection.rows
      .map(row => `${row.record_id}${row.starred}${row.archived}${row.state}`)
      .join();
    if (key !== told) {
      told = key;
      tell();
    }
  });
}

/** Puts a line above each group of commands, once; menus draw none at their ends. */
function separator({ app, menu }: IParts): (rank: number) => void {
  const groups = new Set<number>();
  return rank => {
    const group = Math.floor(rank / 10);
    if (!groups.has(group)) {
      groups.add(group);
      const place = { type: 'separator' as const, rank: group * 10 - 0.5 };
      menu.addItem(place);
      app.contextMenu.addItem({ ...place, selector: LIST });
    }
  };
}

function offer({ app, model, menu, palette, trans }: IParts, command: IRunCommand): DisposableSet {
  const { id, rank } = command;
  const rows = (): RunRow[] => model.selection.rows;
  const all = new DisposableSet();
  all.add(
    app.commands.addCommand(id, {
      label: args => (args.whole === true ? (command.whole ?? command.label) : command.label)(rows()),
      caption: command.caption,
      describedBy: { args: { type: 'object', properties: { whole: { type: 'boolean' } } } },
      isEnabled: () => rows().length > 0 && command.isFor(rows()),
      execute: () => command.execute({ rows: rows(), path: model.path ?? '', list: model })
    })
  );
  all.add(menu.addItem({ command: id, rank, args: WHOLE }));
  all.add(app.contextMenu.addItem({ command: id, selector: LIST, rank }));
  if (palette !== null) {
    all.add(palette.addItem({ command: id, category: trans.__('Experiments'), args: WHOLE }));
  }
  return all;
}
