import type { IClient } from './request';
import type { Hello, Status } from './wire';

/** The versions of the server half, and where its runs are. */
export function hello(client: IClient): Promise<Hello> {
  return client.json([]);
}

/** What is tracked, what waits to be published, and why. */
export function status(client: IClient, path: string): Promise<Status> {
  return client.json(['status'], { query: { path } });
}
