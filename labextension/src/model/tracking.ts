import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import type { ITracking, TrackingMode, TrackingState } from '../tokens';
import { askKernel, type IKernelState, type Switch } from './kernelstate';

/** Milliseconds without a running cell after which the kernel is asked again: not between the cells of "Run All". */
const QUIET = 300;

/** The remembered choices: of this user on this server, beside the layout, never in the notebook. */
const KEY = 'jupyter-bioml-tracking:';

/** Milliseconds that a kernel is busy before the server is asked what it does, and between two such questions. */
const BUSY = 1500;

/** What the server half knows of a notebook. */
export interface INotebookFacts {
  /** Every notebook of its project is to be tracked. */
  byDefault(path: string): Promise<boolean>;
  /** A kernel of the notebook writes into the project's journal now. */
  isLive(path: string): Promise<boolean>;
}

/** One notebook's kernel, kept in the mode that the notebook is to have. */
class Followed {
  state: TrackingState = 'unknown';
  detail: string | null = null;
  unsupported: string | null = null;
  /** Cells of this kernel that ran before it was switched on by hand and may have read something; 0: none, or not known. */
  untracked = 0;

  constructor(
    private readonly session: ISessionContext,
    private readonly trans: TranslationBundle,
    private readonly changed: () => void,
    /** The mode to keep; null: whatever the kernel does by itself. */
    public wanted: Switch | null,
    private readonly isLive: () => Promise<boolean>
  ) {
    session.kernelChanged.connect(this.attach, this);
    session.statusChanged.connect(this.onStatus, this);
    this.attach();
  }

  dispose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.busy);
    Signal.clearData(this);
  }

  /** Switch the kernel to the wanted mode as soon as it is idle. */
  async apply(): Promise<void> {
    this.due = true;
    this.say(this.state, null);
    await this.switchIdle();
  }

  /** A cell has ended: what it did may have changed the state. */
  look(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const kernel = this.session.session?.kernel;
      if (kernel?.status === 'idle' && this.unsupported === null) {
        void this.ask(kernel, null);
      }
    }, QUIET);
  }

  private attach(): void {
    const kernel = this.session.session?.kernel ?? null;
    this.forget();
    this.unsupported = null;
    this.say('unknown', null);
    if (kernel === null) {
      return;
    }
    this.goBefore(kernel);
    void kernel.spec.then(spec => {
      const language = spec?.language ?? 'python';
      if (language.toLowerCase() !== 'python') {
        this.unsupported = this.trans.__('Only Python kernels can be tracked; this one runs %1.', language);
        this.say('unknown', null);
      } else {
        void this.switchIdle();
      }
    });
  }

  private onStatus(_: ISessionContext, status: Kernel.Status): void {
    if (['starting', 'restarting', 'autorestarting', 'dead', 'terminating'].includes(status)) {
      this.forget();
      this.say('unknown', null);
    } else if (status === 'idle') {
      clearTimeout(this.busy);
      void this.switchIdle();
    } else if (status === 'busy') {
      this.wonder();
    }
  }

  /** Another kernel, or the same one from its start. */
  private forget(): void {
    this.due = true;
    this.untracked = 0;
    this.known = 0;
    this.knownUnseen = 0;
  }

  /** A busy kernel cannot be asked; a cell of its own may have loaded the extension. The journal says so. */
  private wonder(): void {
    clearTimeout(this.busy);
    this.busy = setTimeout(() => {
      const { session, state } = this;
      if (session.session?.kernel?.status !== 'busy' || (state !== 'off' && state !== 'unknown')) {
        return;
      }
      void this.isLive()
        .catch(() => false)
        .then(isLive => {
          if (session.session?.kernel?.status !== 'busy') {
            return;
          }
          if (isLive) {
            this.say('on', null);
          } else {
            this.wonder();
          }
        });
    }, BUSY);
  }

  /** The first cell after a start may be on its way before the kernel is idle ("Restart and Run All"). */
  private goBefore(kernel: Kernel.IKernelConnection): void {
    const request = kernel.requestExecute;
    kernel.requestExecute = (content, disposeOnDone, metadata) => {
      const cell = metadata?.cellId !== undefined;
      if (cell && this.due && this.wanted !== null && this.unsupported === null && kernel.status !== 'busy') {
        void this.ask(kernel, this.wanted);
      }
      return request.call(kernel, content, disposeOnDone, metadata);
    };
  }

  private async switchIdle(): Promise<void> {
    const kernel = this.session.session?.kernel;
    if (this.due && kernel?.status === 'idle' && this.unsupported === null) {
      await this.ask(kernel, this.wanted);
    }
  }

  private async ask(kernel: Kernel.IKernelConnection, mode: Switch | null): Promise<void> {
    this.due = false;
    const before = this.state;
    let found: IKernelState;
    try {
      found = await askKernel(kernel, mode);
    } catch {
      // the kernel was restarted or ended before it answered: it is asked again at its next start
      return;
    }
    if (kernel === this.session.session?.kernel) {
      this.count(before, found, mode);
      this.say(found.state, this.wording(found));
    }
  }

  /**
   * How many cells ran before the kernel was switched on, and since it was switched off: those that may have read
   * something, where the kernel knows, else all.
   */
  private count(before: TrackingState, found: IKernelState, mode: Switch | null): void {
    const isOn = found.state !== 'off' && found.state !== 'unknown';
    if (mode !== null && isOn && before === 'off') {
      const ran = Math.max(0, found.ran - this.known);
      this.untracked =
        found.unseen === null ? ran : Math.min(ran, Math.max(0, found.unseen - this.knownUnseen));
    } else if (!isOn && before !== 'off' && before !== 'unknown') {
      [this.known, this.knownUnseen, this.untracked] = [found.ran, found.unseen ?? 0, 0];
    }
  }

  private wording(found: IKernelState): string | null {
    if (found.missing) {
      const python = found.python ?? 'python';
      return this.trans.__(
        'jupyter-bioml is not installed in the environment of this kernel. Install it there: %1 -m pip install jupyter-bioml',
        python.includes(' ') ? `"${python}"` : python
      );
    }
    return found.trouble;
  }

  private say(state: TrackingState, detail: string | null): void {
    if (state !== this.state || detail !== this.detail || this.unsupported !== null) {
      this.state = state;
      this.detail = detail;
      this.changed();
    }
  }

  private due = true;
  /** Cells that had run when the kernel was switched off. */
  private known = 0;
  /** Those of them that ran untracked and may have read something. */
  private knownUnseen = 0;
  private busy: ReturnType<typeof setTimeout> | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
}

/** Keeps the kernels of notebooks in the mode that their notebooks are to have. */
export class Tracking implements ITracking {
  constructor(
    private readonly memory: IStateDB | null,
    private readonly trans: TranslationBundle,
    private readonly facts: INotebookFacts
  ) {}

  get changed(): ISignal<ITracking, NotebookPanel> {
    return this._changed;
  }

  state(panel: NotebookPanel): TrackingState {
    return this.followed.get(panel)?.state ?? 'unknown';
  }

  detail(panel: NotebookPanel): string | null {
    return this.followed.get(panel)?.detail ?? null;
  }

  unsupported(panel: NotebookPanel): string | null {
    return this.followed.get(panel)?.unsupported ?? null;
  }

  untracked(panel: NotebookPanel): number {
    return this.followed.get(panel)?.untracked ?? 0;
  }

  /** Whether every notebook of the project is tracked was decided: follow it where the notebook has no mode of its own. */
  async projectChanged(panel: NotebookPanel): Promise<void> {
    const followed = this.followed.get(panel);
    if (followed === undefined || (followed.wanted !== null && followed.wanted !== 'project')) {
      return;
    }
    followed.wanted = (await this.isDefault(panel.context.path)) ? 'project' : null;
    if (followed.wanted !== null && followed.unsupported === null) {
      await followed.apply();
    }
  }

  async set(panel: NotebookPanel, mode: TrackingMode): Promise<void> {
    const followed = this.followed.get(panel);
    if (followed === undefined || followed.unsupported !== null) {
      return;
    }
    followed.wanted = mode;
    await this.memory?.save(KEY + panel.context.path, mode);
    await followed.apply();
  }

  /** Follow a notebook until it is closed. */
  async follow(panel: NotebookPanel): Promise<void> {
    let path = panel.context.path;
    const remembered = await this.memory?.fetch(KEY + path).catch(() => undefined);
    const own = isMode(remembered) ? remembered : null;
    const wanted = own ?? ((await this.isDefault(path)) ? 'project' : null);
    if (panel.isDisposed || this.followed.has(panel)) {
      return;
    }
    const followed = new Followed(
      panel.sessionContext,
      this.trans,
      () => this._changed.emit(panel),
      wanted,
      () => this.facts.isLive(panel.context.path)
    );
    this.followed.set(panel, followed);
    panel.disposed.connect(() => followed.dispose());
    panel.context.pathChanged.connect((_, next) => {
      const [old, mode] = [path, followed.wanted];
      path = next;
      if (isMode(mode) && old !== next) {
        void this.memory?.remove(KEY + old);
        void this.memory?.save(KEY + next, mode);
      }
    });
    this._changed.emit(panel);
  }

  /** A cell of the notebook has ended. */
  executed(panel: NotebookPanel): void {
    this.followed.get(panel)?.look();
  }

  private isDefault(path: string): Promise<boolean> {
    return this.facts.byDefault(path).catch(() => false);
  }

  private readonly followed = new WeakMap<NotebookPanel, Followed>();
  private readonly _changed = new Signal<ITracking, NotebookPanel>(this);
}

function isMode(value: unknown): value is TrackingMode {
  return value === 'off' || value === 'on' || value === 'auto';
}
