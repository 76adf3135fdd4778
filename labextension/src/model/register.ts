import { ISignal, Signal } from '@lumino/signaling';
import * as models from '../api/models';
import type { IClient } from '../api/request';
import type { ModelVersion, RegisterOffer } from '../api/wire';

/** What the user fills in. */
export interface IRegisterFields {
  name: string;
  /** May stay empty. */
  alias: string;
  /** May stay empty. */
  description: string;
}

/** The form of one run: what registering would store, what was filled in, what came of it. */
export class RegisterModel {
  constructor(
    private readonly client: IClient,
    /** Contents path of the run's notebook. */
    readonly path: string,
    readonly id: string
  ) {}

  /** Anything below changed. */
  get changed(): ISignal<RegisterModel, void> {
    return this._changed;
  }

  /** What would be stored; null until the server has answered. */
  get offer(): RegisterOffer | null {
    return this._offer;
  }

  /** Why the last reading or registration failed. */
  get error(): Error | null {
    return this._error;
  }

  get fields(): IRegisterFields {
    return this._fields;
  }

  /** The registration is under way. */
  get busy(): Promise<ModelVersion | null> | null {
    return this._busy;
  }

  /** The version that was made. */
  get made(): ModelVersion | null {
    return this._made;
  }

  /** The number that the version would get; null without a name. */
  get nextVersion(): string | null {
    const name = this._fields.name.trim();
    if (!name) {
      return null;
    }
    return this._offer?.names.find(known => known.name === name)?.next_version ?? '1';
  }

  get canSubmit(): boolean {
    return this._offer?.can === true && this._busy === null && this.nextVersion !== null;
  }

  /** Ask what registering would store; what was filled in stays. Never rejects. */
  async load(): Promise<void> {
    try {
      const offer = await models.offer(this.client, this.path, this.id);
      if (this._offer === null && !this._fields.name) {
        this._fields = { ...this._fields, name: offer.suggested_name };
      }
      this._offer = offer;
      this._error = null;
    } catch (error) {
      this._error = asError(error);
    }
    this._changed.emit();
  }

  fill(fields: Partial<IRegisterFields>): void {
    this._fields = { ...this._fields, ...fields };
    this._changed.emit();
  }

  /** Register; what is refused is the error, and the form stays as it was filled in. Never rejects. */
  submit(): Promise<ModelVersion | null> {
    if (!this.canSubmit) {
      return this._busy ?? Promise.resolve(null);
    }
    this._error = null;
    this._busy = this.register();
    this._changed.emit();
    return this._busy;
  }

  private async register(): Promise<ModelVersion | null> {
    const { name, alias, description } = this._fields;
    try {
      this._made = await models.register(this.client, this.path, this.id, {
        name: name.trim(),
        alias: alias.trim() || null,
        description
      });
    } catch (error) {
      this._error = asError(error);
    }
    this._busy = null;
    this._changed.emit();
    return this._made;
  }

  private _offer: RegisterOffer | null = null;
  private _error: Error | null = null;
  private _fields: IRegisterFields = { name: '', alias: '', description: '' };
  private _busy: Promise<ModelVersion | null> | null = null;
  private _made: ModelVersion | null = null;
  private readonly _changed = new Signal<RegisterModel, void>(this);
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
