import { type Argon2Cost, argon2id, argon2LeastMemoryKiB } from './argon2.ts';
import { argon2SaltBytes } from './sodium.ts';

const targetMs = 1000;

/**
 * Find the Argon2id cost that takes about one second on this computer, once, when a keystore is made: as much memory as
 * can be filled at least twice in that time (256, 128 or 64 MiB), then as many passes as fit. Never below 64 MiB and
 * three passes, the second recommended option of RFC 9106, however slow the computer is.
 *
 * @param now a clock in milliseconds
 */
export async function calibrateArgon2(now: () => number): Promise<Argon2Cost> {
  const salt = new Uint8Array(argon2SaltBytes);
  const probe = async (passes: number): Promise<number> => {
    const start = now();
    await argon2id(salt, salt, { passes, memoryKiB: argon2LeastMemoryKiB });
    return now() - start;
  };
  // The first loads code from disk; the better of two counts.
  const one = Math.min(await probe(1), await probe(1));
  return costFor(one, await probe(3));
}

/**
 * @param one milliseconds that one pass over 64 MiB took, the start of the worker and of WebAssembly included
 * @param three the same for three passes: the difference is what passes cost without the start
 */
export function costFor(one: number, three: number): Argon2Cost {
  const slope = (three - one) / 2;
  // On a busy computer the two can contradict each other; then the start counts as if it were work.
  const perPass = Math.max(slope > three / 8 ? slope : three / 3, 1);
  for (const memoryMiB of [256, 128]) {
    const passes = Math.floor(targetMs / (perPass * (memoryMiB / 64)));
    if (passes >= 2) return { passes: Math.min(passes, 16), memoryKiB: memoryMiB * 1024 };
  }
  return { passes: Math.max(3, Math.floor(targetMs / perPass)), memoryKiB: argon2LeastMemoryKiB };
}
