import { randomFillSync } from 'node:crypto';

/** Short ones are cut from a block: asking the system costs as much as sealing a short message with what it gives. */
const shortBytes = 32;
const block = new Uint8Array(4096);
let used = block.length;

/** The system's cryptographically strong randomness: what the real hosts hand over as `host.random`. */
export function systemRandom(n: number): Uint8Array {
  if (n > shortBytes) return randomFillSync(new Uint8Array(n));
  if (used + n > block.length) {
    randomFillSync(block);
    used = 0;
  }
  const out = block.slice(used, used + n);
  // Handed out once, and not left lying about.
  block.fill(0, used, used + n);
  used += n;
  return out;
}
