import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Poll, Throttler } from '@lumino/polling';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { RunDetail, RunPage, RunRow } from '../api/wire';

/** Runs read at first, and of them those that are looked at again: what still changes is new. */
const MOST = 2000;
const PAGE = 500;
const NEWEST = 50;

/** Milliseconds between two looks: while a run runs, while one waits to be published, else. */
const WHILE_RUNNING = 1000;
const WHILE_WAITING = 3000;
const OTHERWISE = 60_000;
const LONGEST = 300_000;

/** Milliseconds in which several changes are one: "Run All" ends many cells. */
const TOGETHER = 250;

/** What is said of a run in no list that has ended and is in MLflow: it changes no more. */
const SETTLED = 'settled';

/** Details asked for at the same time. */
const AT_ONCE = 2;

/** The runs of one notebook, read once for all of its badges and cards, and followed while somebody looks. */
export class NotebookRuns implements IDisposable {
  constructor(
    private readonly client: IClient,
    /** Contents path of the notebook. */
    readonly path: string
  ) {
    this.poll = new Poll({
      auto: false,
      factory: async () => {
        try {
          this.failed = true;
          await this.look();
          this.failed = false;
        } finally {
          this._ready = true;
          this._changed.emit();
        }
      },
      frequency: { interval: OTHERWISE, backoff: true, max: LONGEST },
      name: 'jupyter-bioml:notebook-runs',
      standby: () => this.holders === 0 || 'when-hidden'
    });
  }

  /** A row or a detail changed. */
  get changed(): ISignal<NotebookRuns, void> {
    return this._changed;
  }

  /** It was tried at least once to read the runs. */
  get ready(): boolean {
    return this._ready;
  }

  /** The run of a record id; undefined: not one of this notebook's last 2,000. */
  row(record: string): RunRow | undefined {
    return this.rows.get(record);
  }

  /** The newest run of each cell, by cell id. */
  get latest(): ReadonlyMap<string, RunRow> {
    return this._latest;
  }

  /** What was last read of a run; undefined: nothing yet, or it could not be. */
  detail(record: string): RunDetail | undefined {
    return this.details.get(record);
  }

  get isDisposed(): boolean {
    return this.poll.isDisposed;
  }

  /** Somebody looks at runs of this notebook until the answer is disposed. */
  hold(): IDisposable {
    this.holders += 1;
    if (this.holders === 1) {
      void this.poll.start();
      void this.poll.refresh();
    }
    return new DisposableDelegate(() => {
      this.holders -= 1;
    });
  }

  /** Something changed: look now. @param whole - runs may also have gone, or old ones may be others. */
  refresh(whole = false): void {
    this.whole ||= whole;
    void this.soon.invoke();
  }

  /** The server half may be there again. */
  retry(): void {
    if (this.failed) {
      this.refresh(true);
    }
  }

  /** Read a run's detail unless what was read still holds. */
  need(record: string): void {
    const row = this.rows.get(record);
    const stamp = row ? stampOf(row) : this.stampOfPart(record);
    if (this.wanted.get(record) !== stamp) {
      this.wanted.set(record, stamp);
      this.queue.push(record);
      void this.work();
    }
  }

  dispose(): void {
    this.poll.dispose();
    this.soon.dispose();
    this.queue.length = 0;
    Signal.clearData(this);
  }

  /** A cell that joined a run is in no list: it is read again with each look until it has ended and is in MLflow. */
  private stampOfPart(record: string): string {
    const known = this.details.get(record)?.row;
    return known && known.state !== 'RUNNING' && known.published ? SETTLED : `look ${this.looks}`;
  }

  private waitsForParts(): boolean {
    const parts = [...this.details.keys()].filter(record => !this.rows.has(record));
    return parts.some(record => this.stampOfPart(record) !== SETTLED);
  }

  /** One look: everything at first, later the newest. Rejects when nothing was read, so that the poll backs off. */
  private async look(): Promise<void> {
    const whole = this.whole;
    this.looks += 1;
    const first = await this.page(0, whole ? PAGE : NEWEST);
    const rows = [...first.rows];
    while (whole && rows.length < Math.min(first.total, MOST)) {
      const more = await this.page(rows.length, PAGE);
      if (more.rows.length === 0) {
        break;
      }
      rows.push(...more.rows);
    }
    if (this.isDisposed) {
      return;
    }
    if (whole) {
      this.rows.clear();
      // a registration or a verdict changes a detail, but not its row
      this.wanted.clear();
      // what MLflow has is still being read: the next look is at everything again
      this.whole = first.loading;
    }
    rows.forEach(row => this.rows.set(row.record_id, row));
    this.order();
    const soonest = this.waitsForParts() ? WHILE_WAITING : OTHERWISE;
    const interval = first.loading ? WHILE_RUNNING : Math.min(pace(rows), soonest);
    this.poll.frequency = { ...this.poll.frequency, interval };
  }

  private page(offset: number, limit: number): Promise<RunPage> {
    return runs.list(this.client, this.path, { scope: 'notebook', archived: true, offset, limit });
  }

  private order(): void {
    this._latest.clear();
    for (const row of this.rows.values()) {
      const known = row.cell_id === null ? undefined : this._latest.get(row.cell_id);
      if (row.cell_id !== null && (known?.started ?? -Infinity) <= (row.started ?? 0)) {
        this._latest.set(row.cell_id, row);
      }
    }
  }

  private async work(): Promise<void> {
    if (this.working >= AT_ONCE) {
      return;
    }
    this.working += 1;
    for (let record = this.queue.shift(); record !== undefined; record = this.queue.shift()) {
      try {
        this.details.set(record, await runs.detail(this.client, this.path, record));
      } catch {
        // the card shows what the notebook holds; it is asked again when the run's row changes
      }
      if (!this.isDisposed) {
        this._changed.emit();
      }
    }
    this.working -= 1;
  }

  private readonly rows = new Map<string, RunRow>();
  private readonly _latest = new Map<string, RunRow>();
  private readonly details = new Map<string, RunDetail>();
  private readonly wanted = new Map<string, string>();
  private readonly queue: string[] = [];
  private readonly poll: Poll;
  private readonly soon = new Throttler(
    () => {
      if (this.holders > 0 && !this.isDisposed) {
        void this.poll.refresh();
      }
    },
    { limit: TOGETHER, edge: 'trailing' }
  );
  private readonly _changed = new Signal<NotebookRuns, void>(this);
  private holders = 0;
  private looks = 0;
  private working = 0;
  private whole = true;
  private _ready = false;
  private failed = false;
}

/** The runs of all notebooks that are looked at, by their paths. */
export class RunsOfNotebooks {
  /** @param bioml - tells when runs were touched, and when the server half may be back. */
  constructor(
    private readonly bioml: {
      client: IClient;
      touched: ISignal<unknown, void>;
      changed: ISignal<unknown, void>;
    }
  ) {
    bioml.touched.connect(() => this.known.forEach(one => one.refresh(true)));
    bioml.changed.connect(() => this.known.forEach(one => one.retry()));
  }

  of(path: string): NotebookRuns {
    const known = this.known.get(path) ?? new NotebookRuns(this.bioml.client, path);
    this.known.set(path, known);
    return known;
  }

  private readonly known = new Map<string, NotebookRuns>();
}

/** What of a row makes its detail another one. */
function stampOf(row: RunRow): string {
  return JSON.stringify([row.state, row.published, row.name, row.verdict, row.metrics, row.has_model]);
}

/** How soon to look again. */
function pace(rows: readonly RunRow[]): number {
  if (rows.some(row => row.state === 'RUNNING')) {
    return WHILE_RUNNING;
  }
  return rows.some(row => !row.published) ? WHILE_WAITING : OTHERWISE;
}
