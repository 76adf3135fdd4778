import type { IRunQuery } from '../api/runs';
import type { RunRow } from '../api/wire';

/** What the user chose to see of the runs. */
export interface IRunView {
  scope: 'notebook' | 'project' | 'experiment';
  /** Name of the experiment; only with that scope. */
  experiment: string;
  q: string;
  /** `key` or `key=value`, separated by commas. */
  tags: string;
  states: readonly RunRow['state'][];
  /** The key metric; empty: the first one there is. */
  metric: string;
  /** Range of the key metric. */
  min: number | null;
  max: number | null;
  sort: 'started' | 'name' | 'duration' | 'metric';
  order: 'asc' | 'desc';
  archived: boolean;
  starred: boolean;
  grouped: boolean;
}

export const DEFAULT_VIEW: IRunView = {
  scope: 'notebook',
  experiment: '',
  q: '',
  tags: '',
  states: [],
  metric: '',
  min: null,
  max: null,
  sort: 'started',
  order: 'desc',
  archived: false,
  starred: false,
  grouped: false
};

/** What is kept over a reload of the page; filters are not, so that no run is missed for a forgotten one. */
export type Remembered = Pick<IRunView, 'metric' | 'sort' | 'order' | 'grouped'>;

export function toRemember(view: IRunView): Remembered {
  return { metric: view.metric, sort: view.sort, order: view.order, grouped: view.grouped };
}

/** What was kept, as far as it is what it should be. */
export function fromRemembered(value: unknown): Partial<IRunView> {
  const kept = (typeof value === 'object' && value !== null ? value : {}) as Partial<Record<string, unknown>>;
  const view: Partial<IRunView> = {};
  if (typeof kept.metric === 'string') {
    view.metric = kept.metric;
  }
  if (typeof kept.grouped === 'boolean') {
    view.grouped = kept.grouped;
  }
  if (kept.order === 'asc' || kept.order === 'desc') {
    view.order = kept.order;
  }
  if (kept.sort === 'started' || kept.sort === 'name' || kept.sort === 'duration' || kept.sort === 'metric') {
    view.sort = kept.sort;
  }
  return view;
}

/** Some runs may be left out by what the user set. */
export function isFiltered(view: IRunView): boolean {
  return (
    view.q.trim() !== '' ||
    view.tags.trim() !== '' ||
    view.states.length > 0 ||
    view.min !== null ||
    view.max !== null ||
    view.starred
  );
}

/** Which runs are listed, or in which order, depends on the key metric. */
export function usesMetric(view: IRunView): boolean {
  return view.sort === 'metric' || view.min !== null || view.max !== null;
}

/** What takes every filter away. */
export const NO_FILTER: Partial<IRunView> = {
  q: '',
  tags: '',
  states: [],
  min: null,
  max: null,
  starred: false
};

/** The server's words for it. @param metric - the key metric that is shown. */
export function queryOf(view: IRunView, metric: string): IRunQuery {
  const byMetric = metric !== '' && usesMetric(view);
  const tags = view.tags.split(',').map(tag => tag.trim());
  return {
    scope: view.scope,
    experiment: view.scope === 'experiment' ? view.experiment : undefined,
    q: view.q.trim() || undefined,
    tag: tags.filter(tag => tag !== ''),
    state: view.states,
    metric: byMetric ? metric : undefined,
    min: byMetric ? (view.min ?? undefined) : undefined,
    max: byMetric ? (view.max ?? undefined) : undefined,
    sort: view.sort === 'metric' && metric === '' ? 'started' : view.sort,
    order: view.order,
    archived: view.archived || undefined,
    starred: view.starred || undefined
  };
}

/** The metric that is shown: the chosen one if there is one, else the first that is not a timing. */
export function keyMetric(chosen: string, keys: readonly string[]): string {
  if (chosen !== '' && (keys.length === 0 || keys.includes(chosen))) {
    return chosen;
  }
  return keys.find(key => !key.startsWith('timing.')) ?? keys[0] ?? '';
}
