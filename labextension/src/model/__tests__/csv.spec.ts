import { toCsv } from '../csv';

const cell = (value: string | number | boolean | null): string =>
  toCsv([[value, 'end']]).replace(/,end\r\n$/, '');

describe('toCsv', () => {
  it('writes rows with commas and line ends of the standard', () => {
    expect(
      toCsv([
        ['a', 1, null],
        [true, 0.1, 'b']
      ])
    ).toBe('a,1,\r\ntrue,0.1,b\r\n');
  });

  it.each([
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    [' room ', '" room "']
  ])('quotes %j', (text, expected) => {
    expect(cell(text)).toBe(expected);
  });

  it.each(['=1+1', '+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', ' =1', '＝1'])(
    'makes the formula %j harmless',
    text => {
      expect(cell(text).replace(/^"/, '')[0]).toBe("'");
    }
  );

  it.each(['-3', '+4.5', '-1e-7', '.5', '-inf', '-Infinity'])('leaves the number %j a number', text => {
    expect(cell(text)).toBe(text);
  });

  it('leaves negative figures alone', () => {
    expect(cell(-3.25)).toBe('-3.25');
  });

  it('keeps NaN and infinities as words', () => {
    expect(cell(NaN)).toBe('NaN');
    expect(cell(-Infinity)).toBe('-Infinity');
  });
});
