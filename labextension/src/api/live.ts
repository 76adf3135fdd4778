import type { IClient } from './request';
import type { Live } from './wire';

/** What runs now in the kernel of the notebook at `path`, and the readings of the last ten minutes. */
export function live(client: IClient, path: string): Promise<Live> {
  return client.json(['live'], { query: { path } });
}
