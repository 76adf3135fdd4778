import type { IClient } from './request';
import type {
  AliasDeleted,
  AliasRequest,
  RegisteredModel,
  ModelVersion,
  RegisterOffer,
  RegisterRequest
} from './wire';

/** The registered models with their versions. */
export function list(client: IClient, path: string): Promise<RegisteredModel[]> {
  return client.json(['models'], { query: { path } });
}

/** What registering the model of a run would store, or why it cannot be registered. */
export function offer(client: IClient, path: string, run: string): Promise<RegisterOffer> {
  return client.json(['runs', run, 'register'], { query: { path } });
}

/** Make a model version from a run. */
export function register(
  client: IClient,
  path: string,
  run: string,
  request: RegisterRequest
): Promise<ModelVersion> {
  return client.json(['runs', run, 'register'], { method: 'POST', query: { path }, body: request });
}

/** Let an alias point at a version; it is taken from the version that had it. */
export function setAlias(
  client: IClient,
  path: string,
  name: string,
  alias: string,
  version: string
): Promise<ModelVersion> {
  const body: AliasRequest = { version };
  return client.json(['models', name, 'aliases', alias], { method: 'PUT', query: { path }, body });
}

/** Take an alias away; the version stays. */
export function removeAlias(
  client: IClient,
  path: string,
  name: string,
  alias: string
): Promise<AliasDeleted> {
  return client.json(['models', name, 'aliases', alias], { method: 'DELETE', query: { path } });
}
