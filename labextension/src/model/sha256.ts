/*
 * SHA-256 (FIPS 180-4) of short texts, at once and on every page: the browser's own is not there without https, and
 * answers only later.
 */

const PRIMES = firstPrimes(64);
/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUNDS = PRIMES.map(prime => fraction(Math.cbrt(prime)));
/** The same of the square roots of the first eight. */
const START = PRIMES.slice(0, 8).map(prime => fraction(Math.sqrt(prime)));
const BLOCK = 64;

/** The digest of a text's UTF-8 bytes, in hex. */
export function sha256(text: string): string {
  const bytes = padded(new TextEncoder().encode(text));
  const state = Uint32Array.from(START);
  const words = new Uint32Array(64);
  for (let start = 0; start < bytes.byteLength; start += BLOCK) {
    for (let index = 0; index < 16; index++) {
      words[index] = bytes.getUint32(start + 4 * index);
    }
    for (let index = 16; index < 64; index++) {
      const [near, far] = [words[index - 2], words[index - 15]];
      const sigma1 = turn(near, 17) ^ turn(near, 19) ^ (near >>> 10);
      const sigma0 = turn(far, 7) ^ turn(far, 18) ^ (far >>> 3);
      words[index] = words[index - 16] + sigma0 + words[index - 7] + sigma1;
    }
    mix(state, words);
  }
  return Array.from(state, word => word.toString(16).padStart(8, '0')).join('');
}

/** One block's words go into the state. */
function mix(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = state;
  for (let index = 0; index < 64; index++) {
    const sum1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
    const first = (h + sum1 + ((e & f) ^ (~e & g)) + ROUNDS[index] + words[index]) | 0;
    const sum0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const second = (sum0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (state[index] += word));
}

/** A one, zeros, and the length in bits, up to whole blocks. */
function padded(bytes: Uint8Array): DataView {
  const view = new DataView(new ArrayBuffer(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK));
  new Uint8Array(view.buffer).set(bytes);
  view.setUint8(bytes.length, 0x80);
  view.setUint32(view.byteLength - 8, Math.floor(bytes.length / 2 ** 29));
  view.setUint32(view.byteLength - 4, (bytes.length << 3) >>> 0);
  return view;
}

function turn(word: number, count: number): number {
  return (word >>> count) | (word << (32 - count));
}

function fraction(root: number): number {
  return Math.floor((root - Math.floor(root)) * 2 ** 32);
}

function firstPrimes(count: number): number[] {
  const found: number[] = [];
  for (let candidate = 2; found.length < count; candidate++) {
    if (found.every(prime => candidate % prime !== 0)) {
      found.push(candidate);
    }
  }
  return found;
}
