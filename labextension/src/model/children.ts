import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import * as runs from '../api/runs';
import type { Best, RunPage, RunRow } from '../api/wire';
import { formatExact, formatNumber, printable } from './format';
import { own } from './own';
import { keyMetric } from './runview';

/** Runs that are read at first, and with each request for more. */
export const PAGE = 100;
/** The most that the server gives at once. */
const MOST = 500;

/** The runs in one run (of a sweep, of folds), the best first, read page by page; what was read is kept while it is read again. */
export class Children {
  /** @param path - contents path that says which project is meant. */
  constructor(
    private readonly client: IClient,
    private readonly path: string,
    /** Record id of the run that they are in. */
    private readonly parent: () => string
  ) {}

  /** Something was read, or could not be. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get rows(): readonly RunRow[] {
    return this._rows;
  }

  /** How many there are; null before they were read. */
  get total(): number | null {
    return this._page?.total ?? null;
  }

  /** How many the next request reads. */
  get next(): number {
    return Math.min(PAGE, Math.max(0, (this.total ?? PAGE) - this._rows.length));
  }

  get metricKeys(): readonly string[] {
    return this._page?.metric_keys ?? [];
  }

  /** The metric that they are sorted by: the one asked for where they have it; empty where they have none. */
  get metric(): string {
    return keyMetric(this._wanted, this.metricKeys);
  }

  get best(): Best | undefined {
    return own(this._page?.best, this.metric);
  }

  get error(): Error | null {
    return this._error;
  }

  /** Some that were asked for are not there yet; another look at those that are is not counted. */
  get isReading(): boolean {
    return this._reading > 0;
  }

  /** Some of what was read still changes. */
  get isMoving(): boolean {
    return this._rows.some(row => row.state === 'RUNNING');
  }

  /** Sort by another metric; what was read is shown until the answer is there. */
  sortBy(metric: string): void {
    if (metric !== this._wanted) {
      this._wanted = metric;
      if (this._page !== null) {
        void this.look();
      }
    }
  }

  /** Read those that were read before again, at first the first page. Never rejects. */
  async look(): Promise<void> {
    const isQuiet = this._page !== null && this._error === null;
    await this._try(isQuiet, async () => {
      const page = await this._first();
      const rows = [...page.rows];
      const count = Math.min(this._rows.length, page.total);
      while (rows.length < count) {
        const more = await this._read(rows.length, Math.min(MOST, count - rows.length));
        if (more.rows.length === 0) {
          break;
        }
        rows.push(...more.rows);
      }
      return { page, rows };
    });
  }

  /** Read the next page. Never rejects. */
  async more(): Promise<void> {
    if (this._page === null || this.isReading) {
      return this._page === null ? this.look() : undefined;
    }
    await this._try(false, async () => {
      const page = await this._read(this._rows.length, PAGE);
      const known = new Set(this._rows.map(row => row.record_id));
      return { page, rows: [...this._rows, ...page.rows.filter(row => !known.has(row.record_id))] };
    });
  }

  /** Exchange rows that are known by what they are now. */
  update(rows: readonly RunRow[]): void {
    const now = new Map(rows.map(row => [row.record_id, row]));
    this._rows = this._rows.map(row => now.get(row.record_id) ?? row);
  }

  remove(id: string): void {
    const left = this._rows.filter(row => row.record_id !== id);
    if (this._page !== null && left.length < this._rows.length) {
      this._page = { ...this._page, total: this._page.total - 1 };
    }
    this._rows = left;
  }

  /** Nothing is signalled from now on. */
  dispose(): void {
    this._turn += 1;
    Signal.clearData(this);
  }

  /** The first page, by a metric that they have, the best first: whether that is the smallest shows in the answer. */
  private async _first(): Promise<RunPage> {
    this._order = 'desc';
    this._sort = this._wanted;
    let page = await this._read(0, PAGE);
    const metric = keyMetric(this._wanted, page.metric_keys);
    if (metric !== this._sort) {
      this._sort = metric;
      page = await this._read(0, PAGE);
    }
    const best = own(page.best, metric);
    const isLess =
      best !== undefined &&
      page.rows.some(row => row.state === 'FINISHED' && (own(row.metrics, metric) ?? -Infinity) > best.value);
    if (isLess) {
      this._order = 'asc';
      page = await this._read(0, PAGE);
    }
    return page;
  }

  private _read(offset: number, limit: number): Promise<RunPage> {
    const byMetric = this._sort !== '';
    return runs.list(this.client, this.path, {
      scope: 'project',
      parent: this.parent(),
      metric: byMetric ? this._sort : undefined,
      sort: byMetric ? 'metric' : 'started',
      order: byMetric ? this._order : 'asc',
      offset,
      limit
    });
  }

  /** Only the reading that was begun last counts. */
  private async _try(
    isQuiet: boolean,
    read: () => Promise<{ page: RunPage; rows: RunRow[] }>
  ): Promise<void> {
    const turn = ++this._turn;
    if (!isQuiet) {
      this._reading += 1;
      this._changed.emit();
    }
    let found: { page: RunPage; rows: RunRow[] } | null = null;
    let error: Error | null = null;
    try {
      found = await read();
    } catch (reason) {
      error = reason instanceof Error ? reason : new Error(String(reason));
    }
    this._reading -= isQuiet ? 0 : 1;
    if (turn === this._turn) {
      this._error = error;
      if (found !== null) {
        this._page = found.page;
        this._rows = found.rows;
      }
      this._changed.emit();
    }
  }

  private _wanted = '';
  private _sort = '';
  private _order: 'asc' | 'desc' = 'desc';
  private _page: RunPage | null = null;
  private _rows: readonly RunRow[] = [];
  private _error: Error | null = null;
  private _reading = 0;
  private _turn = 0;
  private _changed = new Signal<this, void>(this);
}

/** Keys of the parameters that are not the same in all of these runs, in the order in which they are first seen. */
export function differing(rows: readonly RunRow[]): string[] {
  const keys = new Set(rows.flatMap(row => Object.keys(row.params)));
  return [...keys].filter(key => {
    const first = own(rows[0]?.params, key);
    return rows.some(row => own(row.params, key) !== first);
  });
}

/** Characters of a parameter's name or value on a line. */
const SHOWN = 24;

/** `depth 3 · rate 0.1`: what of these parameters a run has. @param exact - with full values. */
export function paramsText(row: RunRow, keys: readonly string[], exact = false): string {
  const text = exact ? formatExact : formatNumber;
  return keys.map(key => `${cut(key)} ${cut(text(own(row.params, key)))}`).join(' · ');
}

function cut(text: string): string {
  const shown = printable(text.slice(0, 4 * SHOWN));
  return shown.length > SHOWN ? `${shown.slice(0, SHOWN - 1)}…` : shown;
}
