import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';

/** Something that can be added to a place of the front end: a section, a tab, a command. */
export interface IEntry {
  /** Unique in its registry. */
  readonly id: string;
  /** Its place: lower comes first; entries of one rank stand in the order in which they were added. */
  readonly rank: number;
}

/** The entries of one place, in the order of their ranks; any plugin may add one. */
export interface IRegistry<T extends IEntry> {
  readonly entries: readonly T[];
  /** An entry was added or taken away. */
  readonly changed: ISignal<IRegistry<T>, void>;
  /** @returns the entry with this id; undefined where there is none. */
  get(id: string): T | undefined;
  /** @returns what takes it away again. Throws where its id is taken. */
  add(entry: T): IDisposable;
}

export class Registry<T extends IEntry> implements IRegistry<T> {
  constructor(entries: readonly T[] = []) {
    entries.forEach(entry => this.add(entry));
  }

  get entries(): readonly T[] {
    return this._entries;
  }

  get changed(): ISignal<IRegistry<T>, void> {
    return this._changed;
  }

  get(id: string): T | undefined {
    return this._entries.find(entry => entry.id === id);
  }

  add(entry: T): IDisposable {
    if (this.get(entry.id) !== undefined) {
      throw new Error(`An entry with the id "${entry.id}" was added before.`);
    }
    const after = this._entries.findIndex(other => other.rank > entry.rank);
    const index = after === -1 ? this._entries.length : after;
    this._entries = [...this._entries.slice(0, index), entry, ...this._entries.slice(index)];
    this._changed.emit();
    return new DisposableDelegate(() => {
      this._entries = this._entries.filter(other => other !== entry);
      this._changed.emit();
    });
  }

  private _entries: readonly T[] = [];
  private _changed = new Signal<IRegistry<T>, void>(this);
}
