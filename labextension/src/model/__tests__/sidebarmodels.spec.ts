import '../../testing/browser';
import type { INotebookTracker } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { waitFor } from '@testing-library/dom';
import { aLive, aModel, aPoint, aStatus, aVersion } from '../../testing/builders';
import { FakeClient } from '../../testing/client';
import { ActiveNotebook } from '../active';
import { LiveModel } from '../livefeed';
import { ProjectModel } from '../project';
import { ModelsModel } from '../registered';

/** As much of a notebook and its tracker as says where it is and what its kernel does. */
class Notebook {
  constructor(path: string) {
    this.context = { path, pathChanged: new Signal<unknown, string>({}) };
  }
  readonly context: { path: string; pathChanged: Signal<unknown, string> };
  readonly sessionContext = { statusChanged: new Signal<unknown, string>({}) };

  rename(path: string): void {
    this.context.path = path;
    this.context.pathChanged.emit(path);
  }
}

class Tracker {
  currentWidget: Notebook | null = null;
  readonly currentChanged = new Signal<unknown, unknown>({});

  front(notebook: Notebook | null): void {
    this.currentWidget = notebook;
    this.currentChanged.emit(notebook);
  }
}

describe('the notebook in front', () => {
  it('is followed to other notebooks and other names', () => {
    const tracker = new Tracker();
    const active = new ActiveNotebook(tracker as unknown as INotebookTracker, path =>
      path.replace(/^\w+:/, '')
    );
    const paths: (string | null)[] = [];
    active.changed.connect(({ path }) => paths.push(path));
    const first = new Notebook('drive:a.ipynb');
    tracker.front(first);
    first.rename('drive:b.ipynb');
    tracker.front(new Notebook('c.ipynb'));
    first.rename('late.ipynb');
    tracker.front(null);
    expect(paths).toEqual(['a.ipynb', 'b.ipynb', 'c.ipynb', null]);
    active.dispose();
    tracker.front(first);
    expect(paths).toHaveLength(4);
    expect(active.isDisposed).toBe(true);
  });

  it('says when its kernel works, and no other one', () => {
    const tracker = new Tracker();
    const [first, second] = [new Notebook('a'), new Notebook('b')];
    tracker.front(first);
    const active = new ActiveNotebook(tracker as unknown as INotebookTracker, path => path);
    let worked = 0;
    active.worked.connect(() => worked++);
    first.sessionContext.statusChanged.emit('busy');
    first.sessionContext.statusChanged.emit('idle');
    first.sessionContext.statusChanged.emit('starting');
    second.sessionContext.statusChanged.emit('busy');
    expect(worked).toBe(2);
    active.dispose();
  });
});

describe('what the kernel uses', () => {
  it('is kept while a look fails, and forgotten with the notebook', async () => {
    const client = new FakeClient({ 'GET live': () => aLive({ points: [aPoint()], cell_started: 1 }) });
    const model = new LiveModel(client);
    await model.watch.now();
    expect(client.calls).toHaveLength(0);
    model.path = 'a.ipynb';
    await model.watch.now();
    expect(model.live?.points).toHaveLength(1);
    client.answers['GET live'] = () => new Error('gone');
    await expect(model.watch.now()).rejects.toThrow('gone');
    expect([model.live?.points.length, model.error?.message]).toEqual([1, 'gone']);
    model.path = 'b.ipynb';
    expect([model.live, model.error]).toEqual([null, null]);
    model.dispose();
    expect(model.isDisposed).toBe(true);
  });
});

describe('what is followed', () => {
  it('is of the path that is asked for now: a late answer for another one is not taken', async () => {
    const answers: ((live: unknown) => void)[] = [];
    const client = new FakeClient({ 'GET live': () => new Promise(resolve => answers.push(resolve)) });
    const model = new LiveModel(client);
    const told: (number | null | undefined)[] = [];
    model.path = 'a.ipynb';
    const looked = model.watch.now();
    model.changed.connect(({ live }) => told.push(live?.cell_started));
    model.path = 'b.ipynb';
    void model.watch.now();
    answers[0](aLive({ cell_started: 1 }));
    await waitFor(() => expect(answers).toHaveLength(2));
    expect([model.live, told]).toEqual([null, [undefined]]);
    answers[1](aLive({ cell_started: 2 }));
    await looked;
    expect([model.live?.cell_started, told]).toEqual([2, [undefined, 2]]);
    expect(client.calls.map(call => call.query.path)).toEqual(['a.ipynb', 'b.ipynb']);
    model.dispose();
  });

  it('tells nothing once nobody follows it', async () => {
    let answer: (status: unknown) => void = () => undefined;
    const model = new ProjectModel(
      new FakeClient({ 'GET status': () => new Promise(resolve => (answer = resolve)) })
    );
    const told = jest.fn();
    model.changed.connect(told);
    const looked = model.watch.now();
    model.dispose();
    answer(aStatus());
    await looked;
    expect(told).not.toHaveBeenCalled();
    expect(model.status).toBeNull();
  });
});

describe('the registered models', () => {
  it('are read again after an alias was set or taken away', async () => {
    const client = new FakeClient({
      'GET models': () => [aModel()],
      'PUT models/diagnosis-gbm/aliases/best one': () => aVersion(),
      'DELETE models/diagnosis-gbm/aliases/champion': () => ({ deleted: true })
    });
    const model = new ModelsModel(client);
    model.path = 'a.ipynb';
    await model.watch.now();
    await model.setAlias(aVersion(), 'best one');
    await model.removeAlias('diagnosis-gbm', 'champion');
    expect(client.of('PUT models/diagnosis-gbm/aliases/best one')[0].body).toEqual({ version: '4' });
    expect(client.of('GET models')).toHaveLength(3);
    client.answers['GET models'] = () => new Error('down');
    await expect(model.watch.now()).rejects.toThrow('down');
    expect(model.models).toHaveLength(1);
    model.dispose();
  });
});

describe('the project', () => {
  it('says what waits, and nothing while the server does not answer', async () => {
    const client = new FakeClient({ 'GET status': () => aStatus({ sessions: 2 }) });
    const model = new ProjectModel(client);
    model.path = 'a.ipynb';
    await model.watch.now();
    expect(model.status?.sessions).toBe(2);
    expect(client.calls[0].query).toEqual({ path: 'a.ipynb' });
    client.answers['GET status'] = () => new Error('gone');
    await expect(model.watch.now()).rejects.toThrow('gone');
    expect([model.status, model.error?.message]).toEqual([null, 'gone']);
    model.dispose();
  });
});
