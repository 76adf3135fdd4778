import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import { IPace, PACE, Watch } from './watch';

/** What is forgotten when; else the last answer is kept. */
export interface IForgetting {
  /** Another path is asked for. */
  onMove?: boolean;
  /** The server does not answer. */
  onFailure?: boolean;
}

/** What the server says of one path, looked at again and again while somebody sees it. */
export abstract class Followed<T, P extends string | null> implements IDisposable {
  constructor(
    protected readonly client: IClient,
    private _path: P,
    pace: IPace = PACE,
    private readonly forgets: IForgetting = {}
  ) {
    this.watch = new Watch(() => this._look(), pace);
  }

  readonly watch: Watch;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Contents path that says which notebook or project is meant. */
  get path(): P {
    return this._path;
  }
  set path(path: P) {
    if (path === this._path) {
      return;
    }
    this._path = path;
    if (this.forgets.onMove) {
      this._answer = null;
      this._error = null;
      this._changed.emit();
    }
    this.watch.soon();
  }

  /** Why the last look failed. */
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

  /** Ask the server; null where there is nothing to ask. */
  protected abstract ask(path: P): Promise<T | null>;

  /** Whether something happens now, so that the next look is soon. */
  protected abstract happens(answer: T): boolean;

  /** The last answer; null before the first one. */
  protected get answer(): T | null {
    return this._answer;
  }

  private async _look(): Promise<boolean> {
    const path = this._path;
    let answer: T | null = null;
    let failed: Error | null = null;
    try {
      answer = await this.ask(path);
    } catch (error) {
      failed = error instanceof Error ? error : new Error(String(error));
    }
    if (path !== this._path || this.isDisposed) {
      return true; // an answer for another path: that of this one comes next
    }
    this._error = failed;
    this._answer = answer ?? (failed && this.forgets.onFailure ? null : this._answer);
    this._changed.emit();
    if (failed) {
      throw failed;
    }
    return answer !== null && this.happens(answer);
  }

  private _answer: T | null = null;
  private _error: Error | null = null;
  private _changed = new Signal<this, void>(this);
}
