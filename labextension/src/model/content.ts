import type { RunOutput } from '../api/wire';

/** How an output may be shown. Nothing of it is ever part of our own page but text and pictures. */
export type Content =
  | { kind: 'text'; text: string }
  /** A picture: browsers run no scripts in one. */
  | { kind: 'image'; url: string }
  /** A whole page for a sandboxed frame. */
  | { kind: 'html'; page: string; height: number }
  /** Only to be downloaded. */
  | { kind: 'file'; url: string; mime: string }
  | { kind: 'nothing' };

const IMAGES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/svg+xml'];

/** What a frame with captured HTML may do: style itself and show pictures that it carries. No network. */
const POLICY = "default-src 'none'; img-src data:; font-src data:; style-src 'unsafe-inline'";

/** The output as something to show. */
export function contentOf(output: RunOutput): Content {
  const { mime, text, data } = output;
  if (mime !== null && IMAGES.includes(mime) && (data !== null || (text !== null && !output.cut))) {
    return { kind: 'image', url: `data:${mime};base64,${data ?? base64(text ?? '')}` };
  }
  if (mime === 'text/html' && (data !== null || (text !== null && !output.cut))) {
    const html = data === null ? (text ?? '') : decoded(data);
    return { kind: 'html', page: framed(html), height: heightOf(html) };
  }
  if (data !== null && mime !== null && !isText(mime)) {
    return { kind: 'file', url: `data:application/octet-stream;base64,${data}`, mime };
  }
  const shown = text ?? (data === null ? null : decoded(data));
  return shown === null ? { kind: 'nothing' } : { kind: 'text', text: shown };
}

/** A page around captured HTML, which loads nothing and is readable in any theme. */
export function framed(html: string): string {
  return (
    '<!DOCTYPE html><html><head><meta charset="utf-8">' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">` +
    '<style>body{font:13px sans-serif;margin:8px;background:#fff;color:#212121}' +
    'table{border-collapse:collapse}td,th{padding:2px 8px;text-align:right}</style>' +
    `</head><body>${html}</body></html>`
  );
}

/** A first height in pixels: our page cannot measure what is in the frame. Tables are nearly as high as their rows. */
function heightOf(html: string): number {
  const rows = html.match(/<tr[\s>]/gi)?.length ?? 0;
  return rows === 0 ? 240 : Math.min(480, 48 + 24 * rows);
}

function isText(mime: string): boolean {
  return mime.startsWith('text/') || mime === 'application/json' || mime.endsWith('+json');
}

function decoded(data: string): string {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(data), character => character.charCodeAt(0)));
  } catch {
    return '';
  }
}

function base64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
}
