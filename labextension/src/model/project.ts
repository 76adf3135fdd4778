import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import { status } from '../api/status';
import type { Status } from '../api/wire';
import { IPace, Watch } from './watch';

const CALM: IPace = { quick: 2000, slow: 10_000 };

/** What is tracked in the project of the current notebook, and what waits to be published. */
export class ProjectModel implements IDisposable {
  constructor(private readonly client: IClient) {
    this.watch = new Watch(() => this._look(), CALM);
  }

  readonly watch: Watch;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get path(): string | null {
    return this._path;
  }
  set path(path: string | null) {
    if (path !== this._path) {
      this._path = path;
      this.watch.soon();
    }
  }

  /** null before the first answer, and while there is none. */
  get status(): Status | null {
    return this._status;
  }

  get error(): Error | null {
    return this._error;
  }

  get isDisposed(): boolean {
    return this.watch.isDisposed;
  }

  dispose(): void {
    this.watch.dispose();
    Signal.clearData(this);
  }

  private async _look(): Promise<boolean> {
    try {
      this._status = await status(this.client, this._path ?? '');
      this._error = null;
    } catch (error) {
      this._status = null;
      this._error = error instanceof Error ? error : new Error(String(error));
      throw this._error;
    } finally {
      if (!this.isDisposed) {
        this._changed.emit();
      }
    }
    return this._status.waiting.length > 0;
  }

  private _path: string | null = null;
  private _status: Status | null = null;
  private _error: Error | null = null;
  private _changed = new Signal<this, void>(this);
}
