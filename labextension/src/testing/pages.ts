import { nullTranslator } from '@jupyterlab/translation';
import type {
  Comparison,
  DiffLine,
  RunOutput,
  RecordDataUse,
  RunResources,
  RunDetail,
  RunRecord,
  RunRow
} from '../api/wire';
import { aPoint, aRow } from './builders';

/** Texts as they are written in the source. */
export const trans = nullTranslator.load('jupyter_bioml');

/** Text that tries to be more than text. */
export const HOSTILE = '<img src=x onerror="window.hacked=true">\u202e\0 🧬 ' + 'x'.repeat(10_000);

/** A record as short as it can be. */
export function aRecord(changes: Partial<RunRecord> = {}): RunRecord {
  return {
    record_id: 'a'.repeat(32),
    session: '20261121T140307-0011aabb',
    seq: 4,
    mark: 'magic',
    status: 'FINISHED',
    started: 1_795_270_000,
    code: {
      source: 'depth = 3\nfit(depth)',
      cell_id: 'cell-1',
      notebook: 'study.ipynb',
      execution_count: 12,
      magic: '%%experiment gbm'
    },
    schema: 1,
    ...changes
  };
}

/** A file that was read. */
export function aDataUse(changes: Partial<RecordDataUse> = {}): RecordDataUse {
  return {
    name: 'cohort.csv',
    role: 'read',
    kind: 'file',
    digest: 'a41c'.repeat(8),
    size: 2400,
    rows: 120,
    columns: 2,
    ...changes
  };
}

/** A run with a previous one, one earlier cell and an environment; `row` and `record` change those. */
export function aDetail(
  changes: Partial<Omit<RunDetail, 'row' | 'record'>> & {
    row?: Partial<RunRow>;
    record?: Partial<RunRecord>;
  } = {}
): RunDetail {
  const { row, record, ...rest } = changes;
  return {
    row: aRow(row),
    record: aRecord(record),
    destination: 'sqlite:////study/.bioml/mlflow.db',
    joined: null,
    versions: [],
    previous: aRow({ record_id: 'b'.repeat(32), name: 'gbm-depth2', metrics: { auc: 0.9889 } }),
    group: { name: 'gbm-depth3', runs: 2, best: null, latest: 'a'.repeat(32) },
    series_keys: ['loss'],
    environment: {
      digest: 'e'.repeat(64),
      python: '3.11.7',
      platform: 'Linux',
      packages: { numpy: '2.4.6', 'scikit-learn': '1.9.1' }
    },
    environment_changes: [],
    code_before: [
      {
        seq: 2,
        cell_id: 'cell-0',
        execution_count: 3,
        source: 'import numpy',
        state: 'FINISHED',
        tags: [],
        unseen: false
      }
    ],
    later_cells: [],
    scored_runs: {},
    git: null,
    links: { mlflow: null, mlflow_command: null },
    ...rest
  };
}

/** A captured text; `changes` make it something else. */
export function anOutput(changes: Partial<RunOutput> = {}): RunOutput {
  return { kind: 'stdout', mime: 'text/plain', text: 'done\n', data: null, size: 5, cut: false, ...changes };
}

/** Three readings, one second apart. */
export function aResources(changes: Partial<RunResources> = {}): RunResources {
  const started = 1_795_270_000;
  return {
    started,
    ended: started + 2,
    points: [0, 1, 2].map(second =>
      aPoint({
        t: started + second,
        cpu_percent: second === 0 ? null : 90 + second,
        read_bytes: second * 1e6
      })
    ),
    cpu_seconds: 1.9,
    peak_rss: 611_000_000,
    absent: [],
    ...changes
  };
}

/** A diff from a text: each line begins with its kind. */
export function aDiff(text: string): DiffLine[] {
  let [left, right] = [0, 0];
  return text.split('\n').map(line => {
    const kind = line[0] as DiffLine['kind'];
    left += kind === '+' ? 0 : 1;
    right += kind === '-' ? 0 : 1;
    return {
      kind,
      left: kind === '+' ? null : left,
      right: kind === '-' ? null : right,
      text: line.slice(1)
    };
  });
}

/** Two runs: depth and auc differ, the kind is the same. */
export function aComparison(changes: Partial<Comparison> = {}): Comparison {
  return {
    runs: [
      aRow({ record_id: 'r1', run_id: 'run1', name: 'gbm-depth3' }),
      aRow({ record_id: 'r2', run_id: 'run2', name: 'gbm-depth5' })
    ],
    sections: [
      {
        section: 'parameters',
        rows: [
          { key: 'depth', values: [3, 5], absent: [], differs: true, best: null, scores: [] },
          { key: 'kind', values: ['gbm', 'gbm'], absent: [], differs: false, best: null, scores: [] }
        ]
      },
      {
        section: 'metrics',
        rows: [{ key: 'auc', values: [0.99312, 0.9921], absent: [], differs: true, best: 0, scores: [] }]
      },
      {
        section: 'data',
        rows: [
          { key: 'cohort.csv', values: ['a41c', null], absent: [1], differs: true, best: null, scores: [] }
        ]
      },
      { section: 'environment', rows: [] }
    ],
    code: [{ left: 0, right: 1, lines: aDiff('-depth = 3\n+depth = 5\n fit(depth)') }],
    ...changes
  };
}
