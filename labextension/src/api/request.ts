import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/** Where the server half answers, below the server's base URL. */
export const PREFIX = 'bioml/api/v1';

/** A value of a query: absent ones are left out, lists are repeated. */
export type QueryValue = string | number | boolean | null | undefined | readonly string[];

/** What the server half says went wrong, and what to do next. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly next: string
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** The server half is not there (its package is missing or disabled), or the server does not answer. */
  get isAbsent(): boolean {
    return this.code === 'server-half-missing' || this.code === 'no-answer';
  }
}

/** One call of the server half. */
export interface IRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  query?: Readonly<Record<string, QueryValue>>;
  body?: unknown;
  signal?: AbortSignal;
}

/** The one way to the server half: a path below the prefix, its segments still unescaped. */
export interface IClient {
  json<T>(segments: readonly string[], request?: IRequest): Promise<T>;
  /** The bytes of a file. */
  bytes(segments: readonly string[], query?: Readonly<Record<string, QueryValue>>): Promise<ArrayBuffer>;
  url(segments: readonly string[], query?: Readonly<Record<string, QueryValue>>): string;
}

/** Talk to the server half with JupyterLab's own server settings (base URL, token, XSRF). */
export class Client implements IClient {
  constructor(private readonly settings: ServerConnection.ISettings) {}

  url(segments: readonly string[], query: Readonly<Record<string, QueryValue>> = {}): string {
    const path = segments.map(encodeURIComponent).join('/');
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      for (const one of Array.isArray(value) ? value : [value]) {
        if (one !== null && one !== undefined) {
          search.append(name, String(one));
        }
      }
    }
    const text = search.toString();
    return URLExt.join(this.settings.baseUrl, PREFIX, path) + (text ? `?${text}` : '');
  }

  async json<T>(segments: readonly string[], request: IRequest = {}): Promise<T> {
    return readAnswer<T>(await this.ask(segments, request));
  }

  async bytes(
    segments: readonly string[],
    query: Readonly<Record<string, QueryValue>> = {}
  ): Promise<ArrayBuffer> {
    const response = await this.ask(segments, { query });
    return response.ok ? response.arrayBuffer() : readAnswer(response);
  }

  private async ask(segments: readonly string[], request: IRequest): Promise<Response> {
    const init: RequestInit = { method: request.method ?? 'GET', signal: request.signal };
    if (request.body !== undefined) {
      init.body = JSON.stringify(request.body);
    }
    try {
      return await ServerConnection.makeRequest(this.url(segments, request.query), init, this.settings);
    } catch (error) {
      if (request.signal?.aborted) {
        throw error;
      }
      throw new ApiError(0, 'no-answer', 'The Jupyter server does not answer.', 'Is it still running?');
    }
  }
}

async function readAnswer<T>(response: Response): Promise<T> {
  const text = await response.text();
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (response.ok && body !== undefined) {
    return body as T;
  }
  throw errorOf(response.status, body);
}

/** The error of an answer; a 404 that is not ours means that nobody serves these addresses. */
export function errorOf(status: number, body: unknown): ApiError {
  if (isProblem(body)) {
    return new ApiError(status, body.code, body.message, body.next);
  }
  if (status === 404) {
    return new ApiError(
      status,
      'server-half-missing',
      'The server half of jupyter-bioml does not run in this Jupyter server.',
      'Install jupyter-bioml in the environment of the server, then restart the server.'
    );
  }
  return new ApiError(status, 'server-error', `The server answered with status ${status}.`, 'Try again.');
}

function isProblem(body: unknown): body is { code: string; message: string; next: string } {
  const problem = body as { code?: unknown; message?: unknown; next?: unknown } | null | undefined;
  return (
    typeof problem === 'object' &&
    problem !== null &&
    typeof problem.code === 'string' &&
    typeof problem.message === 'string' &&
    typeof problem.next === 'string'
  );
}
