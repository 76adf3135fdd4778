/**
 * One part of a page that is read from the server when it is first needed, and again on request.
 *
 * A failed reading keeps what was read before.
 */
export class Part<T> {
  /** @param changed - called whenever a reading ended. */
  constructor(
    private readonly read: () => Promise<T>,
    private readonly changed: () => void
  ) {}

  get value(): T | null {
    return this._value;
  }

  get error(): Error | null {
    return this._error;
  }

  /** It was asked for: looks at the page's state refresh it. */
  get wanted(): boolean {
    return this._wanted;
  }

  /** Read unless it was read before without an error. */
  async need(): Promise<void> {
    if (!this._wanted || this._error !== null) {
      await this.load();
    }
  }

  /** Read now; only the reading that was asked for last counts. Never rejects. */
  async load(): Promise<void> {
    this._wanted = true;
    const turn = ++this._turn;
    try {
      const value = await this.read();
      if (this._turn === turn) {
        this._value = value;
        this._error = null;
      }
    } catch (error) {
      if (this._turn === turn) {
        this._error = error instanceof Error ? error : new Error(String(error));
      }
    }
    if (this._turn === turn) {
      this.changed();
    }
  }

  /** Nothing is signalled from now on. */
  dispose(): void {
    this._turn += 1;
  }

  private _value: T | null = null;
  private _error: Error | null = null;
  private _wanted = false;
  private _turn = 0;
}
