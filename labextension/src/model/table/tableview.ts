import type { IRunQuery } from '../../api/runs';
import type { TableView } from '../../api/wire';
import { FIGURE, parse, widthOf } from './tablecolumns';

/** What the table shows, and how: a saved view but for its name. */
export type ITableView = Omit<TableView, 'name'>;

/** Narrowest and widest column, in pixels. */
export const NARROWEST = 48;
export const WIDEST = 900;

/** Every run, newest first; without columns, which are chosen once the names of metrics are known. */
export const FIRST_VIEW: ITableView = {
  columns: [],
  widths: [],
  sort: 'started',
  descending: true,
  where: '',
  group: null,
  metric: null,
  archived: false,
  reproductions: false
};

/** The server's words for the runs of a view. */
export function queryOf(view: ITableView): IRunQuery {
  return {
    scope: 'project',
    where: view.where.trim() || undefined,
    sort: 'column',
    column: view.sort,
    order: view.descending ? 'desc' : 'asc',
    archived: view.archived || undefined,
    reproductions: view.reproductions || undefined,
    flat: true
  };
}

/** Whether two views show the same runs in the same order and groups: else what was read is worth nothing. */
export function isSameList(one: ITableView, other: ITableView): boolean {
  const names = ['sort', 'descending', 'where', 'group', 'archived', 'reproductions'] as const;
  return names.every(name => one[name] === other[name]) && metricOf(one) === metricOf(other);
}

/** The metric that groups are judged by: the chosen one, the one that is sorted by, or the first that is shown. */
export function metricOf(view: ITableView): string | null {
  const shown = [view.sort, ...view.columns].map(parse).find(({ kind }) => kind === 'metrics');
  return view.metric ?? shown?.key ?? null;
}

/** Sort by a column: once more turns the order around. Numbers begin with the largest, words with the first. */
export function sortedBy(view: ITableView, id: string): ITableView {
  if (id === FIGURE) {
    return view;
  }
  const { kind } = parse(id);
  const first = kind === 'metrics' || id === 'started' || id === 'duration' || id === 'starred';
  return { ...view, sort: id, descending: view.sort === id ? !view.descending : first };
}

/** With another choice of columns; those that stay keep their widths. */
export function withColumns(view: ITableView, columns: readonly string[]): ITableView {
  const widths = new Map(view.columns.map((id, index) => [id, view.widths[index] ?? 0]));
  return { ...view, columns, widths: columns.map(id => widths.get(id) ?? 0) };
}

/** With one column more or less. The name of the run stays. */
export function toggled(view: ITableView, id: string): ITableView {
  if (id === 'name' && view.columns.includes(id)) {
    return view;
  }
  const rest = view.columns.filter(one => one !== id);
  if (rest.length < view.columns.length) {
    return withColumns(view, rest);
  }
  // a figure is of no use where nobody scrolls to
  return withColumns(view, id === FIGURE ? [...rest.slice(0, 1), id, ...rest.slice(1)] : [...rest, id]);
}

/** With a column moved by some places. */
export function moved(view: ITableView, id: string, by: number): ITableView {
  const from = view.columns.indexOf(id);
  const to = Math.min(view.columns.length - 1, Math.max(0, from + by));
  if (from === -1 || from === to) {
    return view;
  }
  const columns = view.columns.filter(one => one !== id);
  columns.splice(to, 0, id);
  return withColumns(view, columns);
}

/** With a column of another width. */
export function resized(view: ITableView, index: number, width: number): ITableView {
  const fitting = Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)));
  return { ...view, widths: view.columns.map((_, at) => (at === index ? fitting : (view.widths[at] ?? 0))) };
}

/** The widths of the columns as they are drawn. */
export function widthsOf(view: ITableView): number[] {
  return view.columns.map((id, index) => view.widths[index] || widthOf(id));
}

/** What is kept over a reload, as far as it is what it should be; null: it is not. */
export function fromKept(value: unknown): ITableView | null {
  const kept = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<string, unknown>>;
  const { columns, widths, sort, descending, where, group, metric, archived, reproductions } = kept;
  const isText = (one: unknown): one is string => typeof one === 'string';
  if (!Array.isArray(columns) || !columns.every(isText) || !Array.isArray(widths) || !isText(sort)) {
    return null;
  }
  return {
    columns,
    widths: columns.map((_, index) => (typeof widths[index] === 'number' ? (widths[index] as number) : 0)),
    sort,
    descending: descending !== false,
    where: isText(where) ? where : '',
    group: isText(group) ? group : null,
    metric: isText(metric) ? metric : null,
    archived: archived === true,
    reproductions: reproductions === true
  };
}
