import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concatBytes } from './bytes.ts';
import { addressOf } from './wallet.ts';

/** ECDSA over secp256k1 as Ethereum uses it: r and s of 32 bytes, s in the lower half (EIP-2), and which of two keys signed. */
export interface EvmSignature {
  readonly r: Uint8Array;
  readonly s: Uint8Array;
  readonly yParity: 0 | 1;
}

/** @param hash 32 bytes; nothing is hashed here @returns the same for the same hash (RFC 6979) */
export function signEvmHash(secret: Uint8Array, hash: Uint8Array): EvmSignature {
  if (hash.length !== 32) throw new RangeError(`a hash has 32 bytes, not ${hash.length}`);
  const bytes = secp256k1.sign(hash, secret, { prehash: false, lowS: true, format: 'recovered' });
  return { r: bytes.slice(1, 33), s: bytes.slice(33, 65), yParity: bytes[0] === 1 ? 1 : 0 };
}

/** r || s || v with v of 27 or 28: 65 bytes, as messages are signed. */
export const evmSignatureBytes = ({ r, s, yParity }: EvmSignature): Uint8Array =>
  concatBytes(r, s, Uint8Array.of(27 + yParity));

/** The address of a secret, with the checksum of EIP-55; null for 32 bytes that are no secret of this curve. */
export function evmAddressOf(secret: Uint8Array): string | null {
  if (!secp256k1.utils.isValidSecretKey(secret)) return null;
  return addressOf(secp256k1.getPublicKey(secret, true));
}
