import { concatBytes } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { interpolate, type Point } from './field.ts';

/* Shamir's scheme as SLIP-0039 has it: with a digest of the secret among the points, which tells wrong shares from right ones. */

export const mostShares = 16;
const secretAt = 255;
const digestAt = 254;
const digestBytes = 4;

/**
 * Points at 0 to `count` - 1, any `threshold` of which give the secret back, while fewer say nothing of it.
 *
 * @param secret at least 16 bytes
 */
export function splitSecret(
  secret: Uint8Array,
  threshold: number,
  count: number,
  random: (n: number) => Uint8Array,
): Point[] {
  if (threshold < 1 || threshold > count || count > mostShares) throw new RangeError('no such number of shares');
  const places = Array.from({ length: count }, (_, x) => x);
  if (threshold === 1) return places.map((x) => ({ x, y: secret.slice() }));
  const free = places.slice(0, threshold - 2).map((x): Point => ({ x, y: random(secret.length) }));
  const padding = random(secret.length - digestBytes);
  const digest = { x: digestAt, y: concatBytes(digestOf(padding, secret), padding) };
  const known = [...free, digest, { x: secretAt, y: secret }];
  const shares = places.map((x) => ({ x, y: interpolate(known, x) }));
  wipe(padding, digest.y, ...free.map(({ y }) => y));
  return shares;
}

/** @returns null when the points, all of different `x`, do not belong together */
export function recoverSecret(threshold: number, points: readonly Point[]): Uint8Array | null {
  const enough = points.slice(0, threshold);
  const first = enough[0];
  if (!first || enough.length < threshold) return null;
  // Those that are more than enough lie on the same polynomials, or something is wrong.
  const agree = points.slice(threshold).every(({ x, y }) => equalBytes(interpolate(enough, x), y));
  if (threshold === 1) return agree ? first.y.slice() : null;
  const secret = interpolate(enough, secretAt);
  const digest = interpolate(enough, digestAt);
  const holds = equalBytes(digest.subarray(0, digestBytes), digestOf(digest.subarray(digestBytes), secret));
  wipe(digest);
  if (agree && holds) return secret;
  wipe(secret);
  return null;
}

const digestOf = (padding: Uint8Array, secret: Uint8Array): Uint8Array =>
  hmacSha256(padding, secret).slice(0, digestBytes);
