import type { RunOutput } from '../api/wire';
import { type Content, contentOf } from './content';

/** Bytes of a file that is shown: what is larger is downloaded. */
export const LARGEST_SHOWN = 10 * 2 ** 20;

const KINDS: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  html: 'text/html',
  htm: 'text/html',
  json: 'application/json',
  ipynb: 'application/json',
  md: 'text/markdown'
};
/** What programs wrote for people, beside all that has no name of its own here. */
const TEXTS = 'csv tsv txt log py yaml yml toml cfg ini sh r jl xml patch diff lock jsonl'.split(' ');

/** The MIME type of a file by its name; null: it is only downloaded, unless it is text all the same. */
export function mimeOf(file: string): string | null {
  const name = file.split('/').pop() ?? file;
  const suffix = name.includes('.') ? (name.split('.').pop() ?? '').toLowerCase() : '';
  return KINDS[suffix] ?? (TEXTS.includes(suffix) ? 'text/plain' : null);
}

/** A file's content as something to show; what it cannot be shown as is a file to download. */
export function contentOfFile(file: string, bytes: ArrayBuffer): Content {
  const known = mimeOf(file);
  const mime = known ?? (isText(bytes) ? 'text/plain' : null);
  if (mime === null) {
    return { kind: 'nothing' };
  }
  if (mime === 'application/json') {
    return { kind: 'text', text: readable(decode(bytes)) };
  }
  if (!mime.startsWith('image/') && mime !== 'text/html') {
    return { kind: 'text', text: decode(bytes) };
  }
  const output: RunOutput = { kind: 'display', mime, text: null, data: base64(bytes), size: 0, cut: false };
  return contentOf(output);
}

function decode(bytes: ArrayBuffer): string {
  return new TextDecoder().decode(bytes);
}

/** It is UTF-8 without a byte that no text has. */
function isText(bytes: ArrayBuffer): boolean {
  try {
    return !new TextDecoder('utf-8', { fatal: true }).decode(bytes).includes('\0');
  } catch {
    return false;
  }
}

/** JSON with an entry on each line; what is none as it is. */
function readable(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** Piece by piece: a call cannot have a million arguments. */
function base64(bytes: ArrayBuffer): string {
  const all = new Uint8Array(bytes);
  const pieces: string[] = [];
  for (let at = 0; at < all.length; at += 0x8000) {
    pieces.push(String.fromCharCode(...all.subarray(at, at + 0x8000)));
  }
  return btoa(pieces.join(''));
}
