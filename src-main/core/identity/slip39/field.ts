/* Arithmetic of SLIP-0039: bytes as elements of GF(256) modulo x^8 + x^4 + x^3 + x + 1 (the field of AES). */

/**
 * The product, by shifting and adding: secrets go through here, so no table is read and nothing branches on them.
 */
export function multiply(a: number, b: number): number {
  let product = 0;
  let left = a;
  for (let bit = 0; bit < 8; bit++) {
    product ^= left & -((b >> bit) & 1);
    left = (left << 1) ^ (0x11b & -(left >> 7));
  }
  return product;
}

/** The inverse: a^254, for a^255 = 1. Of 0 it is 0. */
export function invert(a: number): number {
  let result = 1;
  let power = a;
  for (let exponent = 254; exponent > 0; exponent >>= 1) {
    if (exponent & 1) result = multiply(result, power);
    power = multiply(power, power);
  }
  return result;
}

/** A point of as many polynomials as it has bytes. */
export interface Point {
  /** 0 to 255; not secret. */
  readonly x: number;
  readonly y: Uint8Array;
}

/**
 * The polynomials of the least degree through the points, at `x` (Lagrange).
 *
 * @param points with different `x`, and as many bytes each
 */
export function interpolate(points: readonly Point[], x: number): Uint8Array {
  const at = points.find((point) => point.x === x);
  if (at) return at.y.slice();
  const out = new Uint8Array(points[0]?.y.length ?? 0);
  for (const point of points) {
    let basis = 1;
    for (const other of points) {
      if (other.x === point.x) continue;
      basis = multiply(basis, multiply(x ^ other.x, invert(point.x ^ other.x)));
    }
    for (let i = 0; i < out.length; i++) out[i] = (out[i] ?? 0) ^ multiply(point.y[i] ?? 0, basis);
  }
  return out;
}
