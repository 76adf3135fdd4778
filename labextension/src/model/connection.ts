import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import { hello } from '../api/status';
import type { Hello } from '../api/wire';
import type { IBioml } from '../tokens';

/** The connection to the server half, asked once and again on request. */
export class Connection implements IBioml {
  constructor(readonly client: IClient) {}

  get hello(): Hello | null {
    return this._hello;
  }

  get missing(): Error | null {
    return this._missing;
  }

  get changed(): ISignal<IBioml, void> {
    return this._changed;
  }

  get touched(): ISignal<IBioml, void> {
    return this._touched;
  }

  touch(): void {
    this._touched.emit();
  }

  async refresh(): Promise<void> {
    try {
      this._hello = await hello(this.client);
      this._missing = null;
    } catch (error) {
      this._hello = null;
      this._missing = error instanceof Error ? error : new Error(String(error));
    }
    this._changed.emit();
  }

  private _hello: Hello | null = null;
  private _missing: Error | null = null;
  private _changed = new Signal<IBioml, void>(this);
  private _touched = new Signal<IBioml, void>(this);
}
