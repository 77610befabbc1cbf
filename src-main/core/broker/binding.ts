import { sha256 } from '#core/crypto/hash.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';

/**
 * The hash an approval is bound to: exactly this method with exactly these (parsed) arguments, for this one nonce,
 * until this moment. 64 hex digits.
 */
export function bindingOf(method: string, input: unknown, nonce: string, expiresAt: number): string {
  const text = canonicalJson(['hypha approval v1', method, typed(input), nonce, expiresAt]);
  return Buffer.from(sha256(new TextEncoder().encode(text))).toString('hex');
}

/** Every kind of value gets a text of its own, so that no two inputs share one: bytes, big integers, half characters too. */
function typed(value: unknown): unknown {
  if (typeof value === 'string') return `s${JSON.stringify(value)}`;
  if (typeof value === 'bigint') return `i${value}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('base64url')}`;
  if (Array.isArray(value)) return value.map((item) => typed(item ?? null));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [JSON.stringify(key), typed(member)]));
}

/** Freeze plain objects and arrays all the way down, so that what was approved is what is executed. Bytes cannot be frozen. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
