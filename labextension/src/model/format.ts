import type { TranslationBundle } from '@jupyterlab/translation';

/*
 * How figures and names are written for people: the same results as `jupyter_bioml/text/present.py`, so that
 * the card, the commands and the pages never show two figures for one value.
 */

/** Shown where there is no value. Absent is absent: never 0. */
export const ABSENT = '–';
const MINUS = '−';
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86400;

/** A figure, or whatever else stands where a figure may stand. */
export type Figure = number | string | boolean | null | undefined;

/**
 * A figure with four significant digits; whole numbers exactly, with thousands separators.
 *
 * `0.99314` → `0.9931`, `20000` → `20,000`, `1.2e-7` → `1.2e-7`, null → `–`.
 */
export function formatNumber(value: Figure): string {
  if (typeof value !== 'number') {
    return formatExact(value);
  }
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '∞' : `${MINUS}∞`;
  }
  const size = Math.abs(value);
  return (value < 0 ? MINUS : '') + (Number.isInteger(value) && size < 1e12 ? grouped(size) : digits(size));
}

/** The full value, for titles and the clipboard: text that can be read back as the number. */
export function formatExact(value: Figure): string {
  if (value === null || value === undefined) {
    return ABSENT;
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  return String(value);
}

/**
 * A figure that is only known as it was printed, with the decimals that it had: `0.90`.
 *
 * @param decimals - null: the whole figure is known.
 */
export function formatPrinted(value: Figure, decimals: number | null): string {
  if (typeof value !== 'number' || decimals === null || !Number.isFinite(value)) {
    return formatNumber(value);
  }
  const [whole, part] = fixed(Math.abs(value), decimals).split('.');
  return (value < 0 ? MINUS : '') + grouped(Number(whole)) + (part === undefined ? '' : `.${part}`);
}

/**
 * The difference to an earlier value, with a sign and an arrow: `▲ +0.0042`, `▼ −0.011`, `=`.
 *
 * @param decimals - of a value that is only known as it was printed: the difference has no more.
 */
export function formatChange(value: number, previous: number, decimals: number | null = null): string {
  const whole = value - previous;
  const change = decimals === null || !Number.isFinite(whole) ? whole : Number(fixed(whole, decimals));
  if (!Number.isFinite(change)) {
    return `before ${formatNumber(previous)}`;
  }
  if (change === 0) {
    return '=';
  }
  return change > 0 ? `▲ +${formatNumber(change)}` : `▼ ${formatNumber(change)}`;
}

/** A share of a hundred, whole: `97 %`. */
export function formatPercent(percent: number | null | undefined): string {
  return percent === null || percent === undefined ? ABSENT : `${fixed(percent, 0)} %`;
}

/** A length of time: `5.1 ms`, `3.2 s`, `1 min 12 s`, `2 h 05 min`, `3 d 4 h`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) {
    return ABSENT;
  }
  if (seconds < 0.9995) {
    const milliseconds = seconds * 1000;
    return `${seconds < 0.0995 ? rounded(milliseconds, 2) : fixed(milliseconds, 0)} ms`;
  }
  if (seconds < 59.95) {
    return `${fixed(seconds, 1)} s`;
  }
  const whole = Number(fixed(seconds, 0));
  if (whole < HOUR) {
    return `${Math.floor(whole / MINUTE)} min ${two(whole % MINUTE)} s`;
  }
  if (whole < DAY) {
    return `${Math.floor(whole / HOUR)} h ${two(Math.floor((whole % HOUR) / MINUTE))} min`;
  }
  return `${Math.floor(whole / DAY)} d ${Math.floor((whole % DAY) / HOUR)} h`;
}

/** The time since a run began, ticking by whole seconds: `0:41`, `12:05`, `1:02:03`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / HOUR);
  const minutes = Math.floor((whole % HOUR) / MINUTE);
  return (hours ? `${hours}:${two(minutes)}` : String(minutes)) + `:${two(whole % MINUTE)}`;
}

/** A size in decimal units: `312 B`, `1.2 kB`, `412 MB`, `3.2 GB`. */
export function formatBytes(size: number | null | undefined): string {
  if (size === null || size === undefined) {
    return ABSENT;
  }
  let value = size;
  let unit = 'B';
  for (const larger of ['kB', 'MB', 'GB', 'TB', 'PB']) {
    if (value < 999.5) {
      break;
    }
    value /= 1000;
    unit = larger;
  }
  const text = unit === 'B' || value >= 99.95 ? fixed(value, 0) : fixed(value, 1).replace(/\.0$/, '');
  return `${text} ${unit}`;
}

/**
 * How long ago: `just now`, `2 min ago`, `3 h ago`, `yesterday`, `5 d ago`, later the date.
 *
 * @param at - seconds since the epoch; a time that lies ahead (another machine's clock) is written out.
 * @param now - the moment to count from, seconds since the epoch.
 */
export function formatAgo(at: number | null | undefined, now: number, trans: TranslationBundle): string {
  if (at === null || at === undefined) {
    return ABSENT;
  }
  const age = now - at;
  if (age < -MINUTE || age >= 30 * DAY) {
    return formatTime(at).slice(0, 10);
  }
  if (age < 45) {
    return trans.__('just now');
  }
  if (age < 59.5 * MINUTE) {
    return trans.__('%1 min ago', String(Math.max(1, Number(fixed(age / MINUTE, 0)))));
  }
  if (age < 23.5 * HOUR) {
    return trans.__('%1 h ago', fixed(age / HOUR, 0));
  }
  return age < 2 * DAY ? trans.__('yesterday') : trans.__('%1 d ago', String(Math.floor(age / DAY)));
}

/** The exact local time with its offset: `2026-11-21 14:03:07 +0100`. */
export function formatTime(at: number | null | undefined): string {
  if (at === null || at === undefined) {
    return ABSENT;
  }
  const date = new Date(Math.floor(at) * 1000);
  const year = date.getFullYear();
  if (!(year >= 1 && year <= 9999)) {
    return `${fixed(at, 0)} s since 1970`;
  }
  const offset = -date.getTimezoneOffset();
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(Math.abs(offset) / 60))}${two(Math.abs(offset) % 60)}`;
  const day = `${String(year).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}

/** The beginning of a run's, record's or content's id, long enough to be typed: `7f3a90c1…`. */
export function shortId(identity: string | null | undefined, length = 8): string {
  if (!identity) {
    return ABSENT;
  }
  const cut = identity.lastIndexOf(':') + 1;
  const digest = identity.slice(cut);
  return digest.length <= length ? identity : `${identity.slice(0, cut)}${digest.slice(0, length)}…`;
}

/** Text on one line, every control or direction-changing character as its escape: it cannot forge what is not there. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, escaped);
}

/** The same, at most so many characters of it: what is cut off is seen to be. */
export function brief(text: string, length = 80): string {
  const some = text.slice(0, 2 * length);
  const shown = [...printable(some)];
  const isCut = some.length < text.length || shown.length > length;
  return isCut ? `${shown.slice(0, length - 1).join('')}…` : shown.join('');
}

function escaped(character: string): string {
  const known = { '\n': '⏎', '\t': '\\t', '\r': '\\r' }[character];
  if (known !== undefined) {
    return known;
  }
  const code = character.codePointAt(0) ?? 0;
  const [letter, width] = code < 0x100 ? ['x', 2] : code < 0x10000 ? ['u', 4] : ['U', 8];
  return `\\${letter}${code.toString(16).padStart(Number(width), '0')}`;
}

/** Four significant digits of a positive number or zero. */
function digits(size: number): string {
  if (size >= 1e4 && size < 1e7) {
    return grouped(Number(fixed(size, 0)));
  }
  if (size === 0 || (size >= 1e-4 && size < 1e4)) {
    const value = rounded(size, 4);
    return size >= 999.95 ? grouped(Number(fixed(value, 0))) : String(value);
  }
  const [mantissa, exponent] = rounded(size, 4).toExponential().split('e');
  return `${mantissa}e${Number(exponent)}`;
}

function grouped(whole: number): string {
  return String(whole).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** With so many decimals; a tie goes to the even digit. */
function fixed(value: number, places: number): string {
  const size = Math.abs(value);
  const exponent = size === 0 ? 0 : Number(size.toExponential().split('e')[1]);
  const count = exponent + 1 + places;
  return (count < 1 ? value : Math.sign(value) * rounded(size, count)).toFixed(places);
}

/** Rounded to so many significant digits; a tie goes to the even digit as in Python (JavaScript takes the larger). */
function rounded(value: number, count: number): number {
  const [mantissa, exponent] = value.toExponential(100).split('e');
  const all = mantissa.replace('.', '');
  const isTie = /^50*$/.test(all.slice(count));
  if (isTie && Number(all[count - 1]) % 2 === 0) {
    return Number(`${mantissa.slice(0, count + 1)}e${exponent}`);
  }
  return Number(value.toExponential(Math.min(count - 1, 100)));
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
