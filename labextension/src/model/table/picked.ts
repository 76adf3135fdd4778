import type { ManyPatch, RunRow, TableValues } from '../../api/wire';
import type { Cell } from '../csv';

/** The runs that are chosen in the table; of those that were never read only the ids are known. */
export class Picked {
  get size(): number {
    return this._runs.size;
  }

  get ids(): string[] {
    return [...this._runs.keys()];
  }

  /** Those that were read, in the order of their choice. */
  get rows(): RunRow[] {
    return [...this._runs.values()].filter((row): row is RunRow => row !== null);
  }

  has(id: string): boolean {
    return this._runs.has(id);
  }

  clear(): void {
    this._runs.clear();
  }

  add(id: string, row: RunRow | null = null): void {
    this._runs.set(id, row ?? this._runs.get(id) ?? null);
  }

  remove(id: string): boolean {
    return this._runs.delete(id);
  }

  /** Chosen runs as they are now. */
  update(rows: readonly RunRow[]): void {
    for (const row of rows) {
      if (this._runs.has(row.record_id)) {
        this._runs.set(row.record_id, row);
      }
    }
  }

  private readonly _runs = new Map<string, RunRow | null>();
}

/** Those of the rows that were changed, as they are now. */
export function patched(
  rows: readonly RunRow[],
  ids: readonly string[],
  patch: Omit<ManyPatch, 'runs'>
): RunRow[] {
  const changed = new Set(ids);
  return rows
    .filter(row => changed.has(row.record_id))
    .map(row => ({
      ...row,
      starred: patch.starred ?? row.starred,
      archived: patch.archived ?? row.archived,
      tags: tagged(row.tags, patch.tags ?? {})
    }));
}

/** Tags after a change; those of null are gone. */
function tagged(
  tags: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | null>>
): Record<string, string> {
  return Object.fromEntries(
    Object.entries({ ...tags, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null)
  );
}

/** Whole columns as the lines of a file, a line for each chosen run; where none is chosen, for every run. */
export function csvRows(values: TableValues, columns: readonly string[], picked: Picked): Cell[][] {
  const rows = values.runs.flatMap((id, index) =>
    picked.size === 0 || picked.has(id) ? [[id, ...values.columns.map(one => one[index])]] : []
  );
  return [['id', ...columns], ...rows];
}
