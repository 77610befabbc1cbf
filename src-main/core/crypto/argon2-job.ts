import { loadSodium } from './sodium.ts';

export interface Argon2Cost {
  /** Passes over the memory. */
  readonly passes: number;
  /** Memory in KiB, as RFC 9106 counts it. */
  readonly memoryKiB: number;
}

/** What one derivation needs; can be posted to a worker. */
export interface Argon2Job extends Argon2Cost {
  readonly passphrase: Uint8Array;
  readonly salt: Uint8Array;
}

/** Argon2id on the thread that calls it, which it blocks; 32 bytes. */
export async function runArgon2(job: Argon2Job): Promise<Uint8Array> {
  const sodium = await loadSodium();
  return sodium.argon2id(job.passphrase, job.salt, job.passes, job.memoryKiB * 1024);
}
