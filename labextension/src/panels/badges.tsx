import { CodeCell, type Cell } from '@jupyterlab/cells';
import { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { IDisposable } from '@lumino/disposable';
import { Debouncer } from '@lumino/polling';
import { Signal } from '@lumino/signaling';
import { Panel } from '@lumino/widgets';
import React from 'react';
import type { RunRow } from '../api/wire';
import { RunBadge } from '../components/RunBadge';
import { DigestOfCell } from '../model/celldigest';
import type { NotebookRuns } from '../model/notebookruns';
import { whileVisible } from './whilevisible';

/** Milliseconds after the last key press at which a cell is compared with its run. */
const EDITED = 300;

/** The badge of one cell. */
class BadgeItem extends ReactWidget {
  constructor(
    private readonly cell: CodeCell,
    private readonly open: ((row: RunRow) => void) | null,
    private readonly trans: TranslationBundle
  ) {
    super();
    this.addClass('bioml-BadgeItem');
  }

  follow(row: RunRow): void {
    const source = this.cell.model.sharedModel.getSource();
    // The toolbar of a cell is as high as one line of code.
    this.toggleClass('bioml-mod-short', !source.includes('\n'));
    const digest = this.digest.of(source);
    const stale = row.source_digest !== null && row.source_digest !== digest;
    if (row !== this.row || stale !== this.stale) {
      [this.row, this.stale] = [row, stale];
      this.update();
    }
  }

  protected render(): React.ReactElement | null {
    const { row, open } = this;
    if (row === null) {
      return null;
    }
    return (
      <RunBadge
        row={row}
        stale={this.stale}
        onOpen={open && (() => open(row))}
        now={Date.now() / 1000}
        trans={this.trans}
      />
    );
  }

  private row: RunRow | null = null;
  private stale = false;
  private readonly digest = new DigestOfCell();
}

/** The badges of one notebook: only cells that can be seen have one, and the notebook's model knows nothing of them. */
export class NotebookBadges implements IDisposable {
  constructor(
    private readonly panel: NotebookPanel,
    private readonly runs: NotebookRuns,
    private readonly open: ((row: RunRow) => void) | null,
    private readonly trans: TranslationBundle
  ) {
    runs.changed.connect(this.sync, this);
    const content = panel.content;
    content.modelContentChanged.connect(this.onEdited, this);
    content.renderingLayoutChanged.connect(this.sync, this);
    this.visible = whileVisible(panel.content.node, () => runs.hold());
    this.sync();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.visible.dispose();
    this.edited.dispose();
    Signal.clearData(this);
    this.items.forEach(item => item.dispose());
    this.items.clear();
  }

  private onEdited(): void {
    void this.edited.invoke().catch(() => undefined);
  }

  /** Give each visible cell its badge, and take away those of others. */
  private sync(): void {
    if (this._isDisposed || this.panel.isDisposed) {
      return;
    }
    for (const cell of this.panel.content.widgets) {
      if (!this.followed.has(cell)) {
        this.followed.add(cell);
        cell.inViewportChanged.connect(this.onSeen, this);
      }
      this.syncCell(cell);
    }
  }

  private onSeen(cell: Cell, seen: boolean): void {
    if (seen) {
      void cell.ready.then(() => this.syncCell(cell));
    } else {
      this.syncCell(cell);
    }
  }

  private syncCell(cell: Cell): void {
    const row = cell.inViewport && !cell.isDisposed ? this.runs.latest.get(cell.model.id) : undefined;
    const item = this.items.get(cell);
    if (row === undefined || !(cell instanceof CodeCell)) {
      item?.dispose();
      this.items.delete(cell);
      return;
    }
    const place = cell.inputArea?.parent;
    if (item && !item.isDisposed) {
      item.follow(row);
    } else if (place instanceof Panel && !this._isDisposed) {
      const made = new BadgeItem(cell, this.open, this.trans);
      this.items.set(cell, made);
      place.addClass('bioml-mod-badged');
      place.addWidget(made);
      made.follow(row);
    }
  }

  private _isDisposed = false;
  private readonly visible: IDisposable;
  private readonly items = new Map<Cell, BadgeItem>();
  private readonly followed = new WeakSet<Cell>();
  private readonly edited = new Debouncer(() => this.sync(), EDITED);
}
