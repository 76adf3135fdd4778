import type { IClient } from './request';
import type {
  Decided,
  DecisionRequest,
  Promotion,
  PromoteRequest,
  RollbackRequest,
  RolledBack
} from './wire';

/**
 * What each gate of an alias says of a version, as far as it is known; nothing is moved.
 *
 * @param alias - empty: the policy's first.
 * @param ticket - of an answer that was not complete; without one the gates are asked.
 */
export function gates(
  client: IClient,
  path: string,
  name: string,
  version: string,
  alias: string,
  ticket?: string
): Promise<Promotion> {
  const query = { path, alias: alias || undefined, ticket };
  return client.json(['models', name, 'versions', version, 'gates'], { query });
}

/** Let an alias point at a version when every gate holds; `promoted` says whether it does. */
export function promote(
  client: IClient,
  path: string,
  name: string,
  version: string,
  body: PromoteRequest
): Promise<Promotion> {
  const segments = ['models', name, 'versions', version, 'promote'];
  return client.json(segments, { method: 'POST', query: { path }, body });
}

/** Approve or reject a version in one's own name. */
export function decide(
  client: IClient,
  path: string,
  name: string,
  version: string,
  body: DecisionRequest
): Promise<Decided> {
  const segments = ['models', name, 'versions', version, 'approve'];
  return client.json(segments, { method: 'POST', query: { path }, body });
}

/** Let an alias point again at who held it before. */
export function rollBack(
  client: IClient,
  path: string,
  name: string,
  body: RollbackRequest
): Promise<RolledBack> {
  return client.json(['models', name, 'rollback'], { method: 'POST', query: { path }, body });
}
