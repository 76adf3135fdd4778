import { TextDecoder, TextEncoder } from 'util';
import { contentOfFile, mimeOf } from '../runfile';

/** The test's browser has none of its own. */
Object.assign(globalThis, { TextDecoder, TextEncoder });

const bytes = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;

describe('a file of a run', () => {
  it.each([
    ['a/verdict.html', 'text/html'],
    ['roc.PNG', 'image/png'],
    ['bioml/record.json', 'application/json'],
    ['cohort.csv', 'text/plain'],
    ['model.pkl', null],
    ['LICENSE', null]
  ])('%s is %p by its name', (file, mime) => expect(mimeOf(file)).toBe(mime));

  it('that is JSON has an entry on each line, and is text where it is none', () => {
    expect(contentOfFile('record.json', bytes('{"a":1}'))).toEqual({
      kind: 'text',
      text: '{\n  "a": 1\n}'
    });
    expect(contentOfFile('record.json', bytes('{'))).toEqual({ kind: 'text', text: '{' });
  });

  it('that is a page stands in a frame without scripts', () => {
    const content = contentOfFile('verdict.html', bytes('<script>alert(1)</script><p>é</p>'));
    expect(content.kind === 'html' && content.page).toContain("default-src 'none'");
    expect(content.kind === 'html' && content.page).toContain('<p>é</p>');
  });

  it('is shown as text where it is text, and not at all otherwise', () => {
    expect(contentOfFile('LICENSE', bytes('MIT'))).toEqual({ kind: 'text', text: 'MIT' });
    expect(contentOfFile('model.pkl', new Uint8Array([128, 4, 0, 255]).buffer).kind).toBe('nothing');
    expect(contentOfFile('roc.png', new Uint8Array([137, 80]).buffer)).toEqual({
      kind: 'image',
      url: 'data:image/png;base64,iVA='
    });
  });
});
