import type { TranslationBundle } from '@jupyterlab/translation';
import { UseSignal } from '@jupyterlab/ui-components';
import { CommandRegistry } from '@lumino/commands';
import type { Message } from '@lumino/messaging';
import { Menu } from '@lumino/widgets';
import React from 'react';
import { exportUrl } from '../api/table';
import { TablePage } from '../components/table/TablePage';
import { toCsv } from '../model/csv';
import { printable } from '../model/format';
import { Figures } from '../model/table/figures';
import type { TableModel } from '../model/table/tablemodel';
import type { IRunCommands, IRunPages } from '../tokens';
import { experimentsIcon } from '../icons';
import { download, saveText } from './download';
import { Page } from './pages';

/** The full-width table of the runs of a project. */
export class TablePanel extends Page {
  /** @param project - its folder, absolute. */
  constructor(
    readonly model: TableModel,
    readonly project: string,
    private readonly parts: { pages: IRunPages | null; commands: IRunCommands },
    private readonly trans: TranslationBundle
  ) {
    super(model.watch);
    this.addClass('bioml-TablePanel');
    this._figures = new Figures(model.client, model.path);
    const folder = printable(project.split('/').filter(Boolean).pop() ?? project).slice(0, 60);
    this.title.label = trans.__('Runs: %1', folder);
    this.title.caption = trans.__('The runs of %1', printable(project));
    this.title.icon = experimentsIcon;
    model.changed.connect(this._follow, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      this._figures.dispose();
      super.dispose();
    }
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    const table = this.node.querySelector<HTMLElement>('.bioml-Grid-table');
    this.node.tabIndex = -1;
    if (!this.node.contains(document.activeElement)) {
      (table ?? this.node).focus();
    }
  }

  protected render(): React.ReactElement {
    const { model, parts, trans } = this;
    const { client, path } = model;
    return (
      <UseSignal signal={model.changed}>
        {() => (
          <TablePage
            model={model}
            figures={this._figures}
            project={printable(this.project)}
            onOpen={id => parts.pages?.openRun(id, path)}
            onCompare={ids => parts.pages?.openComparison(ids, path)}
            onCsv={async () =>
              saveText(toCsv(await model.rowsForCsv()), 'runs.csv', 'text/csv;charset=utf-8')
            }
            onZip={ids => download(exportUrl(client, path, ids))}
            onMenu={(x, y) => this._openMenu(x, y)}
            trans={trans}
          />
        )}
      </UseSignal>
    );
  }

  /** The figures of a run that ran are read again once it has ended. */
  private _follow(): void {
    for (const row of this.model.lines.known()) {
      if (row.state === 'RUNNING') {
        this._running.add(row.record_id);
      } else if (this._running.delete(row.record_id)) {
        this._figures.forget(row.record_id);
      }
    }
  }

  /** What can be done with the chosen runs, as in the sidebar. */
  private _openMenu(x: number, y: number): void {
    const { model, parts } = this;
    const { rows } = model.picked;
    const commands = new CommandRegistry();
    const menu = new Menu({ commands });
    let group = -1;
    for (const command of parts.commands.entries) {
      commands.addCommand(command.id, {
        label: command.label(rows),
        caption: command.caption,
        isEnabled: () => rows.length > 0 && command.isFor(rows),
        execute: () => command.execute({ rows, path: model.path, list: model })
      });
      if (group !== -1 && group !== Math.floor(command.rank / 10)) {
        menu.addItem({ type: 'separator' });
      }
      group = Math.floor(command.rank / 10);
      menu.addItem({ command: command.id });
    }
    menu.aboutToClose.connect(() => this.node.querySelector<HTMLElement>('.bioml-Grid-table')?.focus());
    menu.open(x, y);
  }

  private readonly _figures: Figures;
  private readonly _running = new Set<string>();
}
