import { status } from '../api/status';
import type { IBioml } from '../tokens';
import { contentsPath } from './record';
import type { INotebookFacts } from './tracking';

/** What the server half says of a notebook and its project. */
export class NotebookFacts implements INotebookFacts {
  /** @param localPath - a contents path without its drive. */
  constructor(
    private readonly bioml: Pick<IBioml, 'client' | 'hello'>,
    private readonly localPath: (path: string) => string
  ) {}

  async byDefault(path: string): Promise<boolean> {
    return (await status(this.bioml.client, this.localPath(path))).track === true;
  }

  async isLive(path: string): Promise<boolean> {
    const place = this.localPath(path);
    const { live, project } = await status(this.bioml.client, place);
    const root = this.bioml.hello?.root ?? '';
    return live.some(({ notebook }) => contentsPath(root, project, notebook) === place);
  }
}
