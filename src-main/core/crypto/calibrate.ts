import { type Argon2Cost, argon2id, argon2LeastMemoryKiB } from './argon2.ts';
import { argon2SaltBytes } from './sodium.ts';

const targetMs = 1000;
const probe: Argon2Cost = { passes: 1, memoryKiB: argon2LeastMemoryKiB };

/**
 * Find the Argon2id cost that takes about one second on this computer, once, when a keystore is made: as much memory as
 * can be filled at least twice in that time (256, 128 or 64 MiB), then as many passes as fit. Never below 64 MiB and
 * three passes, the second recommended option of RFC 9106, however slow the computer is.
 *
 * @param now a clock in milliseconds
 */
export async function calibrateArgon2(now: () => number): Promise<Argon2Cost> {
  const salt = new Uint8Array(argon2SaltBytes);
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = now();
    await argon2id(salt, salt, probe);
    best = Math.min(best, now() - start);
  }
  return costFor(best);
}

/**
 * @param probeMs what one pass over 64 MiB took. The start of the worker is in it (tens of milliseconds), which makes the
 * estimate err on the quick side by less than a pass or two.
 */
export function costFor(probeMs: number): Argon2Cost {
  const perMiB = Math.max(probeMs, 1) / 64;
  for (const memoryMiB of [256, 128]) {
    const passes = Math.floor(targetMs / (perMiB * memoryMiB));
    if (passes >= 2) return { passes: Math.min(passes, 16), memoryKiB: memoryMiB * 1024 };
  }
  return { passes: Math.max(3, Math.floor(targetMs / probeMs)), memoryKiB: argon2LeastMemoryKiB };
}
