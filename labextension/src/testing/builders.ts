import type { Job, Live, RegisteredModel, ModelVersion, Point, RunPage, RunRow, Status } from '../api/wire';

/** A finished run; `changes` say what is different. */
export function aRow(changes: Partial<RunRow> = {}): RunRow {
  const record = changes.record_id ?? 'a'.repeat(32);
  return {
    run_id: `run-${record}`,
    record_id: record,
    name: 'gbm-depth3',
    state: 'FINISHED',
    interrupted: false,
    notebook: 'study.ipynb',
    cell_id: 'cell-1',
    execution_count: 12,
    experiment: 'study',
    started: 1_795_270_000,
    duration: 3.2,
    metrics: { auc: 0.9931 },
    params: { depth: 3 },
    tags: {},
    verdict: null,
    verdict_basis: null,
    taint: null,
    error: null,
    data_changed: false,
    environment_changed: false,
    starred: false,
    archived: false,
    note: null,
    has_model: true,
    published: true,
    reproduces: null,
    source_digest: null,
    usage: null,
    progress: null,
    mark: 'magic',
    parent: null,
    children: 0,
    compared: null,
    unsaid: null,
    ...changes
  };
}

/** The runs of a sweep over `depth` and `rate`: ids `c0…`, the later the better. */
export function aSweep(count: number, parent = 'a'.repeat(32)): RunRow[] {
  return Array.from({ length: count }, (_, index) =>
    aRow({
      record_id: `c${index}`,
      name: `sweep ${index}`,
      mark: 'sweep',
      parent,
      params: { seed: 7, depth: index, rate: 0.1 * (index % 3) },
      metrics: { auc: 0.5 + index / 10_000 }
    })
  );
}

/** `count` runs, newest first, ids `r0…`. */
export function manyRows(count: number, first = 0): RunRow[] {
  return Array.from({ length: count }, (_, index) =>
    aRow({
      record_id: `r${first + index}`,
      name: `run ${first + index}`,
      started: 1_795_270_000 - (first + index),
      metrics: { auc: 1 / (2 + first + index) }
    })
  );
}

/** A page that holds all of `rows`. */
export function aPage(rows: RunRow[], changes: Partial<RunPage> = {}): RunPage {
  return {
    rows,
    total: rows.length,
    offset: 0,
    metric_keys: ['auc'],
    best: {},
    loading: false,
    down: null,
    problems: [],
    ...changes
  };
}

/** One look at a kernel. */
export function aPoint(changes: Partial<Point> = {}): Point {
  return {
    t: 1_795_270_000,
    cpu_percent: 97,
    rss: 611_000_000,
    read_bytes: 0,
    write_bytes: 0,
    gpus: [],
    ...changes
  };
}

/** A kernel in which nothing runs. */
export function aLive(changes: Partial<Live> = {}): Live {
  return { runs: [], points: [], cell_started: null, ...changes };
}

/** Version 4 of `diagnosis-gbm`. */
export function aVersion(changes: Partial<ModelVersion> = {}): ModelVersion {
  return {
    name: 'diagnosis-gbm',
    version: '4',
    run_id: 'run-1',
    record_id: 'a'.repeat(32),
    run_name: 'gbm-depth3',
    notebook: 'study.ipynb',
    cell_id: 'cell-1',
    user: 'ada',
    uri: 'models:/diagnosis-gbm/4',
    load_code: 'import mlflow\n\nmodel = mlflow.pyfunc.load_model("models:/diagnosis-gbm/4")',
    aliases: ['champion'],
    description: '',
    tags: {},
    created: 1_795_270_000,
    ...changes
  };
}

/** A registered model. */
export function aModel(changes: Partial<RegisteredModel> = {}): RegisteredModel {
  return { name: 'diagnosis-gbm', description: '', versions: [aVersion()], ...changes };
}

/** A reproduction that runs; `changes` say how far it is. */
export function aJob(changes: Partial<Job> = {}): Job {
  return {
    job_id: 'job-1',
    kind: 'reproduce',
    run: 'a'.repeat(32),
    state: 'running',
    progress: [],
    result: null,
    error: null,
    started: 1_795_270_000,
    ended: null,
    ...changes
  };
}

/** What `reproduce --json` printed of a run whose metrics were reproduced. */
export function aResult(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    verdict: 'REPRODUCED',
    based_on: { text: '5 scores, 1 table' },
    sentence: 'All 4 metrics were reproduced exactly, in 4.1 s.',
    record_id: 'a'.repeat(32),
    run_id: 'run-a',
    new_record_id: 'b'.repeat(32),
    new_run_id: 'run-b',
    notes: [],
    waiting: [],
    ...changes
  };
}

/** A project where nothing waits. */
export function aStatus(changes: Partial<Status> = {}): Status {
  return {
    project: '/home/ada/study',
    home: '/home/ada/study/.bioml',
    fallback: null,
    disk: null,
    destination: 'sqlite:////home/ada/study/.bioml/mlflow.db',
    embedded: true,
    sessions: 1,
    down: null,
    waiting: [],
    elsewhere: [],
    problems: [],
    size: 1_200_000,
    live: [],
    track: null,
    ...changes
  };
}
