import type { Comparison, ComparisonSection, RunRow } from '../api/wire';
import type { Cell } from './csv';
import { shortName } from './name';

/** One column of the table of runs: a parameter, a metric, or what else the runs are compared by. */
export interface IColumn {
  id: string;
  section: ComparisonSection['section'];
  key: string;
  /** One per run. */
  values: readonly Cell[];
  differs: boolean;
}

/** Everything that the runs are compared by. */
export function columnsOf(comparison: Comparison): IColumn[] {
  return comparison.sections.flatMap(({ section, rows }) =>
    rows.map(({ key, values, differs }) => ({ id: `${section}:${key}`, section, key, values, differs }))
  );
}

/** Parameters and metrics: what can be an axis. Those that differ come first. */
export function axisColumns(comparison: Comparison): IColumn[] {
  const all = columnsOf(comparison).filter(
    ({ section }) => section === 'parameters' || section === 'defaults' || section === 'metrics'
  );
  return [...all.filter(column => column.differs), ...all.filter(column => !column.differs)];
}

/** Whether every value that is there is a finite number. */
export function isNumeric(values: readonly Cell[]): boolean {
  const there = values.filter(value => value !== null);
  return there.length > 0 && there.every(value => typeof value === 'number' && Number.isFinite(value));
}

/** The compared runs as a table: one row per thing, one column per run. */
export function csvRows(comparison: Comparison): Cell[][] {
  const { runs } = comparison;
  const head = (label: string, of: (run: RunRow) => Cell): Cell[] => ['run', label, ...runs.map(of)];
  return [
    ['section', 'key', ...runs.map(run => run.name)],
    head('run', run => run.record_id),
    head('mlflow_run', run => run.run_id),
    head('state', run => run.state),
    head('started', run => (run.started === null ? null : new Date(run.started * 1000).toISOString())),
    head('duration_seconds', run => run.duration),
    ...columnsOf(comparison).map(column => [column.section, column.key, ...column.values])
  ];
}

/** Runs that the title of a comparison names. */
const NAMED = 2;
/** Characters of a name in a title. */
const NAME = 24;

/** The title of a comparison: the first runs by name, and how many more there are. */
export function comparisonTitle(runs: readonly Pick<RunRow, 'name' | 'record_id'>[]): string {
  const named = labelsOf(runs)
    .slice(0, NAMED)
    .map(label => shortName(label, NAME));
  return [named.join(' · '), ...(runs.length > NAMED ? [`+ ${runs.length - NAMED}`] : [])].join(' ');
}

/** A title that no other page has: a number tells those apart that would be the same. */
export function distinctTitle(wanted: string, others: readonly string[]): string {
  let [title, number] = [wanted, 1];
  while (others.includes(title)) {
    number += 1;
    title = `${wanted} (${number})`;
  }
  return title;
}

/** Names that tell the runs apart: where two have the same name, the beginning of the id follows. */
export function labelsOf(runs: readonly Pick<RunRow, 'name' | 'record_id'>[]): string[] {
  return runs.map(run =>
    runs.some(other => other !== run && other.name === run.name)
      ? `${run.name} (${run.record_id.slice(0, 6)})`
      : run.name
  );
}
