import type { IClient } from './request';
import type { Job, JobRequest } from './wire';

/** Begin long work in a process of its own. */
export function start(client: IClient, path: string, request: JobRequest): Promise<Job> {
  return client.json(['jobs'], { method: 'POST', query: { path }, body: request });
}

/** The jobs of this server, newest first. */
export function list(client: IClient, path: string): Promise<Job[]> {
  return client.json(['jobs'], { query: { path } });
}

/** One job as it is now. */
export function get(client: IClient, path: string, id: string): Promise<Job> {
  return client.json(['jobs', id], { query: { path } });
}

/** Stop a job and the processes it started. */
export function cancel(client: IClient, path: string, id: string): Promise<Job> {
  return client.json(['jobs', id], { method: 'DELETE', query: { path } });
}
