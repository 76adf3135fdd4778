/*
 * Generated from the Python dataclasses by: python -m jupyter_bioml.server.typescript labextension/src/api/wire.ts
 * Do not edit. Times are seconds since the epoch, durations seconds, sizes bytes; null means not known or not there.
 */

/** A float of a record: JSON has no words for NaN and the infinities. */
export type RecordNumber = number | { $float: 'NaN' | 'Infinity' | '-Infinity' };

/** Every error answer: what happened, what was kept, and what to do next. */
export interface ErrorBody {
  /** Stable, for programs. */
  code: string;
  message: string;
  /** May be empty. */
  next: string;
}

/** Which server this is, and which project a path belongs to. */
export interface Hello {
  version: string;
  /** Of run records. */
  schema: number;
  /** The server's root folder, absolute. */
  root: string;
  project: string;
  /** The tracking URI, without credentials. */
  destination: string;
  /** The destination is the project's own database. */
  embedded: boolean;
  /** Why the destination does not answer. */
  down: string | null;
}

/** Where things are, what waits, what is tracked now. */
export interface Status {
  project: string;
  home: string;
  /** Why the journal is not in the project's own folder. */
  fallback: string | null;
  destination: string;
  embedded: boolean;
  /** Kernels that are tracked now. */
  sessions: number;
  down: string | null;
  waiting: WaitingRow[];
  /** Bytes of the project's `.bioml`. */
  size: number;
  live: LiveSession[];
}

/** A run that is not in MLflow yet, and why. */
export interface WaitingRow {
  record_id: string;
  name: string;
  reason: string;
}

/** A kernel that is tracked now. */
export interface LiveSession {
  session: string;
  notebook: string | null;
  /** Record id of the run that runs in it. */
  running: string | null;
}

/** An MLflow experiment and how many of the project's runs it holds. */
export interface Experiment {
  name: string;
  runs: number;
}

/** One run in a list. */
export interface RunRow {
  /** MLflow's; null: not in MLflow (yet). */
  run_id: string | null;
  record_id: string;
  name: string;
  state: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';
  notebook: string | null;
  cell_id: string | null;
  execution_count: number | null;
  experiment: string | null;
  started: number | null;
  duration: number | null;
  /** Last values; those that are not numbers (NaN, infinities) are left out. */
  metrics: Record<string, number>;
  params: Record<string, string | number | boolean | null>;
  /** The user's own tags. */
  tags: Record<string, string>;
  verdict: string | null;
  taint: string | null;
  /** Last line of the traceback. */
  error: string | null;
  /** Against the previous run of the same name and notebook; null: not known. */
  data_changed: boolean | null;
  /** Against the previous run of the same name and notebook; null: not known. */
  environment_changed: boolean | null;
  starred: boolean;
  archived: boolean;
  note: string | null;
  /** It ended well and has a model, so that it can be registered. */
  has_model: boolean;
  published: boolean;
  /** Record id of the run that this one reproduces. */
  reproduces: string | null;
  /** SHA-256 of the cell's source as the front end sent it. */
  source_digest: string | null;
  usage: Usage | null;
}

/** The latest reading of a run that runs. */
export interface Usage {
  cpu_percent: number | null;
  rss: number | null;
}

/** One page of a filtered, sorted list. */
export interface RunPage {
  rows: RunRow[];
  total: number;
  offset: number;
  metric_keys: string[];
  /** By metric that a finished run has: the largest value; the smallest where the key names a loss or an error. */
  best: Record<string, Best>;
  /** MLflow's runs are still being read: the list is not whole yet. */
  loading: boolean;
  down: string | null;
  /** Segments of the journal that could not be read, and why. */
  problems: string[];
}

/** The best value of a metric among those of the runs asked for that finished. */
export interface Best {
  record_id: string;
  value: number;
}

/** One run and what is known around it. */
export interface RunDetail {
  row: RunRow;
  record: RunRecord;
  destination: string;
  versions: ModelVersion[];
  previous: RunRow | null;
  group: Group;
  /** Metrics with more than one value. */
  series_keys: string[];
  environment: EnvironmentFacts | null;
  environment_changes: EnvironmentChange[];
  code_before: CellBefore[];
  git: GitFacts | null;
  links: Links;
}

/** One cell run: what it was, what it used, what it made, and what could not be captured. */
export interface RunRecord {
  record_id: string;
  session: string;
  seq: number;
  /** Why it is a run: `cell` (only journaled), `magic`, `tag`, `auto` or `child`. */
  mark: string;
  status: string;
  started: RecordNumber;
  code: RecordCode;
  schema: number;
  name?: string | null;
  note?: string | null;
  /** Why it ended as it did, where there is more to say than the status. */
  cause?: string | null;
  ended?: RecordNumber | null;
  duration?: RecordNumber | null;
  parent?: string | null;
  part_of?: string | null;
  reproduces?: string | null;
  user?: string | null;
  tags?: Record<string, string>;
  params?: Record<string, unknown>;
  metrics?: RecordMetric[];
  /** The metrics named by `--metrics`; None: all that are not `timing.…` are compared. */
  compared?: string[] | null;
  /** Booleans, NaN and infinities, which are not MLflow metrics. */
  values?: Record<string, unknown>;
  data?: RecordDataUse[];
  model?: RecordModel | null;
  predictions?: RecordPredictions[];
  artifacts?: RecordArtifact[];
  outputs?: RecordOutput[];
  failure?: RecordFailure | null;
  git?: RecordGit | null;
  modules?: RecordModule[];
  environment?: RecordEnvironment | null;
  resources?: RecordResources;
  /** Generator states at the run's start: library → blob. */
  states?: Record<string, string>;
  user_runs?: RecordUserRun[];
  before?: RecordPriorCell[];
  gaps?: RecordCaptureGap[];
}

/** The cell: its body without our magic line, as the front end sent it, secrets masked. */
export interface RecordCode {
  source: string;
  cell_id?: string | null;
  /** Path relative to the project, `/`-separated; None when no front end said so. */
  notebook?: string | null;
  /** Who said so: `front-end`, `session-start` or `engine`. */
  path_source?: string | null;
  execution_count?: number | null;
  tags?: string[];
  /** The `%%experiment` line, secrets masked. */
  magic?: string | null;
}

/** One value of a metric; a series has one per step. */
export interface RecordMetric {
  key: string;
  value: RecordNumber;
  step?: number;
  at?: RecordNumber;
}

/** A file or a named frame or array that the run read or wrote. */
export interface RecordDataUse {
  name: string;
  /** `read`, `written` or `read-written`. */
  role: string;
  /** `file`, `directory` or `value`. */
  kind?: string;
  /** Absolute path; None for values. */
  path?: string | null;
  digest?: string | null;
  /** For values that changed during the cell. */
  digest_after?: string | null;
  size?: number | null;
  mtime_ns?: number | null;
  inode?: number | null;
  rows?: number | null;
  columns?: number | null;
  /** The `.dvc` file or `dvc.lock` stage that tracks it. */
  pointer?: string | null;
  pointer_digest?: string | null;
  /** Read by an earlier cell of the session. */
  inherited?: boolean;
  /** Named by `--data`. */
  named?: boolean;
  /** The file changed between its reading and its hashing: `digest` is not what was read. */
  changed_since?: boolean;
}

/** A fitted estimator or module, serialised by value. */
export interface RecordModel {
  name: string;
  class_name: string;
  /** cloudpickle of the object. */
  blob?: string | null;
  size?: number;
  /** `sklearn`, `pytorch` or `pyfunc`. */
  flavor?: string;
  /** cloudpickle of up to five input rows (the input example), for the signature. */
  sample_blob?: string | null;
  /** Where the rows came from, or why there are none. */
  sample_source?: string | null;
  named?: boolean;
}

/** Hold-out predictions: one row per key (parquet or CSV blob, see `format`). */
export interface RecordPredictions {
  name: string;
  blob: string;
  rows: number;
  columns: string[];
  format: string;
}

/** A file that the user's code kept with the run. */
export interface RecordArtifact {
  path: string;
  blob: string;
  size: number;
}

/** One captured output in order: a stream's text, or one display by MIME type. */
export interface RecordOutput {
  /** `stdout`, `stderr`, `display` or `result`. */
  kind: string;
  text?: string | null;
  mime?: string | null;
  blob?: string | null;
  size?: number;
  cut?: boolean;
  after_end?: boolean;
}

/** The exception that ended the cell. */
export interface RecordFailure {
  kind: string;
  message: string;
  traceback: string;
}

/** The repository at the start of the cell; secrets in the patch are masked. */
export interface RecordGit {
  commit: string | null;
  branch?: string | null;
  remote?: string | null;
  root?: string | null;
  /** None until the helper process has looked. */
  dirty?: boolean | null;
  patch_blob?: string | null;
  /** A source file changed after the cell had started and before the diff was taken. */
  late?: boolean;
}

/** One imported module of the project: its path relative to the project and its content. */
export interface RecordModule {
  name: string;
  path: string;
  blob?: string | null;
  size?: number;
  /** The file changed between the start of the cell and its reading. */
  changed?: boolean;
}

/** What the run ran on and with; runs of one session share it. */
export interface RecordEnvironment {
  digest: string;
  /** JSON: python, os, cpu, memory, gpus, distributions, blas, threads, variables. */
  blob: string;
  variables?: Record<string, string>;
}

/** What the run used. `peak_source` says how the peak was found. */
export interface RecordResources {
  cpu_seconds?: RecordNumber | null;
  peak_rss?: number | null;
  /** `ru_maxrss` (the kernel's own high-water mark rose in this cell) or `sampled`. */
  peak_source?: string | null;
  readings?: RecordReading[];
}

/** One look at the kernel by the sampler; what could not be read is None. */
export interface RecordReading {
  at: RecordNumber;
  cpu_percent?: RecordNumber | null;
  rss?: number | null;
  read_bytes?: number | null;
  write_bytes?: number | null;
  gpus?: Record<string, unknown>[];
}

/** An MLflow run that the user's own code opened during the cell. */
export interface RecordUserRun {
  run_id: string;
  tracking_uri: string;
  first: boolean;
}

/** One earlier cell run of the session, in order of execution. */
export interface RecordPriorCell {
  record_id: string;
  seq: number;
  source: string;
  cell_id?: string | null;
  execution_count?: number | null;
  status?: string;
  tags?: string[];
}

/** Something that could not be captured: which part, and why. */
export interface RecordCaptureGap {
  part: string;
  reason: string;
}

/** A registered version and what it came from. */
export interface ModelVersion {
  name: string;
  version: string;
  run_id: string | null;
  record_id: string | null;
  run_name: string | null;
  notebook: string | null;
  cell_id: string | null;
  user: string | null;
  /** What `mlflow.pyfunc.load_model` takes. */
  uri: string;
  aliases: string[];
  description: string;
  tags: Record<string, string>;
  created: number | null;
}

/** The runs of one name and notebook. */
export interface Group {
  name: string;
  runs: number;
  /** Record id; null where no metric says which is best. */
  best: string | null;
  /** Record id. */
  latest: string;
}

/** What a run ran on and with. */
export interface EnvironmentFacts {
  digest: string;
  python: string | null;
  platform: string | null;
  packages: Record<string, string>;
}

/** One entry of the environment that is another than in the previous run. */
export interface EnvironmentChange {
  name: string;
  before: string | null;
  after: string | null;
}

/** An earlier cell of the session. */
export interface CellBefore {
  seq: number;
  cell_id: string | null;
  execution_count: number | null;
  source: string;
  state: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';
  tags: string[];
}

/** The repository at the start of the cell. */
export interface GitFacts {
  commit: string | null;
  branch: string | null;
  remote: string | null;
  dirty: boolean | null;
}

/** Where else the run can be seen. */
export interface Links {
  /** Address of its page in MLflow's own UI; null where the store has no page. */
  mlflow: string | null;
}

/** Metrics over their steps. */
export interface SeriesSet {
  series: Record<string, Series>;
  /** At least one series was thinned to the limit; first and last values are always kept. */
  truncated: boolean;
}

/** The values of one metric in their order; a value that is not a number is null. */
export interface Series {
  steps: number[];
  values: (number | null)[];
  times: number[];
}

/** What a run used over its time. */
export interface Resources {
  started: number;
  ended: number | null;
  points: Point[];
  cpu_seconds: number | null;
  peak_rss: number | null;
  /** What could not be read, and why. */
  absent: string[];
}

/** One look at the kernel; what could not be read is null. */
export interface Point {
  t: number;
  cpu_percent: number | null;
  rss: number | null;
  read_bytes: number | null;
  write_bytes: number | null;
  gpus: Gpu[];
}

/** One look at one GPU. */
export interface Gpu {
  index: number;
  utilization_percent: number | null;
  memory: number | null;
  /** `memory` is what the kernel's processes use; else what everybody uses on the device. */
  own: boolean;
  /** A counter. */
  energy_millijoules: number | null;
}

/** A file that was kept with a run. */
export interface FileEntry {
  path: string;
  size: number | null;
}

/** One captured output: a stream's text, or one display. `data` is base64 and never to be trusted. */
export interface Output {
  kind: 'stdout' | 'stderr' | 'display' | 'result';
  mime: string | null;
  text: string | null;
  data: string | null;
  size: number;
  cut: boolean;
}

/** A run was deleted; its tombstone is kept. */
export interface Deleted {
  record_id: string;
  deleted: true;
}

/** What is to be changed of a run; null: left as it is. */
export interface RunPatch {
  name?: string | null;
  note?: string | null;
  starred?: boolean | null;
  archived?: boolean | null;
}

/** Two or more runs side by side. */
export interface Comparison {
  runs: RunRow[];
  sections: ComparisonSection[];
  /** Run 0 against each other run. */
  code: CodeDiff[];
}

/** The rows of one kind; those that differ first. */
export interface ComparisonSection {
  section: 'parameters' | 'metrics' | 'data' | 'environment';
  rows: ComparisonRow[];
}

/** One thing in every run. */
export interface ComparisonRow {
  key: string;
  /** One per run; null where the run has none. */
  values: (string | number | boolean | null)[];
  differs: boolean;
  /** Index of the finished run with the best value (metrics). */
  best: number | null;
}

/** The cells of two of the compared runs (indices into `runs`). */
export interface CodeDiff {
  left: number;
  right: number;
  lines: DiffLine[];
}

/** One line of a diff; line numbers from 1. */
export interface DiffLine {
  kind: ' ' | '+' | '-';
  left: number | null;
  right: number | null;
  text: string;
}

/** The runs to compare, 2 to 20. */
export interface CompareRequest {
  runs: string[];
}

/** A registered model. */
export interface Model {
  name: string;
  description: string;
  /** Newest first. */
  versions: ModelVersion[];
}

/** What the register form shows. */
export interface RegisterOffer {
  can: boolean;
  refusal: Refusal | null;
  suggested_name: string;
  names: ModelName[];
  aliases: string[];
  will_store: Stored[];
}

/** Why something cannot be done, and what to do. */
export interface Refusal {
  message: string;
  next: string;
}

/** A model that exists, and the number its next version gets. */
export interface ModelName {
  name: string;
  next_version: string;
}

/** One thing that a registration stores, in words. */
export interface Stored {
  label: string;
  text: string;
}

/** The model version to make. */
export interface RegisterRequest {
  name: string;
  alias?: string | null;
  description?: string;
}

/** The version that an alias is to point at. */
export interface AliasRequest {
  version: string;
}

/** An alias was taken away; the version is as it was. */
export interface AliasDeleted {
  name: string;
  alias: string;
  deleted: true;
}

/** The kernel of one notebook now. */
export interface Live {
  runs: LiveRun[];
  /** The last 600 s. */
  points: Point[];
  cell_started: number | null;
}

/** A run that runs now. */
export interface LiveRun {
  record_id: string;
  name: string;
  execution_count: number | null;
  cell_id: string | null;
  started: number;
  duration: number;
}

/** Long work to begin. */
export interface JobRequest {
  kind: 'reproduce' | 'publish';
  run?: string | null;
}

/** Long work in a process of its own. */
export interface Job {
  job_id: string;
  kind: 'reproduce' | 'publish';
  run: string | null;
  state: 'running' | 'done' | 'failed' | 'cancelled';
  /** The last 50 lines of what it said. */
  progress: string[];
  result: Record<string, unknown> | null;
  error: ErrorBody | null;
  started: number;
  ended: number | null;
}

/** A promotion, done or refused. */
export interface Promotion {
  model: string;
  version: string;
  alias: string;
  /** Aliases that the policy knows. */
  aliases: string[];
  run_id: string | null;
  /** The alias points at the version now. */
  promoted: boolean;
  /** The version that held it before; null: none did. */
  previous: string | null;
  /** The source of the gates. */
  policy: string;
  policy_sha256: string;
  gates: GateAnswer[];
  /** Names of the gates that refuse. */
  failing: string[];
  dry_run: boolean;
  override: string | null;
  /** Hash of its event in the audit log. */
  event: string | null;
  notes: string[];
}

/** One gate's answer about a model version. */
export interface GateAnswer {
  gate: string;
  state: 'pass' | 'fail' | 'not-decidable';
  said: string;
  /** How to make it pass; empty when it passes. */
  next: string;
  /** The policy lets it pass when it is not decidable. */
  allowed: boolean;
  /** Whether it allows the promotion. */
  holds: boolean;
  evidence: Record<string, unknown>;
}

/** The alias that is to point at a version. */
export interface PromoteRequest {
  alias: string;
  reason?: string;
  /** Why it is promoted although gates fail. */
  override?: string | null;
}

/** A decision that was made, and all that count for the version now. */
export interface Decided {
  model: string;
  version: string;
  run_id: string | null;
  model_sha256: string;
  made: Decision;
  standing: Decision[];
  /** How the decider's identity is known, in words. */
  identity: string;
  notes: string[];
}

/** One person's decision about a version. */
export interface Decision {
  decision: 'approve' | 'reject';
  by: string;
  name: string;
  /** How the identity is known. */
  auth_method: string;
  meaning: string | null;
  reason: string;
  /** ISO 8601, UTC. */
  at: string;
  event: string;
  /** Whose log has it. */
  where: string;
}

/** Somebody's decision about a version, in their own name. */
export interface DecisionRequest {
  decision: 'approve' | 'reject';
  reason: string;
  /** For an approval: review, approval, or a word from the policy. */
  meaning?: string | null;
}

/** An alias that points back at its previous version. */
export interface RolledBack {
  model: string;
  alias: string;
  /** The version that holds it now; null: none does. */
  version: string | null;
  /** The version that held it until now. */
  previous: string | null;
  event: string;
  notes: string[];
}

/** The alias that is to point again at who held it before. */
export interface RollbackRequest {
  alias: string;
  reason?: string;
}
