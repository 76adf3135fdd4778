/** A run's own tags as lines that can be edited: `key=value`, a line each. */

type Tags = Readonly<Record<string, string>>;

/** A tag that a line can hold: others are left as they are. */
function fits(key: string, value: string): boolean {
  return key === key.trim() && key !== '' && !/[=\r\n]/.test(key) && !/[\r\n]/.test(value);
}

/** The tags as lines. */
export function tagLines(tags: Tags): string {
  return Object.entries(tags)
    .filter(([key, value]) => fits(key, value))
    .map(([key, value]) => `${key}=${value}`)
    .join('\n');
}

/** What edited lines change: tags to set, and null for those that were taken away; a line without `=` sets an empty value. */
export function tagChanges(before: Tags, lines: string): Record<string, string | null> {
  const after = new Map<string, string>();
  for (const line of lines.split(/\r?\n/)) {
    const at = line.indexOf('=');
    const key = (at === -1 ? line : line.slice(0, at)).trim();
    if (key !== '') {
      after.set(key, at === -1 ? '' : line.slice(at + 1).trim());
    }
  }
  const changes: Record<string, string | null> = {};
  for (const [key, value] of after) {
    if (!Object.prototype.hasOwnProperty.call(before, key) || before[key].trim() !== value) {
      changes[key] = value;
    }
  }
  for (const [key, value] of Object.entries(before)) {
    if (fits(key, value) && !after.has(key)) {
      changes[key] = null;
    }
  }
  return changes;
}
