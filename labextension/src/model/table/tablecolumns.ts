import type { TranslationBundle } from '@jupyterlab/translation';
import type { ColumnKeys, RunRow } from '../../api/wire';
import * as format from '../format';
import { own } from '../own';

/** The thumbnail of a run's figure: shown as a column, and none that is sorted or filtered by. */
export const FIGURE = 'figure';

/** What a column is of: a field of every run, or a metric, parameter or tag. */
export type ColumnKind = 'field' | 'metrics' | 'params' | 'tags' | 'figure';

/** What stands in a cell before it is written: null: there is none. */
export type CellValue = string | number | boolean | null;

/** The fields of a run that can be columns, in the order in which they are offered; name comes first always. */
export const FIELDS = [
  'name',
  'status',
  'started',
  'duration',
  'notebook',
  'experiment',
  'verdict',
  'note',
  'error',
  'starred',
  'archived',
  'model',
  'id'
] as const;

const VALUES: Readonly<Record<string, (row: RunRow) => CellValue>> = {
  name: row => row.name,
  status: row => (row.interrupted ? 'interrupted' : row.state.toLowerCase()),
  started: row => row.started,
  duration: row => row.duration,
  notebook: row => row.notebook,
  experiment: row => row.experiment,
  verdict: row => row.verdict,
  note: row => row.note,
  error: row => row.error,
  starred: row => row.starred,
  archived: row => row.archived,
  model: row => row.has_model,
  id: row => row.record_id
};

/** Columns shown before anybody chose: so many parameters and metrics. */
const FIRST = 4;
const WIDTHS: Readonly<Record<string, number>> = {
  name: 260,
  notebook: 180,
  started: 120,
  note: 220,
  error: 220,
  id: 130
};
const WIDTH: Readonly<Record<ColumnKind, number>> = {
  field: 100,
  metrics: 110,
  params: 120,
  tags: 120,
  figure: 110
};

/** Its kind, and the key in that: `params.depth` is the parameter `depth`. */
export function parse(id: string): { kind: ColumnKind; key: string } {
  const dot = id.indexOf('.');
  const kind = id.slice(0, dot);
  if (dot > 0 && (kind === 'metrics' || kind === 'params' || kind === 'tags')) {
    return { kind, key: id.slice(dot + 1) };
  }
  return { kind: id === FIGURE ? 'figure' : 'field', key: id };
}

/** A column's value of a run; undefined: the run has none (null is a value: Python's None). */
export function valueOf(row: RunRow, id: string): CellValue | undefined {
  const { kind, key } = parse(id);
  switch (kind) {
    case 'metrics':
      return own(row.metrics, key);
    case 'params':
      return own(row.params, key);
    case 'tags':
      return own(row.tags, key);
    case 'field':
      return own(VALUES, key)?.(row) ?? undefined;
    default:
      return undefined;
  }
}

/** A column's head. */
export function labelOf(id: string, trans: TranslationBundle): string {
  const { kind, key } = parse(id);
  if (kind !== 'field') {
    return kind === 'figure' ? trans.__('Figure') : key;
  }
  const words: Readonly<Record<string, string>> = {
    name: trans.__('Run'),
    status: trans.__('Status'),
    started: trans.__('Started'),
    duration: trans.__('Duration'),
    notebook: trans.__('Notebook'),
    experiment: trans.__('Experiment'),
    verdict: trans.__('Verdict'),
    note: trans.__('Note'),
    error: trans.__('Error'),
    starred: trans.__('Starred'),
    archived: trans.__('Archived'),
    model: trans.__('Model'),
    id: trans.__('ID')
  };
  return own(words, key) ?? key;
}

/** What kind of column it is, for its title and for screen readers. */
export function kindWord(id: string, trans: TranslationBundle): string {
  switch (parse(id).kind) {
    case 'metrics':
      return trans.__('metric');
    case 'params':
      return trans.__('parameter');
    case 'tags':
      return trans.__('tag');
    default:
      return trans.__('of the run');
  }
}

/** A cell as it is read; the whole value stands in its title. */
export function textOf(
  id: string,
  value: CellValue | undefined,
  now: number,
  trans: TranslationBundle
): string {
  if (value === undefined) {
    return '';
  }
  if (id === 'started') {
    return format.formatAgo(value as number, now, trans);
  }
  if (id === 'duration') {
    return format.formatDuration(value as number);
  }
  if (id === 'starred' || id === 'archived' || id === 'model') {
    return value === true ? '✓' : '';
  }
  return value === null ? 'None' : format.printable(format.formatNumber(value)).slice(0, 300);
}

/** The whole value, for a title and the clipboard. */
export function exactOf(id: string, value: CellValue | undefined): string {
  if (value === undefined) {
    return '';
  }
  if (id === 'started') {
    return format.formatTime(value as number);
  }
  return value === null ? 'None' : format.formatExact(value);
}

/** Numbers stand at the right of their column. */
export function isRight(id: string, value: CellValue | undefined): boolean {
  const { kind } = parse(id);
  return typeof value === 'number' ? id !== 'started' : value === undefined && kind === 'metrics';
}

/** A column's width before it was changed, in pixels. */
export function widthOf(id: string): number {
  return own(WIDTHS, id) ?? WIDTH[parse(id).kind];
}

/** The columns of a table that nobody chose columns for: what differs between runs, and what they are judged by. */
export function firstColumns(keys: ColumnKeys): string[] {
  const most = <T extends { runs: number }>(all: readonly T[]): T[] =>
    [...all].sort((a, b) => b.runs - a.runs).slice(0, FIRST);
  const metrics = most(keys.metrics.filter(({ key }) => !key.startsWith('timing.')));
  const params = most(keys.params.filter(({ differs }) => differs));
  return [
    'name',
    'status',
    'started',
    ...metrics.map(({ key }) => `metrics.${key}`),
    ...params.map(({ key }) => `params.${key}`),
    'duration'
  ];
}

/** Every column there is to choose. */
export function allColumns(keys: ColumnKeys): string[] {
  return [
    ...FIELDS,
    FIGURE,
    ...keys.metrics.map(({ key }) => `metrics.${key}`),
    ...keys.params.filter(({ differs }) => differs).map(({ key }) => `params.${key}`),
    ...keys.tags.map(({ key }) => `tags.${key}`),
    ...keys.params.filter(({ differs }) => !differs).map(({ key }) => `params.${key}`)
  ];
}

/** What runs can be grouped by: what is not another value for each. */
export function groupColumns(keys: ColumnKeys): string[] {
  return allColumns(keys).filter(
    id => !['started', 'duration', 'id', 'note', FIGURE].includes(id) && parse(id).kind !== 'metrics'
  );
}
