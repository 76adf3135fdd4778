import { nullTranslator } from '@jupyterlab/translation';
import {
  brief,
  formatAgo,
  formatBytes,
  formatChange,
  formatClock,
  formatDuration,
  formatExact,
  formatNumber,
  formatPercent,
  formatPrinted,
  formatTime,
  printable,
  shortId
} from '../format';

const trans = nullTranslator.load('jupyter_bioml');
const NOW = 1795270987;

/* Both columns were written by jupyter_bioml/text/present.py. */
const NUMBERS: [number | string | boolean | null, string][] = [
  [0, '0'],
  [0.0, '0'],
  [1, '1'],
  [-1, '−1'],
  [0.99314, '0.9931'],
  [20000, '20,000'],
  [1.2e-7, '1.2e-7'],
  [null, '–'],
  [-0.5, '−0.5'],
  [1234.5, '1,234'],
  [1235.5, '1,236'],
  [999.95, '1,000'],
  [999.94, '999.9'],
  [9999.5, '10,000'],
  [12344.5, '12,344'],
  [12345.5, '12,346'],
  [9999999.6, '10,000,000'],
  [10000000.5, '1e7'],
  [1000000000000.0, '1e12'],
  [0.0001, '0.0001'],
  [9.9999e-5, '1e-4'],
  [0.00012345, '0.0001234'],
  [1e300, '1e300'],
  [-1e-300, '−1e-300'],
  [123456789012, '123,456,789,012'],
  [0.30000000000000004, '0.3'],
  ['text', 'text'],
  [true, 'True'],
  [false, 'False'],
  [1234567.5, '1,234,568'],
  [2.5, '2.5'],
  [99999.5, '100,000'],
  [9.999999e-5, '1e-4'],
  [1000000000000000.0, '1e15'],
  [3e-5, '3e-5']
];
const DURATIONS: [number | null, string][] = [
  [null, '–'],
  [0.0005, '0.5 ms'],
  [0.0051, '5.1 ms'],
  [0.0994, '99 ms'],
  [0.0995, '100 ms'],
  [0.5, '500 ms'],
  [0.9994, '999 ms'],
  [0.9995, '1.0 s'],
  [1.25, '1.2 s'],
  [1.35, '1.4 s'],
  [3.2, '3.2 s'],
  [59.94, '59.9 s'],
  [59.95, '1 min 00 s'],
  [60, '1 min 00 s'],
  [72.4, '1 min 12 s'],
  [72.5, '1 min 12 s'],
  [73.5, '1 min 14 s'],
  [3599.4, '59 min 59 s'],
  [3599.6, '1 h 00 min'],
  [7500, '2 h 05 min'],
  [86399, '23 h 59 min'],
  [86400, '1 d 0 h'],
  [273600, '3 d 4 h']
];
const SIZES: [number | null, string][] = [
  [null, '–'],
  [0, '0 B'],
  [312, '312 B'],
  [999, '999 B'],
  [1000, '1 kB'],
  [1250, '1.2 kB'],
  [1350, '1.4 kB'],
  [99940, '99.9 kB'],
  [99960, '100 kB'],
  [412000000, '412 MB'],
  [3200000000.0, '3.2 GB'],
  [999400000.0, '999 MB'],
  [999600000.0, '1 GB'],
  [5e18, '5000 PB']
];
const AGES: [number | null, string][] = [
  [null, '–'],
  [-30, 'just now'],
  [0, 'just now'],
  [44, 'just now'],
  [45, '1 min ago'],
  [89, '1 min ago'],
  [90, '2 min ago'],
  [150, '2 min ago'],
  [3569, '59 min ago'],
  [3570, '1 h ago'],
  [3600, '1 h ago'],
  [84599, '23 h ago'],
  [84600, 'yesterday'],
  [172799, 'yesterday'],
  [172800, '2 d ago'],
  [2591999, '29 d ago']
];
const IDS: [string | null, string][] = [
  [null, '–'],
  ['', '–'],
  ['abc', 'abc'],
  ['7f3a90c1deadbeef', '7f3a90c1…'],
  ['md5:0123456789abcdef', 'md5:01234567…']
];
const TEXTS: [string, string][] = [
  ['plain', 'plain'],
  ['a\nb\tc\r', 'a⏎b\\tc\\r'],
  ['\u0000\u202eevil', '\\x00\\u202eevil'],
  ['\u05e9\u05dc\u05d5\u05dd', '\u05e9\u05dc\u05d5\u05dd'],
  ['\udb40\udc01x', '\\U000e0001x'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['\u2028', '\\u2028'],
  ['\u009b', '\\x9b'],
  ['\ud83d\ude00', '\ud83d\ude00']
];
const CHANGES: [number, number, string][] = [
  [1, 1, '='],
  [1.5, 1, '▲ +0.5'],
  [0.9931, 0.9889, '▲ +0.0042'],
  [0.0876, 0.0986, '▼ −0.011']
];

describe('figures are those of the card', () => {
  it.each(NUMBERS)('number %p is %p', (value, text) => expect(formatNumber(value)).toBe(text));
  it.each(DURATIONS)('%p seconds are %p', (value, text) => expect(formatDuration(value)).toBe(text));
  it.each(SIZES)('%p bytes are %p', (value, text) => expect(formatBytes(value)).toBe(text));
  it.each(CHANGES)('%p after %p is %p', (value, previous, text) =>
    expect(formatChange(value, previous)).toBe(text)
  );
  it.each(AGES)('%p seconds ago is %p', (age, text) =>
    expect(formatAgo(age === null ? null : NOW - age, NOW, trans)).toBe(text)
  );
  it.each(IDS)('id %p is shown as %p', (identity, text) => expect(shortId(identity)).toBe(text));
  it.each(TEXTS)('text %p is shown as %p', (value, text) => expect(printable(value)).toBe(text));

  it('brief text says that it was cut', () => {
    expect(brief('', 3)).toBe('');
    expect(brief('abc', 3)).toBe('abc');
    expect(brief('abcd', 3)).toBe('ab…');
    expect(brief('🧬🧬🧬', 3)).toBe('🧬🧬🧬');
    expect(brief('🧬🧬🧬🧬', 3)).toBe('🧬🧬…');
    expect(brief('\u202e!', 6)).toBe('\\u202…');
    expect(brief('x'.repeat(10_000))).toBe(`${'x'.repeat(79)}…`);
  });

  it('not finite numbers and absent ones have their own words', () => {
    expect([NaN, Infinity, -Infinity, null, undefined].map(formatNumber)).toEqual([
      'NaN',
      '∞',
      '−∞',
      '–',
      '–'
    ]);
    expect(formatChange(1, NaN)).toBe('before NaN');
    expect([null, 96.5, 97.5, 0].map(formatPercent)).toEqual(['–', '96 %', '98 %', '0 %']);
  });
});

describe('printed figures', () => {
  it('keep the decimals that they had', () => {
    const shown = [
      [0.9, 2],
      [93, 0],
      [-1234.5, 1],
      [0.93456, null]
    ] as const;
    expect(shown.map(([value, decimals]) => formatPrinted(value, decimals))).toEqual([
      '0.90',
      '93',
      '−1,234.5',
      '0.9346'
    ]);
    expect([formatPrinted(NaN, 2), formatPrinted(null, 2), formatPrinted('text', null)]).toEqual([
      'NaN',
      '–',
      'text'
    ]);
  });

  it('have differences with no more decimals than they had', () => {
    expect(formatChange(0.93, 0.9342, 2)).toBe('=');
    expect(formatChange(0.93, 0.9042, 2)).toBe('▲ +0.03');
    expect(formatChange(1, NaN, 2)).toBe('before NaN');
  });
});

describe('full values', () => {
  it('can be read back', () => {
    for (const value of [0.1 + 0.2, 1e-300, 123456789.123]) {
      expect(Number(formatExact(value))).toBe(value);
    }
    expect(formatExact(null)).toBe('–');
    expect(formatExact(true)).toBe('True');
  });
});

describe('times', () => {
  it('are local, with their offset, and name the same moment', () => {
    const text = formatTime(1795270987.9);
    const parts = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) ([+-]\d\d)(\d\d)$/.exec(text) ?? [];
    expect(Date.parse(`${parts[1]}T${parts[2]}${parts[3]}:${parts[4]}`)).toBe(1795270987000);
    expect(formatTime(null)).toBe('–');
    expect(formatTime(1e18)).toBe('1000000000000000000 s since 1970');
  });

  it('far ahead or long past are dates', () => {
    expect(formatAgo(NOW + 100, NOW, trans)).toBe(formatTime(NOW + 100).slice(0, 10));
    expect(formatAgo(NOW - 40 * 86400, NOW, trans)).toBe(formatTime(NOW - 40 * 86400).slice(0, 10));
  });

  it('tick as a clock', () => {
    expect([-1, 0, 41.9, 725, 3723].map(formatClock)).toEqual(['0:00', '0:00', '0:41', '12:05', '1:02:03']);
  });
});
