import { equalBytes } from '#core/crypto/equal.ts';
import type { DeviceId } from '#shared/model/ids.ts';
import { type Acceptance, keyHash } from './format/statements.ts';

/** A device whose key a chain of acceptances leads to. */
export interface Trusted {
  readonly device: DeviceId;
  /** SHA-256 of its X-Wing key; more than one when it was made anew and accepted again. */
  readonly keys: readonly Uint8Array[];
}

/**
 * Which devices take part, as this one sees it: those that the person accepted here, those that were accepted at one of these, and
 * so on. A device that is out (revoked, or not in the key log) neither takes part nor lets anybody in, so whoever came in through
 * it alone is out with it: a thief cannot bring a second device in first and keep it.
 */
export function circleOf(
  self: DeviceId,
  acceptances: readonly Acceptance[],
  inForce: (device: DeviceId) => boolean,
): ReadonlyMap<DeviceId, Trusted> {
  const circle = new Map<DeviceId, Trusted>();
  const reached = new Set<DeviceId>([self]);
  const waiting: DeviceId[] = [self];
  for (let by = waiting.pop(); by !== undefined; by = waiting.pop()) {
    for (const one of acceptances) {
      if (one.by !== by || one.device === self || !inForce(one.device)) continue;
      const keys = circle.get(one.device)?.keys ?? [];
      if (!keys.some((key) => equalBytes(key, one.key))) {
        circle.set(one.device, { device: one.device, keys: [...keys, one.key] });
      }
      if (reached.has(one.device)) continue;
      reached.add(one.device);
      waiting.push(one.device);
    }
  }
  return circle;
}

/** Whether this very key of a device was accepted. */
export function isTrusted(circle: ReadonlyMap<DeviceId, Trusted>, device: DeviceId, kem: Uint8Array): boolean {
  const hash = keyHash(kem);
  return circle.get(device)?.keys.some((key) => equalBytes(key, hash)) ?? false;
}
