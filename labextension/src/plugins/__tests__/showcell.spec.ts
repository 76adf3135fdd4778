import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Notification } from '@jupyterlab/apputils';
import { CommandRegistry } from '@lumino/commands';
import { Connection } from '../../model/connection';
import { aStatus } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { trans } from '../../testing/pages';
import { showCell, showCellOfRun } from '../showcell';

/** A notebook with these cells, as the document manager opens it. */
function aNotebook(...ids: string[]): {
  revealed: Promise<void>;
  content: { widgets: object[]; activeCellIndex: number; scrollToItem: jest.Mock };
} {
  const widgets = ids.map(id => ({ model: { id } }));
  return { revealed: Promise.resolve(), content: { widgets, activeCellIndex: 0, scrollToItem: jest.fn() } };
}

function commandsThatOpen(opened: unknown): { commands: CommandRegistry; paths: unknown[] } {
  const commands = new CommandRegistry();
  const paths: unknown[] = [];
  commands.addCommand('docmanager:open', {
    execute: args => {
      paths.push(args.path);
      if (opened instanceof Error) {
        throw opened;
      }
      return opened;
    }
  });
  return { commands, paths };
}

describe('going to a cell', () => {
  it('opens the notebook, makes the cell the active one and brings it into sight', async () => {
    const notebook = aNotebook('a', 'b');
    const { commands, paths } = commandsThatOpen(notebook);
    expect(await showCell(commands, 'study.ipynb', 'b')).toBe(true);
    expect(paths).toEqual(['study.ipynb']);
    expect(notebook.content.activeCellIndex).toBe(1);
    expect(notebook.content.scrollToItem).toHaveBeenCalledWith(1, 'center');
  });

  it('leaves the notebook where it is when the cell is gone', async () => {
    const notebook = aNotebook('a');
    expect(await showCell(commandsThatOpen(notebook).commands, 'study.ipynb', 'gone')).toBe(false);
    expect(notebook.content.scrollToItem).not.toHaveBeenCalled();
  });

  it('is content with the notebook where no cell is known', async () => {
    expect(await showCell(commandsThatOpen(aNotebook('a')).commands, 'study.ipynb', null)).toBe(true);
  });

  it.each([null, undefined, {}, { content: {} }])(
    'finds no cell in what is not a notebook: %p',
    async opened => {
      expect(await showCell(commandsThatOpen(opened).commands, 'study.txt', 'a')).toBe(false);
    }
  );
});

describe('going to the cell of a run', () => {
  const said = { warning: jest.fn(), info: jest.fn(), error: jest.fn() };

  beforeEach(() => {
    jest.resetAllMocks();
    for (const kind of ['warning', 'info', 'error'] as const) {
      jest.spyOn(Notification, kind).mockImplementation(said[kind]);
    }
  });
  afterEach(() => jest.restoreAllMocks());

  async function go(
    opened: unknown,
    notebook = 'study.ipynb',
    project = '/home/ada/study'
  ): Promise<unknown[]> {
    const hello = { version: '1', schema: 1, root: '/home/ada', project, destination: '', embedded: true };
    const client = new FakeClient({
      'GET ': () => ({ ...hello, down: null }),
      'GET status': () => aStatus({ project })
    });
    const connection = new Connection(client);
    await connection.refresh();
    const { commands, paths } = commandsThatOpen(opened);
    const app = { commands } as unknown as JupyterFrontEnd;
    await showCellOfRun(app, connection, 'study/other.ipynb', notebook, 'a', trans);
    return paths;
  }

  it('finds the notebook of the project below the root of the server, and says nothing', async () => {
    expect(await go(aNotebook('a'))).toEqual(['study/study.ipynb']);
    expect(Object.values(said).flatMap(one => one.mock.calls)).toEqual([]);
  });

  it.each([
    ['../elsewhere.ipynb', '/home/ada/study'],
    ['study.ipynb', '/srv/other']
  ])('opens nothing outside of the root: %s in %s', async (notebook, project) => {
    expect(await go(aNotebook('a'), notebook, project)).toEqual([]);
    expect(said.warning.mock.calls[0][0]).toContain('outside the root folder');
  });

  it('says where the code is when the cell is gone', async () => {
    await go(aNotebook('b'));
    expect(said.info.mock.calls[0][0]).toContain('The run’s page shows its code.');
  });

  it('says what went wrong', async () => {
    await go(new Error('The file is gone.'));
    expect(said.error.mock.calls).toEqual([['The file is gone.', { autoClose: 30_000, actions: [] }]]);
  });
});
