import { timingSafeEqual } from 'node:crypto';

/** Compare without telling by the time taken where the difference lies. Lengths are not secret. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
