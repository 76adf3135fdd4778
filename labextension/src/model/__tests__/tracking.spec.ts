import type { NotebookPanel } from '@jupyterlab/notebook';
import { StateDB } from '@jupyterlab/statedb';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { TextDecoder, TextEncoder } from 'util';
import { FakeKernel, FakeSession, inState } from '../../testing/kernels';
import { type INotebookFacts, Tracking } from '../tracking';

Object.assign(globalThis, { TextDecoder, TextEncoder });

const LOAD = '%load_ext jupyter_bioml\n%bioml on\n%bioml auto off';
const trans = nullTranslator.load('test');

/** A notebook on a kernel that behaves: it is in the mode that it was last switched to. */
function aNotebook(path = 'a.ipynb'): {
  panel: NotebookPanel;
  kernel: FakeKernel;
  session: FakeSession;
  rename: (path: string) => void;
} {
  const kernel = aKernel();
  const session = new FakeSession(kernel);
  const context = { path, pathChanged: new Signal<object, string>({}) };
  const panel = {
    context,
    sessionContext: session,
    isDisposed: false,
    disposed: new Signal<object, void>({})
  };
  const rename = (next: string): void => {
    context.path = next;
    context.pathChanged.emit(next);
  };
  return { panel: panel as unknown as NotebookPanel, kernel, session, rename };
}

function aKernel(): FakeKernel {
  let state = 'off';
  let ran = 0;
  return new FakeKernel(code => {
    ran += code.includes('cell') ? 1 : 0;
    state = code.includes('auto on') ? 'auto' : code.includes('auto off') ? 'on' : code ? 'off' : state;
    return inState(state, '', undefined, ran);
  });
}

/** What the server half says; nothing unless a test says otherwise. */
function facts(byDefault = false, isLive = false): INotebookFacts {
  return { byDefault: async () => byDefault, isLive: jest.fn(async () => isLive) };
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}

describe('Tracking', () => {
  it('only asks a kernel of a notebook that was never switched', async () => {
    const { panel, kernel } = aNotebook();
    const tracking = new Tracking(new StateDB(), trans, facts());
    expect(tracking.state(panel)).toBe('unknown');
    await tracking.follow(panel);
    await settled();
    expect(kernel.codes).toEqual(['']);
    expect(tracking.state(panel)).toBe('off');
  });

  it('switches now, and tells who listens', async () => {
    const { panel, kernel } = aNotebook();
    const tracking = new Tracking(new StateDB(), trans, facts());
    await tracking.follow(panel);
    await settled();
    const told: string[] = [];
    tracking.changed.connect((_, changed) => told.push(tracking.state(changed)));
    await tracking.set(panel, 'on');
    await tracking.set(panel, 'auto');
    await tracking.set(panel, 'off');
    expect(kernel.codes).toHaveLength(4);
    expect(told).toEqual(['on', 'auto', 'off']);
  });

  it('waits with a switch until a busy kernel is idle', async () => {
    const { panel, kernel, session } = aNotebook();
    const tracking = new Tracking(new StateDB(), trans, facts());
    await tracking.follow(panel);
    await settled();
    session.become('busy');
    await tracking.set(panel, 'on');
    expect(kernel.codes).toEqual(['']);
    session.become('idle');
    await settled();
    expect(kernel.codes).toEqual(['', LOAD]);
    expect(tracking.state(panel)).toBe('on');
  });

  it('switches again at each start, and before the first cell of "Restart and Run All"', async () => {
    const { panel, kernel, session } = aNotebook();
    const tracking = new Tracking(new StateDB(), trans, facts());
    await tracking.follow(panel);
    await settled();
    await tracking.set(panel, 'on');
    session.become('restarting');
    expect(tracking.state(panel)).toBe('unknown');
    kernel.connection.requestExecute({ code: 'first cell' }, true, { cellId: 'c1' });
    kernel.connection.requestExecute({ code: 'second cell' }, true, { cellId: 'c2' });
    expect(kernel.codes.slice(-3)).toEqual([LOAD, 'first cell', 'second cell']);
    session.become('autorestarting');
    session.become('idle');
    await settled();
    expect(kernel.codes[kernel.codes.length - 1]).toBe(LOAD);
    expect(tracking.state(panel)).toBe('on');
  });

  it('does the same in another kernel', async () => {
    const { panel, session } = aNotebook();
    const tracking = new Tracking(new StateDB(), trans, facts());
    await tracking.follow(panel);
    await tracking.set(panel, 'auto');
    const next = aKernel();
    session.change(next);
    await settled();
    expect(next.codes).toEqual([expect.stringContaining('auto on')]);
    session.change(null);
    expect(tracking.state(panel)).toBe('unknown');
  });

  it('remembers the mode, follows a rename, and leaves other notebooks alone', async () => {
    const memory = new StateDB();
    const first = aNotebook('a.ipynb');
    const tracking = new Tracking(memory, trans, facts());
    await tracking.follow(first.panel);
    await tracking.set(first.panel, 'on');
    first.rename('folder/b.ipynb');
    await settled();
    const later = new Tracking(memory, trans, facts());
    const [same, other] = [aNotebook('folder/b.ipynb'), aNotebook('a.ipynb')];
    await later.follow(same.panel);
    await later.follow(other.panel);
    await settled();
    expect(same.kernel.codes).toEqual([LOAD]);
    expect(other.kernel.codes).toEqual(['']);
  });

  it('works without a memory, and ignores anything in it that is not a mode', async () => {
    const memory = new StateDB();
    await memory.save('jupyter-bioml-tracking:a.ipynb', 'rm -rf');
    for (const place of [memory, null]) {
      const { panel, kernel } = aNotebook();
      const tracking = new Tracking(place, trans, facts());
      await tracking.follow(panel);
      await settled();
      expect(kernel.codes).toEqual(['']);
    }
  });

  it('cannot track a kernel of another language, and says so', async () => {
    const { panel, kernel } = aNotebook();
    kernel.language = 'R';
    const tracking = new Tracking(new StateDB(), trans, facts());
    await tracking.follow(panel);
    await settled();
    await tracking.set(panel, 'on');
    expect(tracking.unsupported(panel)).toContain('this one runs R');
    expect(kernel.codes).toEqual([]);
  });

  it('says what to install and where', async () => {
    const { panel, kernel } = aNotebook();
    const missing = {
      status: 'error',
      ename: 'ModuleNotFoundError',
      evalue: "No module named 'jupyter_bioml'"
    };
    kernel.answer = code => (code ? { reply: missing } : inState('off', '', '/my env/python'));
    const tracking = new Tracking(new StateDB(), trans, facts());
    await tracking.follow(panel);
    await settled();
    await tracking.set(panel, 'on');
    expect(tracking.state(panel)).toBe('off');
    expect(tracking.detail(panel)).toContain('"/my env/python" -m pip install jupyter-bioml');
  });

  it('says how many cells ran before it was switched on, and since it was switched off', async () => {
    const { panel, kernel, session } = aNotebook();
    const tracking = new Tracking(null, trans, facts());
    await tracking.follow(panel);
    await settled();
    const run = (): unknown => kernel.connection.requestExecute({ code: 'a cell' }, true, { cellId: 'c1' });
    run();
    run();
    await tracking.set(panel, 'on');
    expect(tracking.untracked(panel)).toBe(2);
    run();
    await tracking.set(panel, 'off');
    expect(tracking.untracked(panel)).toBe(0);
    run();
    await tracking.set(panel, 'auto');
    expect(tracking.untracked(panel)).toBe(1);
    session.become('restarting');
    expect(tracking.untracked(panel)).toBe(0);
  });

  it.each([
    ['0', 0],
    ['1', 1],
    ['None', 3]
  ])(
    'counts only the cells that may have read something, where the kernel knows (%s)',
    async (unseen, untracked) => {
      const { panel, kernel } = aNotebook();
      kernel.answer = code => inState(code ? 'on' : 'off', '', undefined, 3, code ? unseen : '0');
      const tracking = new Tracking(null, trans, facts());
      await tracking.follow(panel);
      await settled();
      await tracking.set(panel, 'on');
      expect(tracking.untracked(panel)).toBe(untracked);
    }
  );

  it('counts again after it was switched off', async () => {
    const { panel, kernel } = aNotebook();
    const answers = [
      inState('off', '', undefined, 4),
      inState('on', '', undefined, 4, '2'),
      inState('off', '', undefined, 5, '2'),
      inState('on', '', undefined, 8, '2'),
      inState('off', '', undefined, 8, '2'),
      inState('on', '', undefined, 9, '3')
    ];
    kernel.answer = () => answers.shift() ?? inState('unknown');
    const tracking = new Tracking(null, trans, facts());
    await tracking.follow(panel);
    await settled();
    const seen: number[] = [];
    for (const mode of ['on', 'off', 'on', 'off', 'on'] as const) {
      await tracking.set(panel, mode);
      seen.push(tracking.untracked(panel));
    }
    expect(seen).toEqual([2, 0, 0, 0, 1]);
  });

  it('says nothing of the kind of a kernel that was tracked from its start', async () => {
    const { panel, kernel } = aNotebook();
    const tracking = new Tracking(null, trans, facts());
    await tracking.follow(panel);
    await settled();
    await tracking.set(panel, 'on');
    kernel.connection.requestExecute({ code: 'a cell' }, true, { cellId: 'c1' });
    await tracking.set(panel, 'auto');
    expect(tracking.untracked(panel)).toBe(0);
  });

  it('tracks every notebook of a project that wants it, but those that were switched off', async () => {
    const memory = new StateDB();
    await memory.save('jupyter-bioml-tracking:off.ipynb', 'off');
    const tracking = new Tracking(memory, trans, facts(true));
    const [plain, off] = [aNotebook('plain.ipynb'), aNotebook('off.ipynb')];
    await tracking.follow(plain.panel);
    await tracking.follow(off.panel);
    await settled();
    expect(plain.kernel.codes).toEqual(['%load_ext jupyter_bioml\n%bioml on']);
    expect(off.kernel.codes).toEqual([expect.stringContaining('off')]);
    plain.rename('new.ipynb');
    await settled();
    expect(await memory.fetch('jupyter-bioml-tracking:new.ipynb')).toBeUndefined();
  });

  it('follows the project when its setting changes, and a server without an answer changes nothing', async () => {
    const said = facts();
    const { panel, kernel } = aNotebook();
    const tracking = new Tracking(null, trans, said);
    await tracking.follow(panel);
    await settled();
    said.byDefault = () => Promise.reject(new Error('gone'));
    await tracking.projectChanged(panel);
    expect(kernel.codes).toEqual(['']);
    said.byDefault = async () => true;
    await tracking.projectChanged(panel);
    expect(kernel.codes).toEqual(['', '%load_ext jupyter_bioml\n%bioml on']);
  });

  it.each([true, false])(
    'knows of a busy kernel, whose cell loaded the extension itself, by its journal: %p',
    async isLive => {
      jest.useFakeTimers();
      const { panel, session } = aNotebook();
      const said = facts(false, isLive);
      const tracking = new Tracking(null, trans, said);
      await tracking.follow(panel);
      await settled();
      session.become('busy');
      expect(tracking.state(panel)).toBe('off');
      for (let second = 0; second < 6; second++) {
        jest.advanceTimersByTime(1000);
        await settled();
      }
      expect(tracking.state(panel)).toBe(isLive ? 'on' : 'off');
      expect(said.isLive).toHaveBeenCalledTimes(isLive ? 1 : 3);
      session.become('idle');
      jest.advanceTimersByTime(5000);
      expect(said.isLive).toHaveBeenCalledTimes(isLive ? 1 : 3);
      jest.useRealTimers();
    }
  );

  it('looks again when a cell has ended, once for many, and never while one runs', async () => {
    jest.useFakeTimers();
    const { panel, kernel, session } = aNotebook();
    const tracking = new Tracking(null, trans, facts());
    await tracking.follow(panel);
    await settled();
    for (let cell = 0; cell < 5; cell++) {
      tracking.executed(panel);
    }
    jest.advanceTimersByTime(1000);
    expect(kernel.codes).toEqual(['', '']);
    session.become('busy');
    tracking.executed(panel);
    jest.advanceTimersByTime(1000);
    expect(kernel.codes).toEqual(['', '']);
    jest.useRealTimers();
  });
});
