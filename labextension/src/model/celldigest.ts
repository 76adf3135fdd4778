import { sha256 } from './sha256';

const MAGIC = /^%%experiment(?:\s|$)/;
/** Magics that run the rest of the cell as it is: the magic line may stand below them too. */
const RUNNING = /^%%(?:time|capture|prun|timeit|memit)(?:\s|$)/;

/**
 * The digest of a cell's source as a run's `source_digest` is made: empty lines before the magic line and spaces
 * behind it belong to nobody, and it comes first.
 */
export function cellDigest(source: string): string {
  const text = source.replace(/\r\n?/g, '\n');
  const lines = text.split('\n');
  const place = lines.findIndex(line => line.trim() !== '' && !RUNNING.test(line));
  if (place < 0 || !MAGIC.test(lines[place])) {
    return sha256(text);
  }
  const above = lines.slice(0, place).filter(line => line.trim() !== '');
  return sha256([lines[place].trimEnd(), [...above, ...lines.slice(place + 1)].join('\n')].join('\n'));
}

/** The digest of the cell's source, computed again only when the source has changed. */
export class DigestOfCell {
  of(source: string): string {
    if (source !== this.source) {
      this.source = source;
      this.digest = cellDigest(source);
    }
    return this.digest;
  }

  private source: string | null = null;
  private digest = '';
}
