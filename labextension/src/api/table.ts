import type { IClient } from './request';
import { type IRunQuery, words } from './runs';
import type { ColumnKeys, ManyPatch, ManyPatched, TableGroups, TableValues, TableView } from './wire';

/** The most runs that are changed, and that are exported with all their files, by one request. */
export const MOST_CHANGED = 500;
export const MOST_EXPORTED = 200;

/** Every metric, parameter and tag of the project's runs. */
export function columns(client: IClient, path: string): Promise<ColumnKeys> {
  return client.json(['table', 'columns'], { query: { path } });
}

/**
 * The runs in groups by the values of a column.
 *
 * @param by - the column. @param of - the metric whose best, mean and deviation is given for each.
 */
export function groups(
  client: IClient,
  path: string,
  query: IRunQuery,
  by: string,
  of: string | null,
  signal?: AbortSignal
): Promise<TableGroups> {
  return client.json(['table', 'groups'], { query: { ...words(path, query), by, of }, signal });
}

/** Whole columns of the runs; without any, their ids in order. */
export function values(
  client: IClient,
  path: string,
  query: IRunQuery,
  show: readonly string[] = [],
  signal?: AbortSignal
): Promise<TableValues> {
  return client.json(['table', 'values'], { query: { ...words(path, query), show }, signal });
}

/** Star, archive or tag many runs. */
export function change(client: IClient, path: string, patch: ManyPatch): Promise<ManyPatched> {
  return client.json(['table', 'change'], { method: 'POST', query: { path }, body: patch });
}

/** Where several runs can be downloaded with all their files. */
export function exportUrl(client: IClient, path: string, ids: readonly string[]): string {
  return client.url(['table', 'export'], { path, run: ids });
}

/** The saved views of the project. */
export function views(client: IClient, path: string): Promise<TableView[]> {
  return client.json(['table', 'views'], { query: { path } });
}

/** Keep a view; one of the same name is replaced. */
export function saveView(client: IClient, path: string, view: TableView): Promise<TableView> {
  return client.json(['table', 'views'], { method: 'POST', query: { path }, body: view });
}

/** Delete a view. */
export function forgetView(client: IClient, path: string, name: string): Promise<TableView> {
  return client.json(['table', 'views', name], { method: 'DELETE', query: { path } });
}
