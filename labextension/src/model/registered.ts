import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import * as models from '../api/models';
import type { IClient } from '../api/request';
import type { Model, ModelVersion } from '../api/wire';
import { IPace, Watch } from './watch';

/** Models change seldom; what this front end changes is looked at once more at once. */
const SELDOM: IPace = { quick: 30_000, slow: 30_000 };

/** The registered models of the project's registry. */
export class ModelsModel implements IDisposable {
  constructor(private readonly client: IClient) {
    this.watch = new Watch(() => this._look(), SELDOM);
  }

  readonly watch: Watch;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Contents path that says which project is meant. */
  get path(): string {
    return this._path;
  }
  set path(path: string) {
    if (path !== this._path) {
      this._path = path;
      this.watch.soon();
    }
  }

  /** null before the first answer. */
  get models(): readonly Model[] | null {
    return this._models;
  }

  /** Why the last look failed; what was read before is kept. */
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

  /** Let an alias point at this version. Rejects with what the server said. */
  async setAlias(version: ModelVersion, alias: string): Promise<void> {
    await models.setAlias(this.client, this._path, version.name, alias, version.version);
    await this.watch.now();
  }

  /** Take an alias away. Rejects with what the server said. */
  async removeAlias(name: string, alias: string): Promise<void> {
    await models.removeAlias(this.client, this._path, name, alias);
    await this.watch.now();
  }

  private async _look(): Promise<boolean> {
    try {
      this._models = await models.list(this.client, this._path);
      this._error = null;
    } catch (error) {
      this._error = error instanceof Error ? error : new Error(String(error));
      throw this._error;
    } finally {
      if (!this.isDisposed) {
        this._changed.emit();
      }
    }
    return false;
  }

  private _path = '';
  private _models: readonly Model[] | null = null;
  private _error: Error | null = null;
  private _changed = new Signal<this, void>(this);
}
