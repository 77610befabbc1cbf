import { Worker } from 'node:worker_threads';
import { type Argon2Cost, type Argon2Job, runArgon2 } from './argon2-job.ts';
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
  return (await inWorker(job)) ?? (await runArgon2(job));
}

/** Null when there could be no worker. */
function inWorker(job: Argon2Job): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    let worker: Worker;
    try {
      worker = new Worker(new URL('./argon2-worker.ts', import.meta.url), { workerData: job });
    } catch {
      resolve(null);
      return;
    }
    worker.once('message', (key: unknown) => resolve(key instanceof Uint8Array ? key : null));
    worker.once('error', () => resolve(null));
    worker.once('exit', () => resolve(null));
  });
}
