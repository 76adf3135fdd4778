import type { IClient, IRequest, QueryValue } from '../api/request';

/** One call that a test's subject made. */
export interface ICall {
  method: string;
  path: string;
  query: Readonly<Record<string, QueryValue>>;
  body: unknown;
}

/** What answers a call: a value, or an error that is thrown. */
export type Answer = (call: ICall) => unknown;

/**
 * A client whose answers a test gives: by method and path (`GET runs`, `PATCH runs/abc`), or by path alone.
 * A call without an answer rejects, so that nothing is asked unseen.
 */
export class FakeClient implements IClient {
  readonly calls: ICall[] = [];

  constructor(public answers: Record<string, Answer> = {}) {}

  async json<T>(segments: readonly string[], request: IRequest = {}): Promise<T> {
    const path = segments.join('/');
    const call = { method: request.method ?? 'GET', path, query: request.query ?? {}, body: request.body };
    this.calls.push(call);
    const answer = this.answers[`${call.method} ${path}`] ?? this.answers[path];
    if (!answer) {
      throw new Error(`No answer for ${call.method} ${path}`);
    }
    const value = await answer(call);
    if (value instanceof Error) {
      throw value;
    }
    return value as T;
  }

  async bytes(
    segments: readonly string[],
    query: Readonly<Record<string, QueryValue>> = {}
  ): Promise<ArrayBuffer> {
    const text = await this.json<string>(segments, { query });
    return new TextEncoder().encode(text).buffer as ArrayBuffer;
  }

  url(segments: readonly string[], query: Readonly<Record<string, QueryValue>> = {}): string {
    const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
    return `http://test/${segments.map(encodeURIComponent).join('/')}?${search.toString()}`;
  }

  /** The calls of one method and path. */
  of(key: string): ICall[] {
    return this.calls.filter(call => `${call.method} ${call.path}` === key);
  }
}
