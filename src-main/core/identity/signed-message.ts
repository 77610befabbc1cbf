import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { ed25519Sign, ed25519Verify } from '#core/crypto/sign.ts';

/**
 * What is signed for a purpose: `hypha/v1/sign/PURPOSE`, a line feed, the bytes. The purpose keeps a signature made for one
 * thing from being shown for another; nobody gets bare bytes signed.
 */
function framed(purpose: string, bytes: Uint8Array): Uint8Array {
  if (!/^[a-z][a-z0-9-]{0,63}$/.test(purpose)) throw new RangeError(`no purpose: ${purpose}`);
  return concatBytes(utf8(`hypha/v1/sign/${purpose}\n`), bytes);
}

/** Ed25519, 64 bytes. */
export function signFor(purpose: string, bytes: Uint8Array, seed: Uint8Array): Uint8Array {
  return ed25519Sign(seed, framed(purpose, bytes));
}

export function verifyFor(purpose: string, bytes: Uint8Array, signature: Uint8Array, publicKey: Uint8Array): boolean {
  return ed25519Verify(publicKey, framed(purpose, bytes), signature);
}
