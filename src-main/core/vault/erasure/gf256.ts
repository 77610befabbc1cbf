/**
 * The field GF(2^8) with polynomial x^8+x^4+x^3+x^2+1 (0x11D) and generator 2: the field of zstor, ISA-L and most
 * Reed-Solomon libraries, so that shards can be compared byte by byte with theirs.
 */
const exp = new Uint8Array(512);
const log = new Uint8Array(256);
for (let i = 0, x = 1; i < 255; i++) {
  exp[i] = x;
  exp[i + 255] = x;
  log[x] = i;
  x = (x << 1) ^ (x & 0x80 ? 0x11d : 0);
}

export function mul(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return exp[(log[a] ?? 0) + (log[b] ?? 0)] ?? 0;
}

/** @throws RangeError for 0, which has no inverse. */
export function inverse(a: number): number {
  if (a === 0) throw new RangeError('zero has no inverse');
  return exp[255 - (log[a] ?? 0)] ?? 0;
}

/** a^n with 0^0 = 1. */
export function power(a: number, n: number): number {
  if (n === 0) return 1;
  if (a === 0) return 0;
  return exp[((log[a] ?? 0) * n) % 255] ?? 0;
}
