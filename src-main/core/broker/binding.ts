import { sha256 } from '#core/crypto/hash.ts';
import { canonicalJson } from '#shared/model/canonical-json.ts';

/**
 * The hash an approval is bound to: exactly this method with exactly these (parsed) arguments, for this one nonce,
 * until this moment. 64 hex digits.
 */
export function bindingOf(method: string, input: unknown, nonce: string, expiresAt: number): string {
  const text = canonicalJson(['hypha approval v1', method, input, nonce, expiresAt], {
    bytes: (b) => `bytes:${Buffer.from(b).toString('base64url')}`,
  });
  return Buffer.from(sha256(new TextEncoder().encode(text))).toString('hex');
}

/** Freeze plain objects and arrays all the way down, so that what was approved is what is executed. Bytes cannot be frozen. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}
