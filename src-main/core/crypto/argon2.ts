import { type Argon2Cost, type Argon2Job, runArgon2 } from './argon2-job.ts';
import { askWorker } from './one-shot-worker.ts';
import { argon2SaltBytes } from './sodium.ts';

export type { Argon2Cost } from './argon2-job.ts';

/** The least this project stores a passphrase with. */
export const argon2LeastMemoryKiB = 64 * 1024;
/** The most it reads: a crafted file must not take the computer's memory or a day. */
export const argon2Most = { passes: 64, memoryKiB: 1024 * 1024 } as const;

/**
 * Argon2id (RFC 9106, one lane), 32 bytes.
 *
 * It runs in a worker thread that ends afterwards, for two reasons: a second of it on the core's own thread would stall
 * the mesh, consoles and every caller; and WebAssembly memory never shrinks, so the 64 MiB and more would stay with the
 * core for as long as it runs. Where no worker can be started (an odd bundle, no threads left), it runs in place.
 *
 * @param passphrase UTF-8
 * @param salt 16 bytes
 */
export async function argon2id(passphrase: Uint8Array, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> {
  if (salt.length !== argon2SaltBytes) throw new RangeError(`Argon2id takes a salt of 16 bytes, not ${salt.length}`);
  const job: Argon2Job = { passphrase, salt, passes: cost.passes, memoryKiB: cost.memoryKiB };
  const key = await askWorker(new URL('./argon2-worker.ts', import.meta.url), job);
  return key instanceof Uint8Array ? key : await runArgon2(job);
}
