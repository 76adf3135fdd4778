import '../../testing/browser';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { type INotebookTracker, NotebookActions } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { TextDecoder, TextEncoder } from 'util';
import { Connection } from '../../model/connection';
import { CELLS_KEY, NOTEBOOK_KEY } from '../../model/identity';
import { FakeClient } from '../../testing/client';
import { FakeKernel, FakeSession } from '../../testing/kernels';
import { identityPlugin } from '../identity';

Object.assign(globalThis, { TextDecoder, TextEncoder });

const ROOT = '/home/ada';

/** A notebook with a kernel. */
function aNotebook(
  path: string,
  kernel: FakeKernel | null
): { context: { path: string }; sessionContext: FakeSession; content: object } {
  const cells = ['code', 'markdown', 'code'].map((kind, at) => ({
    cell_type: kind,
    getId: () => `${kind}${at}`
  }));
  const content = { model: { sharedModel: { cells } } };
  return { context: { path }, sessionContext: new FakeSession(kernel), content };
}

/** A JupyterLab in which these notebooks are open; the result opens one more. */
async function start(notebooks: object[], isAnswering = true): Promise<(notebook: object) => void> {
  const hello = { version: '1', schema: 1, root: ROOT, project: ROOT, destination: '', embedded: true };
  const connection = new Connection(
    new FakeClient({ 'GET ': () => (isAnswering ? { ...hello, down: null } : new Error('missing')) })
  );
  await connection.refresh();
  const widgetAdded = new Signal<object, object>({});
  const find = (test: (one: object) => boolean): object | undefined => notebooks.find(test);
  const tracker = {
    find,
    forEach: (follow: (one: object) => void) => notebooks.forEach(follow),
    widgetAdded
  };
  const app = { serviceManager: { contents: { localPath: (path: string) => path.replace(/^RTC:/, '') } } };
  void identityPlugin.activate(
    app as unknown as JupyterFrontEnd,
    connection,
    tracker as unknown as INotebookTracker
  );
  return notebook => widgetAdded.emit(notebook);
}

/** What a cell that is run now tells its kernel of its notebook. */
function told(kernel: FakeKernel, metadata: object = { cellId: 'a' }): unknown {
  kernel.requestExecute({ code: 'fit()' }, true, metadata);
  return (kernel.sent[kernel.sent.length - 1].metadata as Record<string, unknown> | undefined)?.[
    NOTEBOOK_KEY
  ];
}

/** A cell of a notebook is about to run. */
function schedule(notebook: { content: object }, id: string, source: string, tags: string[]): void {
  const model = {
    type: 'code',
    sharedModel: { getId: () => id, getSource: () => source },
    getMetadata: () => tags
  };
  (NotebookActions.executionScheduled as Signal<unknown, object>).emit({
    notebook: notebook.content,
    cell: { model }
  });
}

describe('the notebook that asks a kernel', () => {
  let kernel: FakeKernel;

  beforeEach(() => {
    kernel = new FakeKernel(() => ({ reply: { status: 'ok' } }));
  });

  it('is told as a path on the disk, beside what was said already', async () => {
    await start([aNotebook('study/a.ipynb', kernel)]);
    expect(told(kernel)).toBe('/home/ada/study/a.ipynb');
    expect(kernel.sent[0].metadata).toMatchObject({ cellId: 'a', [CELLS_KEY]: ['code0', 'code2'] });
  });

  it('is told of notebooks that are opened later, without the name of their drive', async () => {
    const open = await start([]);
    open(aNotebook('RTC:study/b.ipynb', kernel));
    expect(told(kernel)).toBe('/home/ada/study/b.ipynb');
  });

  it('is told by its new name once it was renamed', async () => {
    const notebook = aNotebook('a.ipynb', kernel);
    await start([notebook]);
    notebook.context.path = 'b.ipynb';
    expect(told(kernel)).toBe('/home/ada/b.ipynb');
  });

  it('is told to the kernel that comes after a restart or a change', async () => {
    const notebook = aNotebook('a.ipynb', null);
    await start([notebook]);
    notebook.sessionContext.change(kernel);
    notebook.sessionContext.change(kernel);
    expect(told(kernel)).toBe('/home/ada/a.ipynb');
    expect(kernel.sent).toHaveLength(1);
  });

  it('is told beforehand where the server runs the cell, and only there', async () => {
    const notebook = aNotebook('a.ipynb', kernel);
    await start([notebook]);
    schedule(notebook, 'code0', 'här = 1', ['experiment']);
    schedule(notebook, 'code2', 'fit()', []);
    kernel.requestExecute({ code: 'fit()' }, true, { cellId: 'code2' });
    await Promise.resolve();
    await Promise.resolve();
    const [sent, announced, ...more] = kernel.sent.map(one => one.content);
    expect([sent.code, more]).toEqual(['fit()', []]);
    expect(announced).toMatchObject({ silent: true, store_history: false });
    const digits = /fromhex\('([0-9a-f]+)'\)/.exec(announced.code)?.[1] ?? '';
    expect(JSON.parse(Buffer.from(digits, 'hex').toString('utf-8'))).toEqual({
      cellId: 'code0',
      source: 'här = 1',
      tags: ['experiment'],
      notebook: '/home/ada/a.ipynb',
      cells: ['code0', 'code2']
    });
  });

  it('is not told of what no cell asked, nor while the server half does not answer', async () => {
    await start([aNotebook('a.ipynb', kernel)]);
    expect(told(kernel, {})).toBeUndefined();
    const silent = new FakeKernel(() => ({ reply: { status: 'ok' } }));
    await start([aNotebook('a.ipynb', silent)], false);
    expect(told(silent)).toBeUndefined();
    expect(silent.sent).toHaveLength(1);
  });
});
