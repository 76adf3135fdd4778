import type { IClient } from './request';
import type { Hello, Status, Tracked } from './wire';

/** The versions of the server half, and where its runs are. */
export function hello(client: IClient): Promise<Hello> {
  return client.json([]);
}

/** Track every notebook of the project of `path`, or only those that are switched on. */
export function track(client: IClient, path: string, isTracked: boolean): Promise<Tracked> {
  const body: Tracked = { track: isTracked };
  return client.json(['track'], { method: 'PUT', query: { path }, body });
}

/** What is tracked, what waits to be published, and why. */
export function status(client: IClient, path: string): Promise<Status> {
  return client.json(['status'], { query: { path } });
}
