import { createHash } from 'crypto';
import { TextEncoder } from 'util';
import { cellDigest, DigestOfCell } from '../celldigest';

Object.assign(globalThis, { TextEncoder });

const digest = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

describe('cellDigest', () => {
  it.each([
    ['a cell as it is', 'x = 1\n\n', 'x = 1\n\n'],
    ['its magic line and its body', '%%experiment gbm --seed 1\nx = 1', '%%experiment gbm --seed 1\nx = 1'],
    ['nothing that belongs to nobody', '\n\n%%experiment gbm  \nx = 1', '%%experiment gbm\nx = 1'],
    [
      'magics above its line',
      '%%time\n\n%%capture out\n%%experiment a\nx',
      '%%experiment a\n%%time\n%%capture out\nx'
    ],
    ['a text that only looks like it', '%%bash\n%%experiment a\nx', '%%bash\n%%experiment a\nx'],
    ['a magic line without a body', '%%experiment', '%%experiment\n'],
    ['another magic as it is', '\n%%experiments\nx', '\n%%experiments\nx'],
    ['every line end as one', 'a\r\nb\rc', 'a\nb\nc'],
    ['an empty cell', '', '']
  ])('is of %s', (_, source, text) => {
    expect(cellDigest(source)).toBe(digest(text));
  });
});

describe('DigestOfCell', () => {
  it('follows the source', () => {
    const cell = new DigestOfCell();
    expect(cell.of('')).toBe(digest(''));
    expect([cell.of('a'), cell.of('a'), cell.of('b')]).toEqual([digest('a'), digest('a'), digest('b')]);
  });
});
