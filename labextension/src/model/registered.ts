import * as models from '../api/models';
import type { IClient } from '../api/request';
import type { RegisteredModel, ModelVersion } from '../api/wire';
import { Followed } from './followed';
import type { IPace } from './watch';

/** Models change seldom; what this front end changes is looked at once more at once. */
const SELDOM: IPace = { quick: 30_000, slow: 30_000 };

/** The registered models of the project's registry; what was read is kept while it does not answer. */
export class ModelsModel extends Followed<readonly RegisteredModel[], string> {
  constructor(client: IClient) {
    super(client, '', SELDOM);
  }

  /** null before the first answer. */
  get models(): readonly RegisteredModel[] | null {
    return this.answer;
  }

  /** Let an alias point at this version. Rejects with what the server said. */
  async setAlias(version: ModelVersion, alias: string): Promise<void> {
    await models.setAlias(this.client, this.path, version.name, alias, version.version);
    await this.watch.now();
  }

  /** Take an alias away. Rejects with what the server said. */
  async removeAlias(name: string, alias: string): Promise<void> {
    await models.removeAlias(this.client, this.path, name, alias);
    await this.watch.now();
  }

  protected ask(path: string): Promise<readonly RegisteredModel[]> {
    return models.list(this.client, path);
  }

  protected happens(): boolean {
    return false;
  }
}
