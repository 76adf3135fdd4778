import type { IClient, QueryValue } from './request';
import type {
  Comparison,
  CompareRequest,
  Deleted,
  Experiment,
  FileEntry,
  LoadCode,
  RunOutput,
  RunResources,
  RunDetail,
  RunPage,
  RunPatch,
  RunRow,
  SeriesSet
} from './wire';

/** Which runs, in which order, and which part of them. What is not given is the server's default. */
export interface IRunQuery {
  scope?: 'notebook' | 'project' | 'experiment';
  /** With scope `experiment`: its name. */
  experiment?: string;
  /** Text in name, note, tags or parameters. */
  q?: string;
  /** `key` or `key=value`; all must match. */
  tag?: readonly string[];
  /** Any of these. */
  state?: readonly RunRow['state'][];
  metric?: string;
  min?: number;
  max?: number;
  /** A filter as people write it: `auc > 0.9 and params.depth = 7`. */
  where?: string;
  /** Only the runs that have one value of this column; which, says `value`: the key of a group. */
  group?: string;
  value?: string;
  sort?: 'started' | 'name' | 'duration' | 'metric' | 'column';
  /** With the sort `column`: which, as it is written in a filter. */
  column?: string;
  order?: 'asc' | 'desc';
  offset?: number;
  /** At most 500. */
  limit?: number;
  archived?: boolean;
  starred?: boolean;
  /** The exact name: one group. */
  name?: string;
  reproductions?: boolean;
  /** Record id of a run: the runs in it, which other lists fold into it. */
  parent?: string;
  /** Runs in other runs are listed beside them. */
  flat?: boolean;
}

/** One page of the runs of `path`'s notebook or project. */
export function list(
  client: IClient,
  path: string,
  query: IRunQuery = {},
  signal?: AbortSignal
): Promise<RunPage> {
  return client.json(['runs'], { query: words(path, query), signal });
}

/** A choice of runs in the words of an address. */
export function words(path: string, query: IRunQuery): Record<string, QueryValue> {
  const { state, archived, starred, reproductions, flat, ...rest } = query;
  return {
    path,
    ...rest,
    state: state?.length ? state.join(',') : undefined,
    archived: flag(archived),
    starred: flag(starred),
    reproductions: flag(reproductions),
    flat: flag(flat)
  };
}

/** The experiments that hold runs of the project. */
export function experiments(client: IClient, path: string): Promise<Experiment[]> {
  return client.json(['experiments'], { query: { path } });
}

/** One run and what is known around it. @param id - run id, record id, or a unique beginning of one. */
export function detail(client: IClient, path: string, id: string): Promise<RunDetail> {
  return client.json(['runs', id], { query: { path } });
}

/** Metrics over their steps, thinned to `limit` points each; no keys: every one that has more than one value. */
export function series(
  client: IClient,
  path: string,
  id: string,
  keys: readonly string[] = [],
  limit = 2000
): Promise<SeriesSet> {
  return client.json(['runs', id, 'series'], { query: { path, key: keys, limit } });
}

/** What the run used over its time. */
export function resources(client: IClient, path: string, id: string): Promise<RunResources> {
  return client.json(['runs', id, 'resources'], { query: { path } });
}

/** The files kept with the run. */
export function files(client: IClient, path: string, id: string): Promise<FileEntry[]> {
  return client.json(['runs', id, 'files'], { query: { path } });
}

/** Python that loads what the run made and read. */
export function loadCode(client: IClient, path: string, id: string): Promise<LoadCode[]> {
  return client.json(['runs', id, 'code'], { query: { path } });
}

/** The content of one of its files. */
export function fileBytes(client: IClient, path: string, id: string, file: string): Promise<ArrayBuffer> {
  return client.bytes(['runs', id, 'files', ...file.split('/')], { path });
}

/** Where one of its files can be downloaded. */
export function fileUrl(client: IClient, path: string, id: string, file: string): string {
  return client.url(['runs', id, 'files', ...file.split('/')], { path });
}

/** What the cell printed and displayed, in order. */
export function outputs(client: IClient, path: string, id: string): Promise<RunOutput[]> {
  return client.json(['runs', id, 'outputs'], { query: { path } });
}

/** Where the run can be downloaded as one file. */
export function exportUrl(client: IClient, path: string, id: string): string {
  return client.url(['runs', id, 'export'], { path });
}

/** Two to twenty runs side by side. */
export function compare(client: IClient, path: string, ids: readonly string[]): Promise<Comparison> {
  const body: CompareRequest = { runs: [...ids] };
  return client.json(['compare'], { method: 'POST', query: { path }, body });
}

/** Rename, note, star or archive; what is not given stays. */
export function annotate(client: IClient, path: string, id: string, patch: RunPatch): Promise<RunRow> {
  return client.json(['runs', id], { method: 'PATCH', query: { path }, body: patch });
}

/** Delete from journal and MLflow; a tombstone is kept. Refused while the run runs. */
export function remove(client: IClient, path: string, id: string): Promise<Deleted> {
  return client.json(['runs', id], { method: 'DELETE', query: { path } });
}

function flag(value: boolean | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}
