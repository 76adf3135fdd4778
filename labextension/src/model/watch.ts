import { Poll } from '@lumino/polling';
import type { IDisposable } from '@lumino/disposable';

/** How often is looked while something happens, and while nothing does; milliseconds. */
export interface IPace {
  quick: number;
  slow: number;
}

/** Once a second while something runs. */
export const PACE: IPace = { quick: 1000, slow: 5000 };
/** The longest pause between two looks that fail. */
const LONGEST = 60_000;
/** A look soon after something happened sees what the first look was too early for. */
const AFTER = 250;

/**
 * Looks again and again: quickly while something happens, slowly else, ever more slowly while it fails,
 * and not at all while nobody sees it.
 */
export class Watch implements IDisposable {
  /** @param look - one look; says whether something happens now, rejects where it failed. */
  constructor(
    private readonly look: () => Promise<boolean>,
    private readonly pace: IPace = PACE
  ) {
    this._poll = new Poll<void, unknown>({
      auto: false,
      factory: () => this.now(),
      frequency: { interval: pace.slow, backoff: true, max: LONGEST },
      standby: () => (this._isShown ? 'when-hidden' : true)
    });
  }

  /** Whether anybody sees it; looks at once when that begins. */
  get isShown(): boolean {
    return this._isShown;
  }
  set isShown(value: boolean) {
    if (value === this._isShown) {
      return;
    }
    this._isShown = value;
    if (value) {
      this.soon();
    }
  }

  get isDisposed(): boolean {
    return this._poll.isDisposed;
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._poll.dispose();
  }

  /** Something happened: look now, and once more a moment later. */
  soon(): void {
    if (!this._isShown || this.isDisposed) {
      return;
    }
    this._refresh();
    clearTimeout(this._timer);
    this._timer = setTimeout(() => this._refresh(), AFTER);
  }

  /** Look now; while a look is under way, look again after it. */
  async now(): Promise<void> {
    if (this._looking) {
      this._again = true;
      return this._looking;
    }
    this._looking = this._run();
    try {
      await this._looking;
    } finally {
      this._looking = null;
    }
  }

  private _refresh(): void {
    if (this._looking) {
      this._again = true;
    } else {
      void this._poll.refresh();
    }
  }

  private async _run(): Promise<void> {
    do {
      this._again = false;
      const happens = await this.look();
      if (!this.isDisposed) {
        const interval = happens ? this.pace.quick : this.pace.slow;
        this._poll.frequency = { interval, backoff: true, max: LONGEST };
      }
    } while (this._again && !this.isDisposed);
  }

  private readonly _poll: Poll<void, unknown>;
  private _isShown = false;
  private _looking: Promise<void> | null = null;
  private _again = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
}
