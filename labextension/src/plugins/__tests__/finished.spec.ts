import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { type INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Connection } from '../../model/connection';
import { aPage, aRow } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { finishedPlugin } from '../finished';

const emit = jest.spyOn(Notification, 'emit').mockReturnValue('id');
const notebook = {};

async function end(hidden: boolean, duration: number): Promise<void> {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  const row = aRow({ cell_id: 'c1', name: 'net', duration });
  const client = new FakeClient({
    'GET runs': () => aPage([aRow({ record_id: 'next', cell_id: 'c2', state: 'RUNNING' }), row])
  });
  const commands = new CommandRegistry();
  const app = {
    commands,
    serviceManager: { contents: { localPath: (path: string) => path } }
  } as unknown as JupyterFrontEnd;
  const panel = { content: notebook, context: { path: 'a.ipynb' } };
  const notebooks = { find: (is: (one: unknown) => boolean) => (is(panel) ? panel : undefined) };
  finishedPlugin.activate(
    app,
    new Connection(client),
    notebooks as unknown as INotebookTracker,
    nullTranslator,
    null,
    null,
    null
  );
  connected.pop()?.(null, { notebook, cell: { model: { id: 'c1' } } });
  await new Promise(resolve => setTimeout(resolve, 700));
}

const connected: ((_: unknown, args: { notebook: unknown; cell: { model: { id: string } } }) => void)[] = [];
jest
  .spyOn(NotebookActions.executed, 'connect')
  .mockImplementation(slot => connected.push(slot as (typeof connected)[0]) > 0);

beforeEach(() => emit.mockClear());

it('a long run that ends while JupyterLab is hidden is said', async () => {
  await end(true, 40);
  expect(emit.mock.calls.map(([text, kind]) => [text, kind])).toEqual([
    ['net: finished (40.0 s · auc 0.9931)', 'success']
  ]);
});

it.each([
  [false, 40],
  [true, 3]
])('nothing is said where it is seen or was short: hidden %p, %p s', async (hidden, duration) => {
  await end(hidden, duration);
  expect(emit).not.toHaveBeenCalled();
});
