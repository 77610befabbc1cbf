import { randomFillSync } from 'node:crypto';

/** The system's cryptographically strong randomness: what the real hosts hand over as `host.random`. */
export function systemRandom(n: number): Uint8Array {
  return randomFillSync(new Uint8Array(n));
}
