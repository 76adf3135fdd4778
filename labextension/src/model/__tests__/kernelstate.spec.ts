import { TextDecoder, TextEncoder } from 'util';
import { FakeKernel, inState } from '../../testing/kernels';
import { askKernel } from '../kernelstate';

Object.assign(globalThis, { TextDecoder, TextEncoder });

const MISSING = {
  reply: { status: 'error', ename: 'ModuleNotFoundError', evalue: "No module named 'jupyter_bioml'" }
};

describe('askKernel', () => {
  it('is silent: no history, no count, no stop of what waits behind it', async () => {
    const kernel = new FakeKernel(() => inState('on'));
    await askKernel(kernel.connection, null);
    expect(kernel.sent).toHaveLength(1);
    expect(kernel.sent[0].content).toMatchObject({
      code: '',
      silent: true,
      store_history: false,
      allow_stdin: false,
      stop_on_error: false
    });
    expect(kernel.sent[0].metadata).toBeUndefined();
  });

  it.each(['off', 'on', 'auto', 'broken'])('reads the state %s', async state => {
    const kernel = new FakeKernel(() => inState(state));
    expect((await askKernel(kernel.connection, null)).state).toBe(state);
  });

  it('knows nothing of an answer that is none', async () => {
    for (const found of [
      undefined,
      {},
      { state: { status: 'error' } },
      { state: { data: { 'text/plain': "'x'" } } }
    ]) {
      const kernel = new FakeKernel(() => ({ reply: { status: 'ok', user_expressions: found } }));
      expect(await askKernel(kernel.connection, null)).toEqual({
        state: 'unknown',
        trouble: null,
        missing: false,
        python: null,
        ran: 0,
        unseen: null
      });
    }
  });

  it('reads why a cell could not be tracked, whatever characters are in it', async () => {
    const reason = `OSError: disk 'full' "<img>" \u202e 🧬 \\ \n`;
    const kernel = new FakeKernel(() => inState('broken', reason));
    expect((await askKernel(kernel.connection, null)).trouble).toBe(reason);
  });

  it('loads the extension for marked cells or for every cell, and takes nothing for granted when it switches off', async () => {
    const kernel = new FakeKernel(() => inState('on'));
    for (const mode of ['on', 'auto', 'off'] as const) {
      await askKernel(kernel.connection, mode);
    }
    expect(kernel.codes[0]).toBe('%load_ext jupyter_bioml\n%bioml on\n%bioml auto off');
    expect(kernel.codes[1]).toBe('%load_ext jupyter_bioml\n%bioml on\n%bioml auto on');
    expect(kernel.codes[2]).toContain("find_line_magic('bioml') and");
  });

  it('says that the package is missing, and for which Python', async () => {
    const kernel = new FakeKernel(code => (code ? MISSING : inState('off')));
    expect(await askKernel(kernel.connection, 'on')).toEqual({
      state: 'off',
      trouble: "ModuleNotFoundError: No module named 'jupyter_bioml'",
      missing: true,
      python: '/opt/py/bin/python',
      ran: 0,
      unseen: null
    });
  });

  it('takes a module that is missing for another reason for what it is', async () => {
    const other = {
      reply: { status: 'error', ename: 'ModuleNotFoundError', evalue: "No module named 'psutil'" }
    };
    const kernel = new FakeKernel(code => (code ? other : inState('off')));
    expect(await askKernel(kernel.connection, 'on')).toMatchObject({
      missing: false,
      trouble: expect.stringContaining('psutil')
    });
  });

  it('says what the extension printed when it could not start', async () => {
    const kernel = new FakeKernel(() => ({
      ...inState('off'),
      stderr: 'bioml: tracking is off: no space left\n'
    }));
    expect(await askKernel(kernel.connection, 'on')).toMatchObject({
      state: 'off',
      trouble: 'bioml: tracking is off: no space left'
    });
  });
});
