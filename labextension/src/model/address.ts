import { URLExt } from '@jupyterlab/coreutils';

/** The page that an address asks for. */
export type Address =
  { kind: 'run'; id: string; path: string } | { kind: 'compare'; ids: string[]; path: string };

const RUN = 'bioml-run';
const COMPARE = 'bioml-compare';
const PATH = 'bioml-path';

/** The most runs of one comparison. */
export const MOST_COMPARED = 20;

/** What the query of an address asks for; null: not one of our pages. */
export function parseAddress(search: string): Address | null {
  const query = new URLSearchParams(search);
  const path = query.get(PATH) ?? '';
  const id = query.get(RUN);
  if (id) {
    return { kind: 'run', id, path };
  }
  const ids = distinct((query.get(COMPARE) ?? '').split(',').filter(Boolean));
  return ids.length >= 2 ? { kind: 'compare', ids: ids.slice(0, MOST_COMPARED), path } : null;
}

/** The query without our part: what stays in the address bar once the page is open. */
export function withoutAddress(search: string): string {
  const query = new URLSearchParams(search);
  for (const name of [RUN, COMPARE, PATH]) {
    query.delete(name);
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

/** The address to share. @param baseUrl - of the server, as the browser reaches it. */
export function formatAddress(baseUrl: string, address: Address): string {
  const what: [string, string] =
    address.kind === 'run' ? [RUN, address.id] : [COMPARE, address.ids.join(',')];
  const query = new URLSearchParams([what]);
  if (address.path) {
    query.set(PATH, address.path);
  }
  return `${URLExt.join(baseUrl, 'lab')}?${query.toString()}`;
}

/** Each id once, in order. */
export function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}

/** The name of a page: what has the same name is the same page, and is opened once. */
export function pageName(address: Address): string {
  const what = address.kind === 'run' ? address.id : address.ids.join(',');
  return `bioml-${address.kind}:${what}:${address.path}`;
}
