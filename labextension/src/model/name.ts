import { printable } from './format';

/*
 * Names of runs, parameters and files often differ only at their end (`…-seed1`, `…-seed2`), so where there is no
 * room for all of a name its middle is left out.
 */

/** Shorter names have room everywhere. */
const SHORT = 16;
/** Characters of an end that is kept: it begins with a separator, else it has as many as `plain`. */
const END = { least: 2, enough: 5, most: 10, plain: 6 };
const SEPARATOR = /[-_./=: ]/;
/** Tells files of one kind apart from nothing. */
const SUFFIX = /^\.[a-z]+$/i;
const ASCII = /^[ -~]*$/;

/**
 * A name as its beginning, which may be cut off, and its end, which is kept; an empty end: nothing is kept.
 *
 * Only before a separator is text of every script divided, because letters may be joined to each other.
 */
export function parted(text: string): [string, string] {
  const length = text.length <= SHORT ? 0 : endLength(text);
  return [text.slice(0, text.length - length), text.slice(text.length - length)];
}

function endLength(text: string): number {
  let longest = 0;
  for (let length = END.least; length <= END.most; length++) {
    const end = text.slice(-length);
    if (SEPARATOR.test(end[0])) {
      longest = length;
      if (length >= END.enough && !SUFFIX.test(end)) {
        break;
      }
    }
  }
  return longest || (ASCII.test(text) ? END.plain : 0);
}

/** A name on one line for where only text can stand: at most so many characters, its middle left out. */
export function shortName(name: string, length = 80): string {
  const text = printable(name);
  if (text.length <= length) {
    return text;
  }
  const [, end] = parted(text);
  const kept = end.length <= length / 2 ? end : '';
  const begin = [...text.slice(0, length)].slice(0, length - 1 - kept.length);
  return `${begin.join('')}…${kept}`;
}
