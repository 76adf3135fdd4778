import { createHash } from 'crypto';
import { TextEncoder } from 'util';
import { sha256 } from '../sha256';

Object.assign(globalThis, { TextEncoder });

describe('sha256', () => {
  it('is the published digest of the published examples', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(sha256('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });

  it('is what another implementation says, around each border of a block', () => {
    for (let length = 0; length < 200; length++) {
      const text = 'é'.repeat(length % 7) + 'x'.repeat(length);
      expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  it('takes the UTF-8 bytes of a long cell with every script', () => {
    const text = '# Größe 细胞 🧬 \u202e\u0000\n'.repeat(5000);
    expect(sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
  });
});
