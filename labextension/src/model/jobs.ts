import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import * as jobs from '../api/jobs';
import { ApiError, type IClient } from '../api/request';
import type { Job, RunRow } from '../api/wire';
import { type IPace, Watch } from './watch';

/** How far a reproduction has come; `lost`: the server was restarted and no longer knows about it. */
export type Phase = 'starting' | 'running' | 'cancelling' | 'done' | 'failed' | 'cancelled' | 'lost';

/** What is known of making one run again. */
export interface IReproduction {
  /** The run's id, as it was asked for. */
  readonly run: string;
  /** The run's name; empty where it is not known. */
  readonly name: string;
  /** Contents path that says which project is meant. */
  readonly path: string;
  readonly phase: Phase;
  /** As the server showed it last; null: it was not begun. */
  readonly job: Job | null;
  /** Why it failed; while it runs: why the server could not be asked. */
  readonly error: Error | null;
}

/** What names a run. */
export type NamedRun = Pick<RunRow, 'record_id' | 'run_id' | 'name'>;

/** Milliseconds between two looks: while the job has something new to say, and else. */
const PACE_OF_JOB: IPace = { quick: 500, slow: 2000 };

/**
 * Reproduces runs: one job for each run, for all panels that begin or show it.
 *
 * Jobs belong to the server: they go on while no panel shows them, and are found again after a reload. Each one
 * that runs is looked at until it ends; nothing is asked while none does.
 */
export class Reproductions implements IDisposable {
  constructor(private readonly client: IClient) {}

  /** What is known of a run's reproduction changed; says the run by the id it was asked for. */
  get changed(): ISignal<Reproductions, string> {
    return this._changed;
  }

  /** One that was begun or followed here has ended, or was refused. */
  get ended(): ISignal<Reproductions, IReproduction> {
    return this._ended;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._watches.forEach(watch => watch.dispose());
    this._watches.clear();
    Signal.clearData(this);
  }

  /** The last reproduction of a run; null: none is known. */
  of(run: Pick<NamedRun, 'record_id' | 'run_id'>): IReproduction | null {
    return this._known.get(run.record_id) ?? this._known.get(run.run_id ?? '') ?? null;
  }

  /** Look once for jobs of the project that were begun before: in another page, or before a reload. Never rejects. */
  async find(path: string): Promise<void> {
    if (this._asked.has(path)) {
      return;
    }
    this._asked.add(path);
    try {
      const found = await jobs.list(this.client, path);
      found.forEach(job => this._adopt(job, path));
    } catch {
      this._unanswered.add(path); // the list of runs says what is wrong
    }
  }

  /** The server half may be there again. */
  async retry(): Promise<void> {
    const paths = [...this._unanswered];
    this._unanswered.clear();
    paths.forEach(path => this._asked.delete(path));
    await Promise.all(paths.map(path => this.find(path)));
  }

  /** Make a run again, unless that is under way. Never rejects: what was refused is its error. */
  async start(run: NamedRun, path: string): Promise<void> {
    if (isUnderWay(this.of(run))) {
      return;
    }
    this.hide(run);
    const begun: IReproduction = {
      run: run.record_id,
      name: run.name,
      path,
      phase: 'starting',
      job: null,
      error: null
    };
    this._put(begun);
    try {
      const known = await jobs.list(this.client, path);
      const running = known.find(job => job.state === 'running' && isOf(job, run));
      const job = running ?? (await jobs.start(this.client, path, { kind: 'reproduce', run: run.record_id }));
      this._follow({ ...begun, phase: 'running', job });
    } catch (error) {
      this._end({ ...begun, phase: 'failed', error: asError(error) });
    }
  }

  /** Stop it. Never rejects. */
  async cancel(run: Pick<NamedRun, 'record_id' | 'run_id'>): Promise<void> {
    const known = this.of(run);
    if (known?.phase !== 'running' || known.job === null) {
      return;
    }
    this._put({ ...known, phase: 'cancelling', error: null });
    try {
      this._take(known.run, await jobs.cancel(this.client, known.path, known.job.job_id));
    } catch (error) {
      const now = this._known.get(known.run);
      if (now?.phase === 'cancelling') {
        this._put({ ...now, phase: 'running', error: asError(error) });
      }
    }
  }

  /** Hide the result. */
  hide(run: Pick<NamedRun, 'record_id' | 'run_id'>): void {
    const known = this.of(run);
    if (known !== null && !isUnderWay(known)) {
      this._known.delete(known.run);
      this._hidden.add(known.run);
      this._changed.emit(known.run);
    }
  }

  /** Of a job that somebody else began: what it does, or what came of it unless it was stopped. */
  private _adopt(job: Job, path: string): void {
    if (job.kind !== 'reproduce' || job.run === null || this._known.has(job.run)) {
      return;
    }
    if (job.state === 'cancelled' || (job.state !== 'running' && this._hidden.has(job.run))) {
      return;
    }
    const found = { run: job.run, name: '', path, phase: job.state, job, error: errorOf(job) };
    if (job.state === 'running') {
      this._follow(found);
    } else {
      this._put(found);
    }
  }

  private _follow(reproduction: IReproduction): void {
    if (this._isDisposed) {
      return;
    }
    const { run } = reproduction;
    const watch = new Watch(() => this._look(run), PACE_OF_JOB);
    this._watches.set(run, watch);
    this._put(reproduction);
    watch.isShown = true;
  }

  /** One look; says whether the job had something new to say. */
  private async _look(run: string): Promise<boolean> {
    const before = this._known.get(run);
    if (!before?.job || !isUnderWay(before)) {
      return false;
    }
    try {
      const job = await jobs.get(this.client, before.path, before.job.job_id);
      this._take(run, job);
      return last(job) !== last(before.job);
    } catch (error) {
      const now = this._known.get(run);
      if (this._isDisposed || !now || !isUnderWay(now)) {
        return false;
      }
      if (error instanceof ApiError && error.status === 404 && !error.isAbsent) {
        this._end({ ...now, phase: 'lost', error: null });
        return false;
      }
      this._put({ ...now, error: asError(error) });
      throw error;
    }
  }

  private _take(run: string, job: Job): void {
    const now = this._known.get(run);
    if (this._isDisposed || !now || !isUnderWay(now)) {
      return;
    }
    if (job.state !== 'running') {
      this._end({ ...now, phase: job.state, job, error: errorOf(job) });
    } else if (JSON.stringify(job) !== JSON.stringify(now.job) || now.error !== null) {
      this._put({ ...now, job, error: null });
    }
  }

  private _end(reproduction: IReproduction): void {
    this._watches.get(reproduction.run)?.dispose();
    this._watches.delete(reproduction.run);
    this._put(reproduction);
    this._ended.emit(reproduction);
  }

  private _put(reproduction: IReproduction): void {
    this._known.set(reproduction.run, reproduction);
    this._changed.emit(reproduction.run);
  }

  private readonly _known = new Map<string, IReproduction>();
  private readonly _watches = new Map<string, Watch>();
  private readonly _hidden = new Set<string>();
  private readonly _asked = new Set<string>();
  private readonly _unanswered = new Set<string>();
  private readonly _changed = new Signal<Reproductions, string>(this);
  private readonly _ended = new Signal<Reproductions, IReproduction>(this);
  private _isDisposed = false;
}

/** Whether something still happens. */
export function isUnderWay(reproduction: IReproduction | null): boolean {
  return reproduction !== null && ['starting', 'running', 'cancelling'].includes(reproduction.phase);
}

function isOf(job: Job, run: NamedRun): boolean {
  return job.kind === 'reproduce' && job.run !== null && [run.record_id, run.run_id].includes(job.run);
}

function errorOf(job: Job): Error | null {
  return job.error && new ApiError(0, job.error.code, job.error.message, job.error.next);
}

function last(job: Job): string | undefined {
  return job.progress[job.progress.length - 1];
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
