import { sha256 } from './sha256';

const MAGIC = /^%%experiment(?:\s|$)/;

/**
 * The digest of a cell's source as a run's `source_digest` is made: empty lines before the magic line and spaces
 * behind it belong to nobody.
 */
export function cellDigest(source: string): string {
  const text = source.replace(/\r\n?/g, '\n');
  const [first, ...rest] = text.replace(/^\n+/, '').split('\n');
  return sha256(MAGIC.test(first) ? [first.trimEnd(), rest.join('\n')].join('\n') : text);
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
