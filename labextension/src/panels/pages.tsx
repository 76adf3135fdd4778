import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { Widget } from '@lumino/widgets';
import React from 'react';
import * as runs from '../api/runs';
import type { RunRow } from '../api/wire';
import { ComparePage } from '../components/compare/ComparePage';
import type { DrawMarkdown } from '../components/Markdown';
import type { ICodeActions } from '../components/run/LoadCode';
import { RunPage } from '../components/run/RunPage';
import { formatAddress } from '../model/address';
import { experimentsIcon } from '../icons';
import { comparisonTitle, csvRows, distinctTitle } from '../model/columns';
import type { ComparisonModel } from '../model/comparison';
import { toCsv } from '../model/csv';
import { printable } from '../model/format';
import { shortName } from '../model/name';
import type { RunModel } from '../model/run';
import type { Watch } from '../model/watch';
import type { IReproductions, IRunTabs } from '../tokens';
import type { Written } from './annotations';
import { saveText } from './download';
import { reproduceOf } from './reproduce';

/** Characters of a name that fit on a tab. */
const LABEL = 28;

/** What pages ask of the application around them. */
export interface IPageActions {
  openRun(id: string, path: string): void;
  openComparison(ids: readonly string[], path: string): void;
  /** Open the notebook of a run, and show its cell. */
  openCell(notebook: string, cellId: string | null, path: string): void;
  /** Show a file of a run. */
  openFile(id: string, file: string, path: string): void;
  /** Stop a run that runs. */
  stopRun(row: RunRow, path: string): void;
  /** Let the user edit a run's note or tags. */
  edit(row: RunRow, what: Written, path: string): void;
  /** What can be done with code now; undefined without notebooks. */
  code(): ICodeActions | undefined;
  /** Draws Markdown; null: text is shown as it is. */
  readonly markdown: DrawMarkdown | null;
  readonly tabs: IRunTabs;
  /** null where the register form is switched off. */
  register: ((id: string, path: string) => void) | null;
  /** null where runs are not reproduced. */
  reproductions: IReproductions | null;
  /** The server's address as the browser reaches it. */
  baseUrl: string;
  /** The titles of the other open pages. */
  titlesBeside(page: Widget): readonly string[];
}

/** A page that looks while it is seen and rests while it is hidden. */
export abstract class Page extends ReactWidget {
  /** @param _beside - the titles of the other pages, which its own is told apart from. */
  constructor(
    private readonly watch: Watch,
    private readonly _beside: IPageActions['titlesBeside'] = () => []
  ) {
    super();
    this.addClass('bioml-PageScroll');
    this.title.icon = experimentsIcon;
  }

  /** Name the page's tab, so that no two of them have the same name. */
  protected set label(label: string) {
    if (label !== this._label) {
      this._label = label;
      this.title.label = distinctTitle(label, this._beside(this));
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.watch.isShown = this.isVisible;
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.watch.isShown = true;
  }

  protected override onAfterHide(message: Message): void {
    super.onAfterHide(message);
    this.watch.isShown = false;
  }

  protected override onBeforeDetach(message: Message): void {
    this.watch.isShown = false;
    super.onBeforeDetach(message);
  }

  private _label = '';
}

/** The page of one run. */
export class RunPanel extends Page {
  constructor(
    readonly model: RunModel,
    private readonly actions: IPageActions,
    private readonly trans: TranslationBundle,
    /** Shown until the run was read. */
    name: string
  ) {
    super(model.watch, page => actions.titlesBeside(page));
    this.label = name || trans.__('Run');
    model.changed.connect(this._follow, this);
    actions.reproductions?.changed.connect(this._onReproduction, this);
    actions.tabs.changed.connect(this.update, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      super.dispose();
    }
  }

  protected render(): React.ReactElement {
    const { model, actions, trans } = this;
    const { id, path, client } = model;
    const row = model.detail.value?.row;
    const { register, reproductions } = actions;
    return (
      <RunPage
        model={model}
        tabs={actions.tabs.entries}
        now={Date.now() / 1000}
        link={formatAddress(actions.baseUrl, { kind: 'run', id: row?.record_id ?? id, path })}
        exportUrl={runs.exportUrl(client, path, id)}
        urlOf={file => runs.fileUrl(client, path, id, file)}
        onOpenFile={file => actions.openFile(id, file, path)}
        onOpenCell={() => row?.notebook && actions.openCell(row.notebook, row.cell_id, path)}
        onOpenLater={cell => row?.notebook && actions.openCell(row.notebook, cell, path)}
        onOpenRun={other => actions.openRun(other, path)}
        onCompare={other => actions.openComparison([other, row?.record_id ?? id], path)}
        onRegister={register && model.offer.value?.can ? () => register(id, path) : undefined}
        onEdit={row ? what => actions.edit(row, what, path) : undefined}
        markdown={actions.markdown}
        code={actions.code()}
        onStop={row ? () => actions.stopRun(row, path) : undefined}
        reproduce={row && reproductions ? reproduceOf(row, path, reproductions, actions) : null}
        onTab={tab => void model.open(tab)}
        onRetry={() => model.watch.soon()}
        trans={trans}
      />
    );
  }

  private _follow(): void {
    const name = this.model.detail.value?.row.name;
    if (name !== undefined) {
      this.label = shortName(name, LABEL);
      this.title.caption = this.trans.__('Run %1', printable(name).slice(0, 300));
      void this.actions.reproductions?.find(this.model.path);
    }
    this.update();
  }

  private _onReproduction(_: unknown, run: string): void {
    const row = this.model.detail.value?.row;
    if (run === row?.record_id || run === row?.run_id) {
      this.update();
    }
  }
}

/** The page that compares runs. */
export class ComparePanel extends Page {
  constructor(
    readonly model: ComparisonModel,
    private readonly actions: IPageActions,
    private readonly trans: TranslationBundle
  ) {
    super(model.watch, page => actions.titlesBeside(page));
    this._follow();
    model.changed.connect(this._follow, this);
    model.idsChanged.connect(this._follow, this);
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.model.dispose();
      super.dispose();
    }
  }

  protected render(): React.ReactElement {
    const { model, actions, trans } = this;
    const { path } = model;
    return (
      <ComparePage
        parts={model}
        now={Date.now() / 1000}
        link={formatAddress(actions.baseUrl, { kind: 'compare', ids: [...model.ids], path })}
        onOpenRun={id => actions.openRun(id, path)}
        onRemove={index => model.remove(index)}
        onMakeFirst={index => model.makeFirst(index)}
        onCsv={() => this._saveCsv()}
        onCurves={() => void model.curves.need()}
        onRetry={() => model.watch.soon()}
        trans={trans}
      />
    );
  }

  private _follow(): void {
    const { ids, comparison } = this.model;
    // while it is read again with other runs, the runs of the answer before are not its own
    const runs = comparison.value?.runs.length === ids.length ? comparison.value.runs : null;
    this.label =
      runs === null
        ? this.trans.__('Compare %1 runs', ids.length)
        : this.trans.__('Compare %1', comparisonTitle(runs));
    const names = this.model.comparison.value?.runs.map(run => shortName(run.name, 60)) ?? [];
    this.title.caption = names.join(' · ');
    this.update();
  }

  private _saveCsv(): void {
    const comparison = this.model.comparison.value;
    if (comparison !== null) {
      saveText(toCsv(csvRows(comparison)), 'comparison.csv', 'text/csv;charset=utf-8');
    }
  }
}
