import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

type Content = KernelMessage.IExecuteRequestMsg['content'];

/** What a test's kernel answers to one request: its reply, and what it printed to stderr before. */
export interface IKernelAnswer {
  reply: Record<string, unknown>;
  stderr?: string;
}

const HEX = (text: string): string =>
  Array.from(new TextEncoder().encode(text), byte => byte.toString(16).padStart(2, '0')).join('');

/** The reply of a Python kernel in this state. */
export function inState(
  state: string,
  broken = '',
  python = '/opt/py/bin/python',
  ran = 0,
  unseen = 'None'
): IKernelAnswer {
  const shown = (text: string): object => ({ status: 'ok', data: { 'text/plain': `'${text}'` } });
  const found = {
    state: shown(state),
    broken: shown(HEX(broken)),
    python: shown(HEX(python)),
    ran: shown(`${ran}`),
    unseen: { status: 'ok', data: { 'text/plain': unseen } }
  };
  return { reply: { status: 'ok', user_expressions: found } };
}

/** A kernel whose answers a test gives. */
export class FakeKernel {
  status: Kernel.Status = 'idle';
  /** Every request, in order. */
  readonly sent: { content: Content; metadata: object | undefined }[] = [];
  language = 'python';

  constructor(public answer: (code: string) => IKernelAnswer) {}

  get spec(): Promise<{ language: string }> {
    return Promise.resolve({ language: this.language });
  }

  requestExecute(content: Content, _: boolean | undefined, metadata: object | undefined): object {
    this.sent.push({ content, metadata });
    const { reply, stderr } = this.answer(content.code);
    const future = {
      onIOPub: (_message: object): void => undefined,
      done: Promise.resolve().then(() => {
        if (stderr) {
          future.onIOPub({ header: { msg_type: 'stream' }, content: { name: 'stderr', text: stderr } });
        }
        return { content: reply };
      })
    };
    return future;
  }

  /** The codes that were sent. */
  get codes(): string[] {
    return this.sent.map(request => request.content.code);
  }

  get connection(): Kernel.IKernelConnection {
    return this as unknown as Kernel.IKernelConnection;
  }
}

/** What a notebook panel has of its kernel: it can be changed, restarted, made busy. */
export class FakeSession {
  readonly kernelChanged = new Signal<this, null>(this);
  readonly statusChanged = new Signal<this, Kernel.Status>(this);
  session: { kernel: Kernel.IKernelConnection } | null = null;

  constructor(private kernel: FakeKernel | null) {
    this.session = kernel && { kernel: kernel.connection };
  }

  become(status: Kernel.Status): void {
    if (this.kernel) {
      this.kernel.status = status;
    }
    this.statusChanged.emit(status);
  }

  change(kernel: FakeKernel | null): void {
    this.kernel = kernel;
    this.session = kernel && { kernel: kernel.connection };
    this.kernelChanged.emit(null);
  }
}
