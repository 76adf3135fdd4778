import type { CellBefore, RecordDataUse, RecordNumber, RunDetail } from '../api/wire';

/** A figure of a record: JSON writes NaN and the infinities as words. */
export function plainNumber(value: RecordNumber | null | undefined): number | null {
  if (value === null || value === undefined) {
    return null;
  }
  return typeof value === 'number' ? value : Number(value.$float);
}

/** Any value of a record as a figure or text. */
export function plainValue(value: unknown): string | number | boolean | null {
  if (value === null || value === undefined) {
    return null;
  }
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return value;
  }
  const named = value as { $float?: unknown };
  return typeof named.$float === 'string' ? Number(named.$float) : JSON.stringify(value);
}

/** `120 × 5`; an unknown side is `?`; null where neither is known. */
export function shapeOf(use: RecordDataUse): string | null {
  const [rows, columns] = [use.rows ?? null, use.columns ?? null];
  return rows === null && columns === null ? null : `${rows ?? '?'} × ${columns ?? '?'}`;
}

/** A file's own name, without its folders; other data have theirs. */
export function fileName(use: RecordDataUse): string {
  return use.kind === 'value' ? use.name : use.name.slice(use.name.lastIndexOf('/') + 1) || use.name;
}

/** The cells the run came after, and the run's own cell last. */
export function cellsOf(detail: RunDetail): (CellBefore & { own: boolean })[] {
  const before = detail.code_before.map(cell => ({ ...cell, own: false }));
  const { code, seq } = detail.record;
  const own: CellBefore = {
    seq,
    cell_id: code.cell_id ?? null,
    execution_count: code.execution_count ?? null,
    source: code.magic ? `${code.magic}\n${code.source}` : code.source,
    state: detail.row.state,
    tags: code.tags ?? [],
    unseen: false
  };
  return [...before, { ...own, own: true }];
}

/** Where a run's notebook is for the server: its path below the server's root; null outside of it. */
export function contentsPath(root: string, project: string, notebook: string | null): string | null {
  const parts = (path: string): string[] => path.split('/').filter(part => part !== '' && part !== '.');
  const above = parts(root);
  const whole = notebook?.startsWith('/') ? parts(notebook) : [...parts(project), ...parts(notebook ?? '')];
  const inside = above.every((part, index) => whole[index] === part) && !whole.includes('..');
  return notebook && inside ? whole.slice(above.length).join('/') : null;
}

const NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;
const VERSION = /^[A-Za-z0-9][A-Za-z0-9.!+_-]*$/;

/**
 * The command that installs packages in these versions.
 *
 * A command line is pasted and run: names and versions that are none are left out, and counted.
 */
export function pipInstall(packages: Readonly<Record<string, string>>): { command: string; left: number } {
  const all = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1));
  const good = all.filter(([name, version]) => NAME.test(name) && VERSION.test(version));
  return {
    command: good.length ? `pip install ${good.map(([n, v]) => `${n}==${v}`).join(' ')}` : '',
    left: all.length - good.length
  };
}

const ESCAPE = String.fromCharCode(27);
const BELL = String.fromCharCode(7);
const ANSI = new RegExp(
  `${ESCAPE}(\\[[0-?]*[ -/]*[@-~]|\\][^${BELL}${ESCAPE}]*(${BELL}|${ESCAPE}\\\\)?|[@-Z\\\\-_])`,
  'g'
);

/** Terminal text without its colours and cursor movements. */
export function stripAnsi(text: string): string {
  return text.replace(ANSI, '');
}
