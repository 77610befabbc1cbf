import { type Argon2Cost, argon2id, argon2LeastMemoryKiB, argon2Most } from '#core/crypto/argon2.ts';
import { fromBase64url, toBase64url, toHex } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { sha1 } from '#core/crypto/sha1.ts';

/*
 * Passwords of namespaces. On disk stands what one can be checked against and nothing it could be read from: Argon2id with
 * a salt of its own. Two consequences:
 *
 * - A check takes a good part of a second and 64 MiB, but zstor sends its password before every operation. So once a
 *   password was right (or was set), it is kept in memory and compared there, until the process ends.
 * - 0-db's secure login is SHA-1 of `challenge:password`. Who checks that must know the password: no hash of it serves,
 *   because the challenge comes first. So it works while the password is in memory: after it was set, or sent once in the
 *   plain way, since the server started.
 *
 * A password that a machine made cannot be guessed, however fast a guess is checked. Of such a one stands SHA-256 with a salt, which
 * costs nothing: so whoever floods a namespace with wrong passwords keeps nobody out who has the right one.
 *
 * In the file: `hypha-argon2id$PASSES$KIB$SALT$HASH` or `hypha-sha256$SALT$HASH` (base64url). Anything else is a password in clear,
 * as a real 0-db leaves it; it is replaced at the first start.
 */

const marker = 'hypha-argon2id$';
const fastMarker = 'hypha-sha256$';
const saltBytes = 16;
/** How many checks may wait for their turn; each takes 64 MiB and a core. */
const waitingMost = 16;

export const passwordCost: Argon2Cost = { passes: 3, memoryKiB: argon2LeastMemoryKiB };

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const same = (a: string, b: string): boolean => equalBytes(sha1(utf8(a)), sha1(utf8(b))) && a === b;

/** Runs the slow checks of a server one after the other. */
export interface PasswordWorks {
  /** @returns null when too many wait already */
  derive(password: string, salt: Uint8Array, cost: Argon2Cost): Promise<Uint8Array> | null;
  readonly random: (n: number) => Uint8Array;
  readonly cost: Argon2Cost;
}

export function createPasswordWorks(random: (n: number) => Uint8Array, cost: Argon2Cost = passwordCost): PasswordWorks {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    random,
    cost,
    derive(password, salt, asked) {
      if (waiting >= waitingMost) return null;
      waiting++;
      const work = last.then(() => argon2id(utf8(password), salt, asked));
      last = work.then(
        () => waiting--,
        () => waiting--,
      );
      return work;
    },
  };
}

/** Who made a password. `machine`: it has 128 bits of randomness or more. */
export type MadeBy = 'person' | 'machine';

/** What stands in the file for a password. @returns null when too many wait */
export async function hashPassword(works: PasswordWorks, password: string, by: MadeBy): Promise<string | null> {
  const salt = works.random(saltBytes);
  if (by === 'machine') return `${fastMarker}${toBase64url(salt)}$${toBase64url(sha256(salt, utf8(password)))}`;
  const hash = await works.derive(password, salt, works.cost);
  if (hash === null) return null;
  return `${marker}${works.cost.passes}$${works.cost.memoryKiB}$${toBase64url(salt)}$${toBase64url(hash)}`;
}

interface Hash extends Argon2Cost {
  readonly salt: Uint8Array;
  readonly hash: Uint8Array;
}

function decodeHash(stored: string): Hash | null {
  if (!stored.startsWith(marker)) return null;
  const [passesText = '', memoryText = '', saltText = '', hashText = '', ...rest] = stored
    .slice(marker.length)
    .split('$');
  const passes = Number(passesText);
  const memoryKiB = Number(memoryText);
  const salt = fromBase64url(saltText);
  const hash = fromBase64url(hashText);
  if (rest.length > 0 || salt?.length !== saltBytes || hash?.length !== 32) return null;
  if (!Number.isInteger(passes) || passes < 1 || passes > argon2Most.passes) return null;
  if (!Number.isInteger(memoryKiB) || memoryKiB < 8 || memoryKiB > argon2Most.memoryKiB) return null;
  return { passes, memoryKiB, salt, hash };
}

function decodeFastHash(stored: string): Pick<Hash, 'salt' | 'hash'> | null {
  if (!stored.startsWith(fastMarker)) return null;
  const [saltText = '', hashText = '', ...rest] = stored.slice(fastMarker.length).split('$');
  const salt = fromBase64url(saltText);
  const hash = fromBase64url(hashText);
  return rest.length > 0 || salt?.length !== saltBytes || hash?.length !== 32 ? null : { salt, hash };
}

/** The password of one namespace. */
export interface Password {
  /** What stands in the file. */
  readonly stored: string;
  /** It stands there in clear. */
  inClear(): boolean;
  /** @returns at once where the password is in memory; a promise of null when too many wait for a check */
  check(candidate: string): boolean | Promise<boolean | null>;
  /** Whether `response` is 0-db's answer to the challenge; false also where the password is not in memory. */
  checkResponse(challenge: string, response: string): boolean;
}

/** @param plain the password, where it is known */
export function openPassword(works: PasswordWorks, stored: string, plain?: string): Password {
  const hash = decodeHash(stored);
  const fast = decodeFastHash(stored);
  const clear = !stored.startsWith(marker) && !stored.startsWith(fastMarker);
  let known = clear ? stored : (plain ?? null);
  return {
    stored,
    inClear: () => clear,
    check(candidate) {
      if (known !== null) return same(candidate, known);
      if (fast !== null) {
        const right = equalBytes(sha256(fast.salt, utf8(candidate)), fast.hash);
        if (right) known = candidate;
        return right;
      }
      if (hash === null) return false;
      const deriving = works.derive(candidate, hash.salt, hash);
      if (deriving === null) return Promise.resolve(null);
      return deriving.then((derived) => {
        const right = equalBytes(derived, hash.hash);
        if (right) known = candidate;
        return right;
      });
    },
    checkResponse(challenge, response) {
      return known !== null && same(response, secureResponse(challenge, known));
    },
  };
}

/** 0-db's answer to a challenge: SHA-1 of `challenge:password`, lower-case hex. */
export const secureResponse = (challenge: string, password: string): string =>
  toHex(sha1(Buffer.from(`${challenge}:${password}`, 'latin1')));
