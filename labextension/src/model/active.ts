import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

/** The notebook that the sidebar is about: the one that was last in front. */
export class ActiveNotebook implements IDisposable {
  /** @param localPath - a contents path without its drive. */
  constructor(
    private readonly notebooks: INotebookTracker,
    private readonly localPath: (path: string) => string
  ) {
    notebooks.currentChanged.connect(this._follow, this);
    this._follow();
  }

  get panel(): NotebookPanel | null {
    return this._panel;
  }

  /** Contents path of the notebook; null while none is open. */
  get path(): string | null {
    return this._path;
  }

  /** Another notebook, or the same under another name. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Its kernel became busy or idle: runs begin or end. */
  get worked(): ISignal<this, void> {
    return this._worked;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.notebooks.currentChanged.disconnect(this._follow, this);
    this._release();
    Signal.clearData(this);
  }

  private _follow(): void {
    const panel = this.notebooks.currentWidget;
    if (panel !== this._panel) {
      this._release();
      this._panel = panel;
      panel?.context.pathChanged.connect(this._rename, this);
      panel?.sessionContext.statusChanged.connect(this._work, this);
    }
    this._rename();
  }

  private _release(): void {
    this._panel?.context.pathChanged.disconnect(this._rename, this);
    this._panel?.sessionContext.statusChanged.disconnect(this._work, this);
    this._panel = null;
  }

  private _rename(): void {
    const path = this._panel === null ? null : this.localPath(this._panel.context.path);
    if (path !== this._path) {
      this._path = path;
      this._changed.emit();
    }
  }

  private _work(_: unknown, status: Kernel.Status): void {
    if (status === 'busy' || status === 'idle' || status === 'dead' || status === 'autorestarting') {
      this._worked.emit();
    }
  }

  private _panel: NotebookPanel | null = null;
  private _path: string | null = null;
  private _changed = new Signal<this, void>(this);
  private _worked = new Signal<this, void>(this);
  private _isDisposed = false;
}
