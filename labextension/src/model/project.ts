import type { IClient } from '../api/request';
import { status } from '../api/status';
import type { Status } from '../api/wire';
import { Followed } from './followed';
import type { IPace } from './watch';

const CALM: IPace = { quick: 2000, slow: 10_000 };

/** What is tracked in the project of the current notebook, and what waits to be published. */
export class ProjectModel extends Followed<Status, string | null> {
  constructor(client: IClient) {
    super(client, null, CALM, { onFailure: true });
  }

  /** null before the first answer, and while there is none. */
  get status(): Status | null {
    return this.answer;
  }

  protected ask(path: string | null): Promise<Status> {
    return status(this.client, path ?? '');
  }

  protected happens(answer: Status): boolean {
    return answer.waiting.length > 0;
  }
}
