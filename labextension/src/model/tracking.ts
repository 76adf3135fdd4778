import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import type { ITracking, TrackingMode, TrackingState } from '../tokens';
import { askKernel, type IKernelState } from './kernelstate';

/** Milliseconds without a running cell after which the kernel is asked again: not between the cells of "Run All". */
const QUIET = 300;

/** The remembered choices: of this user on this server, beside the layout, never in the notebook. */
const KEY = 'jupyter-bioml-tracking:';

/** One notebook's kernel, kept in the mode that the notebook is to have. */
class Followed {
  state: TrackingState = 'unknown';
  detail: string | null = null;
  unsupported: string | null = null;

  constructor(
    private readonly session: ISessionContext,
    private readonly trans: TranslationBundle,
    private readonly changed: () => void,
    /** The mode to keep; null: whatever the kernel does by itself. */
    public wanted: TrackingMode | null
  ) {
    session.kernelChanged.connect(this.attach, this);
    session.statusChanged.connect(this.onStatus, this);
    this.attach();
  }

  dispose(): void {
    clearTimeout(this.timer);
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
    this.due = true;
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
      this.due = true;
      this.say('unknown', null);
    } else if (status === 'idle') {
      void this.switchIdle();
    }
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

  private async ask(kernel: Kernel.IKernelConnection, mode: TrackingMode | null): Promise<void> {
    this.due = false;
    let found: IKernelState;
    try {
      found = await askKernel(kernel, mode);
    } catch {
      // the kernel was restarted or ended before it answered: it is asked again at its next start
      return;
    }
    if (kernel === this.session.session?.kernel) {
      this.say(found.state, this.wording(found));
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
  private timer: ReturnType<typeof setTimeout> | undefined;
}

/** Keeps the kernels of notebooks in the mode that their notebooks are to have. */
export class Tracking implements ITracking {
  constructor(
    private readonly memory: IStateDB | null,
    private readonly trans: TranslationBundle
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
    if (panel.isDisposed || this.followed.has(panel)) {
      return;
    }
    const followed = new Followed(
      panel.sessionContext,
      this.trans,
      () => this._changed.emit(panel),
      isMode(remembered) ? remembered : null
    );
    this.followed.set(panel, followed);
    panel.disposed.connect(() => followed.dispose());
    panel.context.pathChanged.connect((_, next) => {
      const [old, mode] = [path, followed.wanted];
      path = next;
      if (mode !== null && old !== next) {
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

  private readonly followed = new WeakMap<NotebookPanel, Followed>();
  private readonly _changed = new Signal<ITracking, NotebookPanel>(this);
}

function isMode(value: unknown): value is TrackingMode {
  return value === 'off' || value === 'on' || value === 'auto';
}
