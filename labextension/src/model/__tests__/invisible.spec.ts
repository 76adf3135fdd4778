import { stretches } from '../invisible';

/** The codes that are shown for a text; its stretches are the whole of it. */
function codes(text: string): (string | null)[] {
  const found = stretches(text);
  expect(found.map(one => one.text).join('')).toBe(text);
  return found.map(one => one.code);
}

describe('stretches', () => {
  it('leave text as one, with tabs and line ends of either kind', () => {
    expect(codes('')).toEqual([]);
    expect(codes('a = 1\n\tb = "äß שלום 日本語"\r\nc')).toEqual([null]);
  });

  it.each([
    ['\u202a', 'U+202A'],
    ['\u202e', 'U+202E'],
    ['\u2066', 'U+2066'],
    ['\u2069', 'U+2069'],
    ['\u200f', 'U+200F'],
    ['\u061c', 'U+061C'],
    ['\u200b', 'U+200B'],
    ['\u200d', 'U+200D'],
    ['\u00ad', 'U+00AD'],
    ['\ufeff', 'U+FEFF'],
    ['\u2028', 'U+2028'],
    ['\0', 'U+0000'],
    ['\x1b', 'U+001B'],
    ['\x0c', 'U+000C'],
    ['\x85', 'U+0085'],
    ['\r', 'U+000D'],
    ['\ud800', 'U+D800'],
    ['\u3164', 'U+3164'],
    ['\ufe0f', 'U+FE0F'],
    ['\u{e0041}', 'U+E0041'],
    ['\u{1d173}', 'U+1D173']
  ])('name %j', (character, code) => {
    expect(codes(`a${character}b`)).toEqual([null, code, null]);
    expect(codes(character + character)).toEqual([code, code]);
  });

  it('take a carriage return as a line end only before a newline', () => {
    expect(codes('# harmless\rimport os\r\n')).toEqual([null, 'U+000D', null]);
  });

  it('leave pictures whole, and mark what joins nothing', () => {
    expect(codes('✔️ 👩🏽‍🔬 ❤️‍🔥 1️⃣ 🧬')).toEqual([null]);
    expect(codes('👩‍x')).toEqual([null, 'U+200D', null]);
    expect(codes('x\u200d👩')).toEqual([null, 'U+200D', null]);
  });

  it('are quick in a long text', () => {
    expect(codes('\u202e'.repeat(10_000))).toHaveLength(10_000);
    expect(codes('x'.repeat(1_000_000))).toEqual([null]);
  });
});
