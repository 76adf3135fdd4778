/*
 * Generated from the server's OpenAPI document by: npm --prefix labextension run wire. Do not edit.
 * Times are seconds since the epoch, durations seconds, sizes bytes; null means not known or not there.
 * document: sha256 baf267c7a94aef83c45d0fb4c1606f815a3aed994c0b8521646a6e3774fb3225
 * types: sha256 893318b2a3b25459722317ab1c298527e6d028526ba4f46549ceddf1e95efdc3
 */
export interface components {
  schemas: {
    /** @description An alias was taken away; the version is as it was. */
    readonly AliasDeleted: {
      readonly name: string;
      readonly alias: string;
      /** @enum {boolean} */
      readonly deleted: true;
    };
    /** @description The version that an alias is to point at. */
    readonly AliasRequest: {
      readonly version: string;
    };
    /** @description The best value of a metric among those of the runs asked for that finished. */
    readonly Best: {
      readonly record_id: string;
      readonly value: number;
    };
    /** @description An earlier cell of the session. */
    readonly CellBefore: {
      readonly seq: number;
      readonly cell_id: string | null;
      readonly execution_count: number | null;
      readonly source: string;
      /**
       * @description UNKNOWN: it ran while tracking was off.
       * @enum {string}
       */
      readonly state: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED' | 'UNKNOWN';
      readonly tags: readonly string[];
      /** @description It ran, or began, while tracking was off, and may have read something: what, is not known. */
      readonly unseen: boolean;
    };
    /** @description The cells of two of the compared runs (indices into `runs`). */
    readonly CodeDiff: {
      readonly left: number;
      readonly right: number;
      readonly lines: readonly components['schemas']['DiffLine'][];
    };
    /** @description A metric, parameter or tag of some runs. */
    readonly ColumnKey: {
      readonly key: string;
      /** @description How many have it. */
      readonly runs: number;
      /** @description Not all of those have the same value; always true of metrics. */
      readonly differs: boolean;
    };
    /** @description Every metric, parameter and tag of the project's runs. */
    readonly ColumnKeys: {
      readonly metrics: readonly components['schemas']['ColumnKey'][];
      readonly params: readonly components['schemas']['ColumnKey'][];
      readonly tags: readonly components['schemas']['ColumnKey'][];
    };
    /** @description The runs to compare, 2 to 20. */
    readonly CompareRequest: {
      readonly runs: readonly string[];
    };
    /** @description Two or more runs side by side. */
    readonly Comparison: {
      readonly runs: readonly components['schemas']['RunRow'][];
      readonly sections: readonly components['schemas']['ComparisonSection'][];
      /** @description Run 0 against each other run. */
      readonly code: readonly components['schemas']['CodeDiff'][];
    };
    /** @description One thing in every run. */
    readonly ComparisonRow: {
      readonly key: string;
      /** @description One per run; null where the run does not have it, or where it is None there: see `absent`. */
      readonly values: readonly (string | number | boolean | null)[];
      /** @description Indices of the runs that do not have it. */
      readonly absent: readonly number[];
      readonly differs: boolean;
      /** @description Index of the finished run with the best value (metrics). */
      readonly best: number | null;
      /** @description Where each value comes from, one per run (metrics); empty where that is the same in all and none was printed. */
      readonly scores: readonly (components['schemas']['RecordScore'] | null)[];
    };
    /** @description The rows of one kind; those that differ first. */
    readonly ComparisonSection: {
      /** @enum {string} */
      readonly section: 'parameters' | 'metrics' | 'values' | 'data' | 'environment';
      readonly rows: readonly components['schemas']['ComparisonRow'][];
    };
    /** @description A decision that was made, and all that count for the version now. */
    readonly Decided: {
      readonly model: string;
      readonly version: string;
      readonly run_id: string | null;
      readonly model_sha256: string;
      readonly made: components['schemas']['Decision'];
      readonly standing: readonly components['schemas']['Decision'][];
      /** @description How the decider's identity is known, in words. */
      readonly identity: string;
      readonly notes: readonly string[];
    };
    /** @description One person's decision about a version. */
    readonly Decision: {
      /** @enum {string} */
      readonly decision: 'approve' | 'reject';
      readonly by: string;
      readonly name: string;
      /** @description How the identity is known. */
      readonly auth_method: string;
      readonly meaning: string | null;
      readonly reason: string;
      /** @description ISO 8601, UTC. */
      readonly at: string;
      readonly event: string;
      /** @description Whose log has it. */
      readonly where: string;
    };
    /** @description Somebody's decision about a version, in their own name. */
    readonly DecisionRequest: {
      /** @enum {string} */
      readonly decision: 'approve' | 'reject';
      readonly reason: string;
      /** @description For an approval: review, approval, or a word from the policy. */
      readonly meaning?: string | null;
    };
    /** @description The result of a deletion. */
    readonly Deleted: {
      readonly record_id: string;
      /** @description None: it was not in MLflow. */
      readonly run_id: string | null;
      readonly name: string;
      /** @description Records of the cells that had joined it and of its child runs, which went with it. */
      readonly also?: readonly string[];
      /** @description Registered versions that were made from it, as `name v3`; they stay. */
      readonly versions?: readonly string[];
      /** @description Blobs of the journal that were freed because no line names them. */
      readonly blobs?: number;
      /** @description Their size. */
      readonly bytes?: number;
      /** @description Why MLflow still has the run; the publisher deletes it there. */
      readonly unsaid?: string | null;
      /** @enum {boolean} */
      readonly deleted?: true;
    };
    /** @description One line of a diff; line numbers from 1. */
    readonly DiffLine: {
      /** @enum {string} */
      readonly kind: ' ' | '+' | '-';
      readonly left: number | null;
      readonly right: number | null;
      readonly text: string;
    };
    /** @description The runs of one other place. */
    readonly Elsewhere: {
      /** @description Of the destination that they were recorded for; empty: not known. */
      readonly key: string;
      /** @description Its tracking URI, without credentials; empty: not known. */
      readonly destination: string;
      /** @description The project that this folder is a copy of, where that one sends them. */
      readonly original: string | null;
      /** @description How many there are, those that are sent included. */
      readonly runs: number;
      /** @description Those that are not there yet. */
      readonly waiting: readonly components['schemas']['WaitingRun'][];
      /** @description All this in words, and what to type. */
      readonly text: string;
    };
    /** @description One entry of the environment that is another than in the previous run. */
    readonly EnvironmentChange: {
      readonly name: string;
      readonly before: string | null;
      readonly after: string | null;
    };
    /** @description What a run ran on and with. */
    readonly EnvironmentFacts: {
      readonly digest: string;
      readonly python: string | null;
      readonly platform: string | null;
      readonly packages: {
        readonly [key: string]: string;
      };
    };
    /** @description Every error answer: what happened, what was kept, and what to do next. */
    readonly ErrorBody: {
      /** @description Stable, for programs. */
      readonly code: string;
      readonly message: string;
      /** @description May be empty. */
      readonly next: string;
    };
    /** @description An MLflow experiment and how many of the project's runs it holds. */
    readonly Experiment: {
      readonly name: string;
      readonly runs: number;
    };
    /** @description A file that was kept with a run. */
    readonly FileEntry: {
      readonly path: string;
      readonly size: number | null;
    };
    /** @description One gate's answer about a model version. */
    readonly GateAnswer: {
      readonly gate: string;
      /** @enum {string} */
      readonly state: 'pass' | 'fail' | 'not-decidable';
      readonly said: string;
      /** @description How to make it pass; empty when it passes. */
      readonly next: string;
      /** @description What `next` asks for, where this server can do it; null: a person has to do it. */
      readonly step: ('reproduce' | 'approve') | null;
      /** @description The policy lets it pass when it is not decidable. */
      readonly allowed: boolean;
      /** @description Whether it allows the promotion. */
      readonly holds: boolean;
      /** @description When it was asked, seconds since the epoch, where its answer was kept; null: it was asked now. */
      readonly asked_at: number | null;
      readonly evidence: {
        readonly [key: string]: unknown;
      };
    };
    /** @description How far the asking of gates is. */
    readonly GatesAsked: {
      /** @description Ask again with it for what they said since. */
      readonly ticket: string;
      /** @description How many there are; 0: not known yet. */
      readonly of: number;
      /** @description The one that is being asked now; empty: none yet. */
      readonly gate: string;
    };
    /** @description The repository at the start of the cell. */
    readonly GitFacts: {
      readonly commit: string | null;
      readonly branch: string | null;
      readonly remote: string | null;
      readonly dirty: boolean | null;
    };
    /** @description One look at one GPU. */
    readonly Gpu: {
      readonly index: number;
      readonly utilization_percent: number | null;
      readonly memory: number | null;
      /** @description `memory` is what the kernel's processes use; else what everybody uses on the device. */
      readonly own: boolean;
      /** @description A counter. */
      readonly energy_millijoules: number | null;
    };
    /** @description The runs of one name and notebook. */
    readonly Group: {
      readonly name: string;
      readonly runs: number;
      /** @description Record id; null where no metric says which is best. */
      readonly best: string | null;
      /** @description Record id. */
      readonly latest: string;
    };
    /** @description Which server this is, and which project a path belongs to. */
    readonly Hello: {
      readonly version: string;
      /** @description Of run records. */
      readonly schema: number;
      /** @description The server's root folder, absolute. */
      readonly root: string;
      readonly project: string;
      /** @description The tracking URI, without credentials. */
      readonly destination: string;
      /** @description The destination is the project's own database. */
      readonly embedded: boolean;
      /** @description Why the destination does not answer. */
      readonly down: string | null;
    };
    /** @description Long work in a process of its own. */
    readonly Job: {
      readonly job_id: string;
      /**
       * @description `reproduce`: its result is the verdict, as in `bioml reproduce --json`; `publish`: its result is sent and waiting runs, as in `bioml publish --json`
       * @enum {string}
       */
      readonly kind: 'reproduce' | 'publish';
      readonly run: string | null;
      /** @enum {string} */
      readonly state: 'running' | 'done' | 'failed' | 'cancelled';
      /** @description The last 50 lines of what it said. */
      readonly progress: readonly string[];
      /** @description What the command of its kind prints with `--json`. */
      readonly result: {
        readonly [key: string]: unknown;
      } | null;
      readonly error: components['schemas']['ErrorBody'] | null;
      readonly started: number;
      readonly ended?: number | null;
    };
    /** @description Long work to begin. */
    readonly JobRequest: {
      /**
       * @description `reproduce`: its result is the verdict, as in `bioml reproduce --json`; `publish`: its result is sent and waiting runs, as in `bioml publish --json`
       * @enum {string}
       */
      readonly kind: 'reproduce' | 'publish';
      /** @description Of the kinds that are about one run: its id. */
      readonly run?: string | null;
    };
    /** @description The run that a cell became a part of. */
    readonly JoinedRun: {
      readonly record_id: string;
      /** @description null: the list does not have it. */
      readonly name: string | null;
    };
    /** @description A later cell run of the session, which showed a score of the run. */
    readonly LaterCell: {
      readonly record_id: string;
      readonly cell_id: string | null;
      readonly execution_count: number | null;
      /** @description Its first line that says something. */
      readonly line: string;
    };
    /** @description Where else the run can be seen. */
    readonly Links: {
      /** @description Address of its page in MLflow's own UI; null where the store has no page. */
      readonly mlflow: string | null;
    };
    /** @description The kernel of one notebook now. */
    readonly Live: {
      readonly runs: readonly components['schemas']['LiveRun'][];
      /** @description The last 600 s. */
      readonly points: readonly components['schemas']['Point'][];
      readonly cell_started: number | null;
    };
    /** @description A run that runs now. */
    readonly LiveRun: {
      readonly record_id: string;
      readonly name: string;
      readonly execution_count: number | null;
      readonly cell_id: string | null;
      readonly started: number;
      readonly duration: number;
    };
    /** @description A kernel that is tracked now. */
    readonly LiveSession: {
      readonly session: string;
      readonly notebook: string | null;
      /** @description Record id of the run that runs in it. */
      readonly running: string | null;
    };
    /** @description Python that loads something of a run in any kernel, tracked or not. */
    readonly LoadCode: {
      /** @enum {string} */
      readonly kind: 'model' | 'predictions' | 'data';
      readonly name: string;
      readonly code: string;
    };
    /** @description What is to be changed of many runs; null: left as it is. */
    readonly ManyPatch: {
      /** @description Record ids, at most 1,000. */
      readonly runs: readonly string[];
      readonly starred?: boolean | null;
      readonly archived?: boolean | null;
      /** @description As of one run. */
      readonly tags?: {
        readonly [key: string]: string | null;
      } | null;
    };
    /** @description Runs that were changed. */
    readonly ManyPatched: {
      readonly changed: number;
      /** @description Those that are not in the list any more. */
      readonly missing: readonly string[];
    };
    /** @description A model that exists, and the number its next version gets. */
    readonly ModelName: {
      readonly name: string;
      readonly next_version: string;
    };
    /** @description A registered version and what it came from. */
    readonly ModelVersion: {
      readonly name: string;
      readonly version: string;
      readonly run_id: string | null;
      readonly record_id: string | null;
      readonly run_name: string | null;
      readonly notebook: string | null;
      readonly cell_id: string | null;
      readonly user: string | null;
      /** @description The URI for `mlflow.pyfunc.load_model`. */
      readonly uri: string;
      /** @description The Python lines that load it in any kernel, tracked or not. */
      readonly load_code: string;
      readonly aliases: readonly string[];
      readonly description: string;
      readonly tags: {
        readonly [key: string]: string;
      };
      readonly created: number | null;
    };
    /** @description One look at the kernel; what could not be read is null. */
    readonly Point: {
      readonly t: number;
      readonly cpu_percent: number | null;
      readonly rss: number | null;
      readonly read_bytes: number | null;
      readonly write_bytes: number | null;
      readonly gpus: readonly components['schemas']['Gpu'][];
    };
    /** @description How far a run is that runs. */
    readonly Progress: {
      readonly metric: string;
      /** @description Of the metric over its steps so far, thinned. */
      readonly values: readonly number[];
      /** @description How many steps are done. */
      readonly done: number;
      /** @description How many there will be, where the user said so; null: not known. */
      readonly total: number | null;
    };
    /** @description The alias that is to point at a version. */
    readonly PromoteRequest: {
      readonly alias: string;
      readonly reason?: string;
      /** @description Why it is promoted although gates fail. */
      readonly override?: string | null;
    };
    /** @description A promotion, done or refused. */
    readonly Promotion: {
      readonly model: string;
      readonly version: string;
      readonly alias: string;
      /** @description Aliases that the policy knows. */
      readonly aliases: readonly string[];
      readonly run_id: string | null;
      /** @description The alias points at the version now. */
      readonly promoted: boolean;
      /** @description The version that held it before; null: none did. */
      readonly previous: string | null;
      /** @description The source of the gates. */
      readonly policy: string;
      readonly policy_sha256: string;
      readonly gates: readonly components['schemas']['GateAnswer'][];
      /** @description Names of the gates that refuse. */
      readonly failing: readonly string[];
      readonly dry_run: boolean;
      readonly override: string | null;
      /** @description Hash of its event in the audit log. */
      readonly event: string | null;
      readonly notes: readonly string[];
      /** @description Not all gates have answered yet; null: they have. */
      readonly asking: components['schemas']['GatesAsked'] | null;
    };
    /** @description A file that the user's code kept with the run. */
    readonly RecordArtifact: {
      readonly path: string;
      readonly blob: string;
      readonly size: number;
    };
    /** @description Something that could not be captured: which part, and why. */
    readonly RecordCaptureGap: {
      readonly part: string;
      readonly reason: string;
    };
    /** @description The cell: its body without our magic line, as the front end sent it, secrets masked. */
    readonly RecordCode: {
      readonly source: string;
      readonly cell_id?: string | null;
      /** @description Path relative to the project, `/`-separated; None when no front end said so. */
      readonly notebook?: string | null;
      /** @description Who said so: `front-end`, `session-start` or `engine`. */
      readonly path_source?: string | null;
      readonly execution_count?: number | null;
      /** @description Place among the notebook's code cells when it ran, 1 for the first; None when no front end said so. */
      readonly place?: number | null;
      readonly tags?: readonly string[];
      /** @description The `%%experiment` line, secrets masked. */
      readonly magic?: string | null;
    };
    /** @description A file or a named frame or array that the run read or wrote. */
    readonly RecordDataUse: {
      readonly name: string;
      /** @description `read`, `written` or `read-written`. */
      readonly role: string;
      /** @description `file`, `directory` or `value`. */
      readonly kind?: string;
      /** @description Absolute path; None for values. */
      readonly path?: string | null;
      readonly digest?: string | null;
      /** @description For values that changed during the cell. */
      readonly digest_after?: string | null;
      readonly size?: number | null;
      readonly mtime_ns?: number | null;
      readonly inode?: number | null;
      readonly rows?: number | null;
      readonly columns?: number | null;
      /** @description The `.dvc` file or `dvc.lock` stage that tracks it. */
      readonly pointer?: string | null;
      readonly pointer_digest?: string | null;
      /** @description Read by an earlier cell of the session. */
      readonly inherited?: boolean;
      /** @description Named by `--data`. */
      readonly named?: boolean;
      /** @description The file changed between its reading and its hashing: `digest` is not what was read. */
      readonly changed_since?: boolean;
    };
    /** @description What the run ran on and with; runs of one session share it. */
    readonly RecordEnvironment: {
      readonly digest: string;
      /** @description JSON: python, os, cpu, memory, gpus, distributions, blas, threads, variables. */
      readonly blob: string;
      readonly variables?: {
        readonly [key: string]: string;
      };
    };
    /** @description The exception that ended the cell. */
    readonly RecordFailure: {
      readonly kind: string;
      readonly message: string;
      readonly traceback: string;
    };
    /** @description The repository at the start of the cell; secrets in the patch are masked. */
    readonly RecordGit: {
      readonly commit: string | null;
      readonly branch?: string | null;
      readonly remote?: string | null;
      readonly root?: string | null;
      /** @description None until the helper process has looked. */
      readonly dirty?: boolean | null;
      readonly patch_blob?: string | null;
      /** @description A source file changed after the cell had started and before the diff was taken. */
      readonly late?: boolean;
    };
    /** @description The content of one file of a report. */
    readonly RecordKept: {
      readonly blob: string;
      readonly size: number;
    };
    /** @description One value of a metric; a series has one per step. */
    readonly RecordMetric: {
      readonly key: string;
      readonly value: components['schemas']['RecordNumber'];
      readonly step?: number;
      readonly at?: components['schemas']['RecordNumber'];
    };
    /** @description A fitted estimator or module, serialised by value. */
    readonly RecordModel: {
      readonly name: string;
      readonly class_name: string;
      /** @description cloudpickle of the object. */
      readonly blob?: string | null;
      readonly size?: number;
      /** @description MLflow's flavour: `sklearn`, `pytorch`, one called like its library, or `pyfunc`. */
      readonly flavor?: string;
      /** @description cloudpickle of five input rows (the input example), for the signature; synthetic, unless the user named some. */
      readonly sample_blob?: string | null;
      /** @description Where the rows came from, or why there are none. */
      readonly sample_source?: string | null;
      readonly named?: boolean;
    };
    /** @description One imported module of the project: its path relative to the project and its content. */
    readonly RecordModule: {
      readonly name: string;
      readonly path: string;
      readonly blob?: string | null;
      readonly size?: number;
      /** @description The file changed between the start of the cell and its reading. */
      readonly changed?: boolean;
    };
    /** @description A float of a record: JSON cannot write NaN and infinities. */
    readonly RecordNumber:
      | number
      | {
          /** @enum {string} */
          readonly $float: 'NaN' | 'Infinity' | '-Infinity';
        };
    /** @description One captured output in order: a stream's text, or one display by MIME type. */
    readonly RecordOutput: {
      /** @description `stdout`, `stderr`, `display` or `result`. */
      readonly kind: string;
      readonly text?: string | null;
      readonly mime?: string | null;
      readonly blob?: string | null;
      readonly size?: number;
      readonly cut?: boolean;
      readonly after_end?: boolean;
    };
    /** @description Hold-out predictions: one row per key (parquet or CSV blob, see `format`). */
    readonly RecordPredictions: {
      readonly name: string;
      readonly blob: string;
      readonly rows: number;
      readonly columns: readonly string[];
      readonly format: string;
    };
    /** @description One earlier cell run of the session, in order of execution. */
    readonly RecordPriorCell: {
      /** @description Empty for a cell that ran while tracking was off: its text is from IPython's history. */
      readonly record_id: string;
      /** @description 0 for a cell that ran while tracking was off. */
      readonly seq: number;
      readonly source: string;
      readonly cell_id?: string | null;
      readonly execution_count?: number | null;
      /** @description `UNKNOWN` where tracking was off and IPython does not say how it ended. */
      readonly status?: string;
      readonly tags?: readonly string[];
      /** @description It ran, or began, while tracking was off, and may have read something: what, is not known. */
      readonly unseen?: boolean;
    };
    /** @description One look at the kernel by the sampler; what could not be read is None. */
    readonly RecordReading: {
      readonly at: components['schemas']['RecordNumber'];
      readonly cpu_percent?: components['schemas']['RecordNumber'] | null;
      readonly rss?: number | null;
      readonly read_bytes?: number | null;
      readonly write_bytes?: number | null;
      readonly gpus?: readonly {
        readonly [key: string]: unknown;
      }[];
    };
    /** @description A finding about a run, made during it or later. A run has one of each kind: the last one. */
    readonly RecordReport: {
      /** @description One word: `taint`, `verdict`, … */
      readonly kind: string;
      readonly at: components['schemas']['RecordNumber'];
      /** @description One word: the result. */
      readonly state: string;
      /** @description The figures and sentences that a reader or a gate needs first. */
      readonly summary?: {
        readonly [key: string]: unknown;
      };
      /** @description Tags that the run gets with it. */
      readonly tags?: {
        readonly [key: string]: string;
      };
      /** @description Its files by name. */
      readonly blobs?: {
        readonly [key: string]: components['schemas']['RecordKept'];
      };
    };
    /** @description What the run used. `peak_source` says how the peak was found. */
    readonly RecordResources: {
      readonly cpu_seconds?: components['schemas']['RecordNumber'] | null;
      readonly peak_rss?: number | null;
      /** @description `ru_maxrss` (the kernel's own high-water mark rose in this cell) or `sampled`. */
      readonly peak_source?: string | null;
      readonly readings?: readonly components['schemas']['RecordReading'][];
    };
    /** @description A number that says how good a result is, and where it comes from. Its values are metrics of the run. */
    readonly RecordScore: {
      readonly key: string;
      /** @description Of a series: the last one. */
      readonly value: components['schemas']['RecordNumber'];
      /** @description Of a series: the last one. */
      readonly step?: number;
      readonly at?: components['schemas']['RecordNumber'];
      /** @description `logged` (`bioml.log`), `named` (`--metrics`), `returned` (by a scoring call), `stated` (by a fitted model, of itself), `loss` (of a training step), `computed` (from a followed prediction), `word` (its name is in the vocabulary of scores) or `printed` (read from what the cell printed). */
      readonly origin?: string;
      /** @description The function, the attribute or the printed label that it comes from. */
      readonly source?: string | null;
      /** @description Decimals, where it is only known as it was printed. */
      readonly digits?: number | null;
      /** @description How many values the series has. */
      readonly count?: number;
      /** @description Record id of the later cell that showed it; None: the run's own cell. */
      readonly cell?: string | null;
      /** @description The model that was scored: its variable or its class. */
      readonly model?: string | null;
      /** @description Record id of the run that made the model, where that is another run. */
      readonly of?: string | null;
    };
    /** @description An MLflow run that the user's own code opened during the cell. */
    readonly RecordUserRun: {
      readonly run_id: string;
      readonly tracking_uri: string;
      readonly first: boolean;
    };
    /** @description Why something cannot be done, and what to do. */
    readonly Refusal: {
      readonly message: string;
      readonly next: string;
    };
    /** @description What the register form shows. */
    readonly RegisterOffer: {
      readonly can: boolean;
      readonly refusal: components['schemas']['Refusal'] | null;
      readonly suggested_name: string;
      readonly names: readonly components['schemas']['ModelName'][];
      readonly aliases: readonly string[];
      readonly will_store: readonly components['schemas']['Stored'][];
    };
    /** @description The model version to make. */
    readonly RegisterRequest: {
      readonly name: string;
      readonly alias?: string | null;
      readonly description?: string;
    };
    /** @description A registered model. */
    readonly RegisteredModel: {
      readonly name: string;
      readonly description: string;
      /** @description Newest first. */
      readonly versions: readonly components['schemas']['ModelVersion'][];
    };
    /** @description The alias that is to point again at who held it before. */
    readonly RollbackRequest: {
      readonly alias: string;
      readonly reason?: string;
    };
    /** @description An alias that points back at its previous version. */
    readonly RolledBack: {
      readonly model: string;
      readonly alias: string;
      /** @description The version that holds it now; null: none does. */
      readonly version: string | null;
      /** @description The version that held it until now. */
      readonly previous: string | null;
      readonly event: string;
      readonly notes: readonly string[];
    };
    /** @description One run and what is known around it. */
    readonly RunDetail: {
      readonly row: components['schemas']['RunRow'];
      readonly record: components['schemas']['RunRecord'];
      readonly destination: string;
      readonly versions: readonly components['schemas']['ModelVersion'][];
      readonly previous: components['schemas']['RunRow'] | null;
      readonly group: components['schemas']['Group'];
      /** @description Metrics with more than one value. */
      readonly series_keys: readonly string[];
      readonly environment: components['schemas']['EnvironmentFacts'] | null;
      readonly environment_changes: readonly components['schemas']['EnvironmentChange'][];
      readonly code_before: readonly components['schemas']['CellBefore'][];
      /** @description The later cells that showed scores of it, as far as the journal is here. */
      readonly later_cells: readonly components['schemas']['LaterCell'][];
      /** @description The runs whose models its scores are of, where those are others: record id → name. */
      readonly scored_runs: {
        readonly [key: string]: string;
      };
      readonly git: components['schemas']['GitFacts'] | null;
      readonly links: components['schemas']['Links'];
      /** @description What the cell that was asked for is a part of; null: a run of its own was asked for. */
      readonly joined: components['schemas']['JoinedRun'] | null;
    };
    /** @description One captured output: a stream's text, or one display. `data` is base64 and never to be trusted. */
    readonly RunOutput: {
      /** @enum {string} */
      readonly kind: 'stdout' | 'stderr' | 'display' | 'result';
      readonly mime: string | null;
      readonly text: string | null;
      readonly data: string | null;
      readonly size: number;
      readonly cut: boolean;
    };
    /** @description One page of a filtered, sorted list. */
    readonly RunPage: {
      /** @description A run whose parent was found too is not among them: it is asked for with the parent's id. */
      readonly rows: readonly components['schemas']['RunRow'][];
      readonly total: number;
      readonly offset: number;
      readonly metric_keys: readonly string[];
      /** @description By metric that a finished run has: the largest value; the smallest where the key names a loss or an error. */
      readonly best: {
        readonly [key: string]: components['schemas']['Best'];
      };
      /** @description MLflow's runs are still being read: the list is not whole yet. */
      readonly loading: boolean;
      readonly down: string | null;
      /** @description Segments of the journal that could not be read, and why. */
      readonly problems: readonly string[];
    };
    /** @description What is to be changed of a run; null: left as it is. */
    readonly RunPatch: {
      readonly name?: string | null;
      readonly note?: string | null;
      readonly starred?: boolean | null;
      readonly archived?: boolean | null;
      /** @description The user's own, to be set; of null: to be taken away. */
      readonly tags?: {
        readonly [key: string]: string | null;
      } | null;
    };
    /** @description One cell run: what it was, what it used, what it made, and what could not be captured. */
    readonly RunRecord: {
      readonly record_id: string;
      readonly session: string;
      readonly seq: number;
      /** @description Why it is a run: `cell` (only journaled), `magic`, `tag`, `auto` or `child`. */
      readonly mark: string;
      readonly status: string;
      readonly started: components['schemas']['RecordNumber'];
      readonly code: components['schemas']['RecordCode'];
      readonly schema: number;
      readonly name?: string | null;
      readonly note?: string | null;
      /** @description Why it ended as it did, where there is more to say than the status. */
      readonly cause?: string | null;
      readonly ended?: components['schemas']['RecordNumber'] | null;
      readonly duration?: components['schemas']['RecordNumber'] | null;
      readonly parent?: string | null;
      readonly part_of?: string | null;
      readonly reproduces?: string | null;
      readonly user?: string | null;
      readonly tags?: {
        readonly [key: string]: string;
      };
      /** @description Our tags (`bioml.…`) that came after the start. */
      readonly late?: {
        readonly [key: string]: string;
      };
      readonly params?: {
        readonly [key: string]: unknown;
      };
      readonly metrics?: readonly components['schemas']['RecordMetric'][];
      /** @description The metrics named by `--metrics`; None: all are compared. */
      readonly compared?: readonly string[] | null;
      /** @description Where the metrics that are scores come from, one for each key, in order. */
      readonly scores?: readonly components['schemas']['RecordScore'][];
      /** @description What was computed and is not a score, and scores that MLflow cannot keep (NaN and infinities). */
      readonly values?: {
        readonly [key: string]: unknown;
      };
      readonly data?: readonly components['schemas']['RecordDataUse'][];
      readonly model?: components['schemas']['RecordModel'] | null;
      readonly predictions?: readonly components['schemas']['RecordPredictions'][];
      readonly artifacts?: readonly components['schemas']['RecordArtifact'][];
      readonly outputs?: readonly components['schemas']['RecordOutput'][];
      readonly failure?: components['schemas']['RecordFailure'] | null;
      readonly git?: components['schemas']['RecordGit'] | null;
      readonly modules?: readonly components['schemas']['RecordModule'][];
      readonly environment?: components['schemas']['RecordEnvironment'] | null;
      readonly resources?: components['schemas']['RecordResources'];
      /** @description Generator states at the run's start: library → blob. */
      readonly states?: {
        readonly [key: string]: string;
      };
      readonly user_runs?: readonly components['schemas']['RecordUserRun'][];
      readonly before?: readonly components['schemas']['RecordPriorCell'][];
      /** @description One of each kind, in the order of the kinds' first report. */
      readonly reports?: readonly components['schemas']['RecordReport'][];
      readonly gaps?: readonly components['schemas']['RecordCaptureGap'][];
    };
    /** @description A run's resource use over time. */
    readonly RunResources: {
      readonly started: number;
      readonly ended: number | null;
      readonly points: readonly components['schemas']['Point'][];
      readonly cpu_seconds: number | null;
      readonly peak_rss: number | null;
      /** @description What could not be read, and why. */
      readonly absent: readonly string[];
    };
    /** @description One run in a list. */
    readonly RunRow: {
      /** @description The run's id, everywhere. */
      readonly record_id: string;
      /** @description MLflow's id of it; null: not in MLflow (yet). */
      readonly run_id: string | null;
      readonly name: string;
      /** @enum {string} */
      readonly state: 'RUNNING' | 'FINISHED' | 'FAILED' | 'KILLED';
      /** @description Its user stopped it, and therefore it is KILLED. */
      readonly interrupted: boolean;
      /** @description Why it is a run: `magic`, `tag`, `auto`, `child` or `sweep`; null: not known. */
      readonly mark: string | null;
      /** @description Record id of the run that it is a child of, where that is in the list too. */
      readonly parent: string | null;
      /** @description How many runs of the list are its children. */
      readonly children: number;
      readonly notebook: string | null;
      readonly cell_id: string | null;
      readonly execution_count: number | null;
      /** @description Name of its MLflow experiment. */
      readonly experiment: string | null;
      readonly started: number | null;
      readonly duration: number | null;
      /** @description Last values; those that are not numbers (NaN, infinities) are left out. */
      readonly metrics: {
        readonly [key: string]: number;
      };
      /** @description The metrics named by `--metrics`, where the journal is here; null: all. */
      readonly compared: readonly string[] | null;
      /** @description Those that the user set before those left at their defaults. */
      readonly params: {
        readonly [key: string]: string | number | boolean | null;
      };
      /** @description The user's own tags. */
      readonly tags: {
        readonly [key: string]: string;
      };
      readonly verdict: string | null;
      /** @description The results that the verdict is based on, in words; null: there is no verdict, or it does not say. */
      readonly verdict_basis: string | null;
      /** @description Why the notebook, run from the top, would not be what made the run; null: nothing speaks against it, or nothing is known. */
      readonly taint: string | null;
      /** @description The exception that ended it and the first line of its message, or why it was ended. */
      readonly error: string | null;
      /** @description Against the previous run of the same name and notebook; null: not known. */
      readonly data_changed: boolean | null;
      /** @description Against the previous run of the same name and notebook; null: not known. */
      readonly environment_changed: boolean | null;
      readonly starred: boolean;
      readonly archived: boolean;
      readonly note: string | null;
      /** @description It ended well and has a model, so that it can be registered. */
      readonly has_model: boolean;
      /** @description Everything of it is in MLflow. */
      readonly published: boolean;
      /** @description Record id of the run that this one reproduces. */
      readonly reproduces: string | null;
      /** @description SHA-256 of the cell's source as the front end sent it. */
      readonly source_digest: string | null;
      readonly usage: components['schemas']['Usage'] | null;
      /** @description null: it does not run, or it logged no metric over its steps. */
      readonly progress: components['schemas']['Progress'] | null;
      /** @description Why MLflow does not have the newest name, note or marks yet; null: nothing waits. */
      readonly unsaid: string | null;
    };
    /** @description The values of one metric in their order; a value that is not a number is null. */
    readonly Series: {
      readonly steps: readonly number[];
      readonly values: readonly (number | null)[];
      readonly times: readonly number[];
    };
    /** @description Metrics over their steps. */
    readonly SeriesSet: {
      readonly series: {
        readonly [key: string]: components['schemas']['Series'];
      };
      /** @description At least one series was thinned to the limit; first and last values are always kept. */
      readonly truncated: boolean;
    };
    /** @description Where things are, what waits, what is tracked now. */
    readonly Status: {
      readonly project: string;
      readonly home: string;
      /** @description Why the journal is not in the project's own folder. */
      readonly fallback: string | null;
      /** @description Why the project's disk takes nothing now, and what that means for its runs. */
      readonly disk: string | null;
      /** @description The tracking URI, without credentials. */
      readonly destination: string;
      /** @description The destination is the project's own database. */
      readonly embedded: boolean;
      /** @description Kernels that are tracked now. */
      readonly sessions: number;
      /** @description Why the destination did not answer last time. */
      readonly down: string | null;
      /** @description What is not in MLflow yet, with the reason. */
      readonly waiting: readonly components['schemas']['WaitingRun'][];
      /** @description Runs of this journal that are not sent from here by themselves: recorded for another destination, or copied. */
      readonly elsewhere: readonly components['schemas']['Elsewhere'][];
      /** @description What of the journal is damaged or cannot be read, and what is shown all the same. */
      readonly problems: readonly string[];
      /** @description Bytes of the project's `.bioml`. */
      readonly size: number;
      readonly live: readonly components['schemas']['LiveSession'][];
      /** @description Every notebook of the project is tracked in JupyterLab; None: nobody has decided that. */
      readonly track: boolean | null;
    };
    /** @description One thing that a registration stores, in words. */
    readonly Stored: {
      readonly label: string;
      readonly text: string;
    };
    /** @description The runs that have one value of a column. */
    readonly TableGroup: {
      /** @description Names the group when its runs are asked for: the value as JSON in brackets, `[]` where runs have none. */
      readonly key: string;
      readonly value: string | number | boolean | null;
      readonly runs: number;
      /** @description How many of them finished and have the metric: those that the figures are of. */
      readonly measured: number;
      readonly best: components['schemas']['Best'] | null;
      readonly mean: number | null;
      /** @description Standard deviation of the sample; null with fewer than two. */
      readonly sd: number | null;
    };
    /** @description The groups of a table, the one whose first run stands first in the table first. */
    readonly TableGroups: {
      readonly groups: readonly components['schemas']['TableGroup'][];
      /** @description How many groups there are; more than are listed where there are very many. */
      readonly total: number;
      readonly runs: number;
      /** @description Runs are still being read: the groups are not whole yet. */
      readonly loading: boolean;
    };
    /** @description Columns of a table as a whole, in the order of its rows. */
    readonly TableValues: {
      /** @description Record ids. */
      readonly runs: readonly string[];
      /** @description One list for each column that was asked for; null where a run has no value. */
      readonly columns: readonly (readonly (string | number | boolean | null)[])[];
    };
    /** @description A saved view of the runs table. */
    readonly TableView: {
      readonly name: string;
      /** @description In their order, as they are written in a filter; `figure` is the thumbnail. */
      readonly columns: readonly string[];
      /** @description Pixels, one for each column; 0: as wide as it is by itself. */
      readonly widths: readonly number[];
      /** @description A column. */
      readonly sort: string;
      readonly descending: boolean;
      /** @description The filter; empty: every run. */
      readonly where: string;
      /** @description The column whose values make groups; null: no groups. */
      readonly group: string | null;
      /** @description The metric that groups are judged by; null: the first that is shown. */
      readonly metric: string | null;
      /** @description Archived runs are listed too. */
      readonly archived: boolean;
      /** @description Runs that made another run again are listed too. */
      readonly reproductions: boolean;
    };
    /** @description Whether every notebook of the project is tracked in JupyterLab: the setting `track` of `bioml.toml`. */
    readonly Tracked: {
      readonly track: boolean;
    };
    /** @description The latest reading of a run that runs. */
    readonly Usage: {
      readonly cpu_percent: number | null;
      readonly rss: number | null;
    };
    /** @description A run that is not (wholly) in MLflow yet, and why. */
    readonly WaitingRun: {
      readonly record_id: string;
      readonly name: string;
      readonly reason: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type AliasDeleted = components['schemas']['AliasDeleted'];
export type AliasRequest = components['schemas']['AliasRequest'];
export type Best = components['schemas']['Best'];
export type CellBefore = components['schemas']['CellBefore'];
export type CodeDiff = components['schemas']['CodeDiff'];
export type ColumnKey = components['schemas']['ColumnKey'];
export type ColumnKeys = components['schemas']['ColumnKeys'];
export type CompareRequest = components['schemas']['CompareRequest'];
export type Comparison = components['schemas']['Comparison'];
export type ComparisonRow = components['schemas']['ComparisonRow'];
export type ComparisonSection = components['schemas']['ComparisonSection'];
export type Decided = components['schemas']['Decided'];
export type Decision = components['schemas']['Decision'];
export type DecisionRequest = components['schemas']['DecisionRequest'];
export type Deleted = components['schemas']['Deleted'];
export type DiffLine = components['schemas']['DiffLine'];
export type Elsewhere = components['schemas']['Elsewhere'];
export type EnvironmentChange = components['schemas']['EnvironmentChange'];
export type EnvironmentFacts = components['schemas']['EnvironmentFacts'];
export type ErrorBody = components['schemas']['ErrorBody'];
export type Experiment = components['schemas']['Experiment'];
export type FileEntry = components['schemas']['FileEntry'];
export type GateAnswer = components['schemas']['GateAnswer'];
export type GatesAsked = components['schemas']['GatesAsked'];
export type GitFacts = components['schemas']['GitFacts'];
export type Gpu = components['schemas']['Gpu'];
export type Group = components['schemas']['Group'];
export type Hello = components['schemas']['Hello'];
export type Job = components['schemas']['Job'];
export type JobRequest = components['schemas']['JobRequest'];
export type JoinedRun = components['schemas']['JoinedRun'];
export type LaterCell = components['schemas']['LaterCell'];
export type Links = components['schemas']['Links'];
export type Live = components['schemas']['Live'];
export type LiveRun = components['schemas']['LiveRun'];
export type LiveSession = components['schemas']['LiveSession'];
export type LoadCode = components['schemas']['LoadCode'];
export type ManyPatch = components['schemas']['ManyPatch'];
export type ManyPatched = components['schemas']['ManyPatched'];
export type ModelName = components['schemas']['ModelName'];
export type ModelVersion = components['schemas']['ModelVersion'];
export type Point = components['schemas']['Point'];
export type Progress = components['schemas']['Progress'];
export type PromoteRequest = components['schemas']['PromoteRequest'];
export type Promotion = components['schemas']['Promotion'];
export type RecordArtifact = components['schemas']['RecordArtifact'];
export type RecordCaptureGap = components['schemas']['RecordCaptureGap'];
export type RecordCode = components['schemas']['RecordCode'];
export type RecordDataUse = components['schemas']['RecordDataUse'];
export type RecordEnvironment = components['schemas']['RecordEnvironment'];
export type RecordFailure = components['schemas']['RecordFailure'];
export type RecordGit = components['schemas']['RecordGit'];
export type RecordKept = components['schemas']['RecordKept'];
export type RecordMetric = components['schemas']['RecordMetric'];
export type RecordModel = components['schemas']['RecordModel'];
export type RecordModule = components['schemas']['RecordModule'];
export type RecordNumber = components['schemas']['RecordNumber'];
export type RecordOutput = components['schemas']['RecordOutput'];
export type RecordPredictions = components['schemas']['RecordPredictions'];
export type RecordPriorCell = components['schemas']['RecordPriorCell'];
export type RecordReading = components['schemas']['RecordReading'];
export type RecordReport = components['schemas']['RecordReport'];
export type RecordResources = components['schemas']['RecordResources'];
export type RecordScore = components['schemas']['RecordScore'];
export type RecordUserRun = components['schemas']['RecordUserRun'];
export type Refusal = components['schemas']['Refusal'];
export type RegisterOffer = components['schemas']['RegisterOffer'];
export type RegisterRequest = components['schemas']['RegisterRequest'];
export type RegisteredModel = components['schemas']['RegisteredModel'];
export type RollbackRequest = components['schemas']['RollbackRequest'];
export type RolledBack = components['schemas']['RolledBack'];
export type RunDetail = components['schemas']['RunDetail'];
export type RunOutput = components['schemas']['RunOutput'];
export type RunPage = components['schemas']['RunPage'];
export type RunPatch = components['schemas']['RunPatch'];
export type RunRecord = components['schemas']['RunRecord'];
export type RunResources = components['schemas']['RunResources'];
export type RunRow = components['schemas']['RunRow'];
export type Series = components['schemas']['Series'];
export type SeriesSet = components['schemas']['SeriesSet'];
export type Status = components['schemas']['Status'];
export type Stored = components['schemas']['Stored'];
export type TableGroup = components['schemas']['TableGroup'];
export type TableGroups = components['schemas']['TableGroups'];
export type TableValues = components['schemas']['TableValues'];
export type TableView = components['schemas']['TableView'];
export type Tracked = components['schemas']['Tracked'];
export type Usage = components['schemas']['Usage'];
export type WaitingRun = components['schemas']['WaitingRun'];
