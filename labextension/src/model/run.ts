import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { IClient } from '../api/request';
import * as modelsApi from '../api/models';
import * as runs from '../api/runs';
import type {
  Comparison,
  FileEntry,
  RunOutput,
  RegisterOffer,
  RunResources,
  RunDetail,
  RunPage,
  SeriesSet
} from '../api/wire';
import { Children } from './children';
import { Part } from './part';
import { IPace, Watch } from './watch';

/** What a tab of the page has to have read, by the tab's id. */
export type PartsOfTab = (tab: string, model: RunModel) => readonly Part<unknown>[];

/** Milliseconds between two looks, while a run runs and afterwards. */
const PACE_OF_PAGE: IPace = { quick: 2000, slow: 30_000 };

/** One run: each part is read when its tab is first opened, and followed while the run runs. */
export class RunModel implements IDisposable {
  constructor(
    readonly client: IClient,
    readonly id: string,
    readonly path: string,
    private readonly partsOf: PartsOfTab
  ) {
    const changed = (): void => this._changed.emit();
    this.detail = new Part(() => runs.detail(client, path, id), changed);
    this.series = new Part(async () => {
      const hasSeries = (this.detail.value?.series_keys ?? []).length > 0;
      return hasSeries ? runs.series(client, path, id) : { series: {}, truncated: false };
    }, changed);
    this.resources = new Part(() => runs.resources(client, path, id), changed);
    this.outputs = new Part(() => runs.outputs(client, path, id), changed);
    this.files = new Part(() => runs.files(client, path, id), changed);
    this.group = new Part(
      () => runs.list(client, path, { scope: 'project', name: this.detail.value?.row.name, limit: 1 }),
      changed
    );
    this.offer = new Part(() => modelsApi.offer(client, path, id), changed);
    this.diff = new Part(async () => {
      const previous = this.detail.value?.previous;
      return previous ? runs.compare(client, path, [previous.record_id, id]) : null;
    }, changed);
    this.children = new Children(client, path, () => this.detail.value?.row.record_id ?? id);
    this.children.changed.connect(changed);
    this.watch = new Watch(() => this.look(), PACE_OF_PAGE);
  }

  /** Looks at the run while its page is seen. */
  readonly watch: Watch;
  readonly detail: Part<RunDetail>;
  readonly series: Part<SeriesSet>;
  readonly resources: Part<RunResources>;
  readonly outputs: Part<RunOutput[]>;
  readonly files: Part<FileEntry[]>;
  /** The project's runs of the same name: which value of each metric is best. */
  readonly group: Part<RunPage>;
  /** Asked only of a run with a model. */
  readonly offer: Part<RegisterOffer>;
  /** The previous run of the name and this one; null without a previous one. */
  readonly diff: Part<Comparison | null>;
  /** The runs in this one; read only when they are asked for. */
  readonly children: Children;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get tab(): string {
    return this._tab;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Show a tab, and read what it needs. */
  async open(tab: string): Promise<void> {
    this._tab = tab;
    this._changed.emit();
    if (this.detail.value !== null) {
      await Promise.all(this.needs(tab).map(part => part.need()));
    }
  }

  /** A part that a tab adds: made on the first call with its name, then read and followed as the page's own are. */
  part<T>(name: string, read: () => Promise<T>): Part<T> {
    const known = this._added.get(name) as Part<T> | undefined;
    const part = known ?? new Part<T>(read, () => this._changed.emit());
    this._added.set(name, part);
    return part;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.watch.dispose();
    this.children.dispose();
    for (const part of this.parts()) {
      part.dispose();
    }
    Signal.clearData(this);
  }

  /**
   * One look: the run, and of the parts that were read those that still change.
   *
   * Says whether it runs; rejects when it was not read.
   */
  private async look(): Promise<boolean> {
    const before = this.detail.value?.row;
    await this.detail.load();
    if (this._isDisposed) {
      return false;
    }
    if (this.detail.error) {
      throw this.detail.error;
    }
    const row = this.detail.value?.row;
    const running = row?.state === 'RUNNING';
    const moved = running || before?.state !== row?.state || before?.published !== row?.published;
    const again = this.parts().filter(
      part => part !== this.detail && part.wanted && (moved || part === this.group || part.error !== null)
    );
    const first = this.needs(this._tab).filter(part => !part.wanted);
    await Promise.all([...again.map(part => part.load()), ...first.map(part => part.need())]);
    return running;
  }

  private needs(tab: string): Part<unknown>[] {
    return [...(this.detail.value?.row.has_model ? [this.offer] : []), ...this.partsOf(tab, this)];
  }

  private parts(): Part<unknown>[] {
    return [
      this.detail,
      this.series,
      this.resources,
      this.outputs,
      this.files,
      this.group,
      this.offer,
      this.diff,
      ...this._added.values()
    ];
  }

  private _changed = new Signal<this, void>(this);
  private _tab = 'overview';
  private _added = new Map<string, Part<unknown>>();
  private _isDisposed = false;
}
