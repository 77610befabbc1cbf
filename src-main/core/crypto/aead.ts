import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { asBytes } from './bytes.ts';
import { freeNow } from './free.ts';

/** Bytes that AES-256-GCM adds to what it seals. */
export const aesGcmTagBytes = 16;
export const aesGcmNonceBytes = 12;
export const aesGcmKeyBytes = 32;

/**
 * AES-256-GCM (NIST SP 800-38D) from node:crypto, which both OpenSSL and Electron's BoringSSL have and run in hardware.
 * Synchronous and usable in worker threads. The result owns its whole ArrayBuffer, so that it can be transferred.
 *
 * A nonce must never be used twice with one key; the caller's format says how that is kept.
 *
 * @param key 32 bytes
 * @param nonce 12 bytes
 * @returns ciphertext || 16-byte tag
 * @throws RangeError when key or nonce has another length
 */
export function sealAesGcm(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array {
  checkLengths(key, nonce);
  return sealWith(createSecretKey(key), nonce, plain, aad);
}

// Handed over as bytes, a key costs node:crypto four times what sealing a short message does: always a KeyObject.
function sealWith(key: KeyObject, nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: aesGcmTagBytes });
  if (aad.length > 0) cipher.setAAD(aad);
  const body = cipher.update(plain);
  cipher.final();
  // Unpooled and not zeroed first: every byte is written below.
  const sealed = asBytes(Buffer.allocUnsafeSlow(body.length + aesGcmTagBytes));
  sealed.set(body);
  sealed.set(cipher.getAuthTag(), body.length);
  return sealed;
}

/** Small enough that the allocator hands the same memory out again, large enough that calls cost nothing. */
const pieceBytes = 64 * 1024;

/**
 * As {@link sealAesGcm}, but into `target`: for callers that have a place for the result and seal a lot. `target` may not
 * overlap `plain`.
 *
 * @returns bytes written: the plain length + 16
 * @throws RangeError when key or nonce has another length, or `target` is too short
 */
export function sealAesGcmInto(
  key: Uint8Array,
  nonce: Uint8Array,
  plain: Uint8Array,
  aad: Uint8Array,
  target: Uint8Array,
): number {
  checkLengths(key, nonce);
  if (target.length < plain.length + aesGcmTagBytes) throw new RangeError('the target is too short');
  const cipher = createCipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: aesGcmTagBytes });
  if (aad.length > 0) cipher.setAAD(aad);
  for (let at = 0; at < plain.length; at += pieceBytes) {
    const piece = cipher.update(plain.subarray(at, at + pieceBytes));
    target.set(piece, at);
    freeNow(piece);
  }
  cipher.final();
  target.set(cipher.getAuthTag(), plain.length);
  return plain.length + aesGcmTagBytes;
}

/**
 * Open what {@link sealAesGcm} sealed.
 *
 * @returns the plain bytes, or null when key, nonce, aad and sealed bytes do not belong together
 * @throws RangeError when key or nonce has another length
 */
export function openAesGcm(key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null {
  checkLengths(key, nonce);
  return openWith(createSecretKey(key), nonce, sealed, aad);
}

function openWith(key: KeyObject, nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null {
  if (sealed.length < aesGcmTagBytes) return null;
  const end = sealed.length - aesGcmTagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: aesGcmTagBytes });
  if (aad.length > 0) decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(end));
  const plain = decipher.update(sealed.subarray(0, end));
  try {
    decipher.final();
  } catch {
    // Unauthenticated plaintext never leaves this function.
    plain.fill(0);
    return null;
  }
  return asBytes(plain);
}

/**
 * As {@link openAesGcm}, writing the plain bytes over the sealed ones: for callers that open a lot. When they do not
 * belong together the bytes are zeroed, since nobody may see what was not authenticated.
 *
 * @returns the front of `sealed`, or null
 * @throws RangeError when key or nonce has another length
 */
export function openAesGcmInPlace(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  aad: Uint8Array,
): Uint8Array | null {
  checkLengths(key, nonce);
  if (sealed.length < aesGcmTagBytes) return null;
  const end = sealed.length - aesGcmTagBytes;
  const decipher = createDecipheriv('aes-256-gcm', createSecretKey(key), nonce, { authTagLength: aesGcmTagBytes });
  if (aad.length > 0) decipher.setAAD(aad);
  decipher.setAuthTag(sealed.slice(end));
  for (let at = 0; at < end; at += pieceBytes) {
    const piece = decipher.update(sealed.subarray(at, Math.min(end, at + pieceBytes)));
    sealed.set(piece, at);
    freeNow(piece);
  }
  try {
    decipher.final();
  } catch {
    sealed.fill(0);
    return null;
  }
  return sealed.subarray(0, end);
}

/** AES-256-GCM under one key, for callers that seal and open many short messages: taking the key in costs more than they do. */
export interface AesGcm {
  seal(nonce: Uint8Array, plain: Uint8Array, aad: Uint8Array): Uint8Array;
  open(nonce: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | null;
}

export function createAesGcm(key: Uint8Array): AesGcm {
  checkLengths(key, new Uint8Array(aesGcmNonceBytes));
  const held = createSecretKey(key);
  return {
    seal: (nonce, plain, aad) => sealWith(held, nonce, plain, aad),
    open: (nonce, sealed, aad) => openWith(held, nonce, sealed, aad),
  };
}

function checkLengths(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== aesGcmKeyBytes) throw new RangeError(`AES-256-GCM needs a key of 32 bytes, not ${key.length}`);
  if (nonce.length !== aesGcmNonceBytes) {
    throw new RangeError(`AES-256-GCM here takes a nonce of 12 bytes, not ${nonce.length}`);
  }
}
