import { z } from 'zod';
import { timeSchema } from '#shared/model/ids.ts';
import { type CheckedJsonOutcome, decodeCheckedJson, encodeCheckedJson } from './checked-json.ts';

/*
 * The unlock rate limit: four wrong passphrases cost nothing, then each doubles the wait, from 30 seconds to an hour. It
 * holds off whoever sits at the computer; who has copied the keystore file is held off by Argon2id alone. Kept in
 * `tries.json`, so that a restart does not help; who deletes that could as well have copied the keystore (docs/threat-model.md).
 */

const freeTries = 4;
const firstWaitMs = 30_000;
const longestWaitMs = 60 * 60_000;

export interface Tries {
  /** Wrong passphrases since the last right one. */
  readonly failed: number;
  /** When the last of them was typed. */
  readonly lastAt: number;
}

export const noTries: Tries = { failed: 0, lastAt: 0 };

/** When the next try is allowed; null when it is now. */
export function retryAt(tries: Tries, now: number): number | null {
  if (tries.failed <= freeTries) return null;
  const wait = Math.min(firstWaitMs * 2 ** (tries.failed - freeTries - 1), longestWaitMs);
  const at = tries.lastAt + wait;
  return at > now ? at : null;
}

/** A clock that was set back must not stretch the wait: the last try cannot lie in the future. */
export function notInFuture(tries: Tries, now: number): Tries {
  return tries.lastAt > now ? { ...tries, lastAt: now } : tries;
}

export function oneMore(tries: Tries, now: number): Tries {
  return { failed: Math.min(tries.failed + 1, 1000), lastAt: now };
}

const triesSchema = z.strictObject({ v: z.literal(1), failed: z.number().int().min(0).max(1000), lastAt: timeSchema });

export function encodeTries(tries: Tries): Uint8Array {
  return encodeCheckedJson({ v: 1, ...tries });
}

export function decodeTries(file: Uint8Array): CheckedJsonOutcome<Tries> {
  const decoded = decodeCheckedJson(file, 1, triesSchema);
  return decoded.ok ? { ok: true, value: { failed: decoded.value.failed, lastAt: decoded.value.lastAt } } : decoded;
}
