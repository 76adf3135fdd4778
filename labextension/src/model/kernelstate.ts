import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { TrackingMode, TrackingState } from '../tokens';

/** What a kernel said about itself. */
export interface IKernelState {
  state: TrackingState;
  /** What went wrong, in the kernel's words; null: nothing. */
  trouble: string | null;
  /** The package is not in the kernel's environment. */
  missing: boolean;
  /** The kernel's Python; null where it could not be asked. */
  python: string | null;
  /** How many cells of this kernel have run, as its counter says. */
  ran: number;
  /** How many of those that ran while tracking was off may have read something; null: not known. */
  unseen: number | null;
}

const HOOKS = "__import__('sys').modules.get('jupyter_bioml.kernel.hooks')";

/** Expressions that change nothing of the user's; texts come as hex digits, so that no quoting has to be undone. */
const QUESTIONS = {
  state:
    `(lambda h: 'off' if h is None or not h.on else 'broken' if h.broken else 'auto' if h.recorder.auto else 'on')` +
    `((lambda m: m and m.tracking())(${HOOKS}))`,
  broken: `(lambda h: (h and h.broken or '').encode('utf-8', 'replace').hex())((lambda m: m and m.tracking())(${HOOKS}))`,
  ran: 'get_ipython().execution_count - 1',
  unseen: `(lambda h: h and h.recorder.untracked.counted())((lambda m: m and m.tracking())(${HOOKS}))`,
  python: "(__import__('sys').executable or '').encode('utf-8', 'replace').hex()"
};

/** What a kernel is switched to: a mode of the user's, or tracked as the project's own settings say. */
export type Switch = TrackingMode | 'project';

/** What a kernel runs to come into a mode. It may not have the package: switching it off is then no error. */
const SWITCHES: Record<Switch, string> = {
  project: '%load_ext jupyter_bioml\n%bioml on',
  off: "get_ipython().find_line_magic('bioml') and get_ipython().run_line_magic('bioml', 'off')",
  on: '%load_ext jupyter_bioml\n%bioml on\n%bioml auto off',
  auto: '%load_ext jupyter_bioml\n%bioml on\n%bioml auto on'
};

/**
 * Switch a kernel to a mode, and ask what it does then; without a mode it is only asked.
 *
 * The request is silent: it is not a cell, counts nothing and is not tracked itself. The caller sees to it that the
 * kernel is not busy, or that the request goes before the cells that it is for.
 */
export async function askKernel(
  kernel: Kernel.IKernelConnection,
  mode: Switch | null
): Promise<IKernelState> {
  const said = await request(kernel, mode === null ? '' : SWITCHES[mode]);
  const answer = said.reply.status === 'ok' ? said : await request(kernel, '');
  const content = answer.reply;
  const found = content.status === 'ok' ? content.user_expressions : {};
  const state = plain(found, 'state');
  const failed = said.reply.status === 'error' ? said.reply : null;
  return {
    state: isState(state) ? state : 'unknown',
    trouble: said.stderr.trim() || unhex(plain(found, 'broken')) || (failed ? wording(failed) : null),
    missing: failed?.ename === 'ModuleNotFoundError' && failed.evalue.includes('jupyter_bioml'),
    python: unhex(plain(found, 'python')) || null,
    ran: Number(plain(found, 'ran')) || 0,
    unseen: /^\d+$/.test(plain(found, 'unseen')) ? Number(plain(found, 'unseen')) : null
  };
}

type Reply = KernelMessage.IExecuteReplyMsg['content'];

async function request(
  kernel: Kernel.IKernelConnection,
  code: string
): Promise<{ reply: Reply; stderr: string }> {
  const future = kernel.requestExecute({
    code,
    silent: true,
    store_history: false,
    user_expressions: QUESTIONS,
    allow_stdin: false,
    stop_on_error: false
  });
  let stderr = '';
  future.onIOPub = message => {
    const content = message.content as { name?: string; text?: string };
    if (message.header.msg_type === 'stream' && content.name === 'stderr') {
      stderr += content.text ?? '';
    }
  };
  const reply = await future.done;
  return { reply: reply.content, stderr };
}

function wording(failed: KernelMessage.IReplyErrorContent): string {
  return failed.evalue ? `${failed.ename}: ${failed.evalue}` : failed.ename;
}

/** The text of a short string without quotes in it, as Python shows it. */
function plain(found: unknown, name: string): string {
  const answers = found as Record<string, { data?: Record<string, unknown> } | undefined> | undefined;
  const shown = answers?.[name]?.data?.['text/plain'];
  return typeof shown === 'string' ? shown.replace(/^'|'$/g, '') : '';
}

function unhex(digits: string): string {
  const pairs = /^(?:[0-9a-f]{2})+$/.test(digits) ? (digits.match(/../g) ?? []) : [];
  return new TextDecoder().decode(Uint8Array.from(pairs, pair => parseInt(pair, 16)));
}

function isState(text: string): text is TrackingState {
  return ['off', 'on', 'auto', 'broken'].includes(text);
}
