import { aesGcmNonceBytes, openAesGcm, sealAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { wipe } from '#core/crypto/wipe.ts';

/*
 * An imported key as it is kept: nonce 12 || AES-256-GCM of its 32 bytes, 60 bytes in all, under a key of its own for each address (so that
 * random nonces never repeat under one key) and bound to it (docs/formats/keys.md).
 */

const label = (address: string): string => `hypha/v1/wallet/key/${address}`;

export function sealKey(secret: Uint8Array, address: string, root: Uint8Array, random: (n: number) => Uint8Array) {
  const key = hkdfSha512(root, new Uint8Array(0), label(address), 32);
  const nonce = random(aesGcmNonceBytes);
  const sealed = concatBytes(nonce, sealAesGcm(key, nonce, secret, utf8(label(address))));
  wipe(key);
  return sealed;
}

/** Null for bytes that were not sealed for this address under this root. Whoever asks wipes the secret. */
export function openKey(sealed: Uint8Array, address: string, root: Uint8Array): Uint8Array | null {
  if (sealed.length !== aesGcmNonceBytes + 32 + 16) return null;
  const key = hkdfSha512(root, new Uint8Array(0), label(address), 32);
  const nonce = sealed.slice(0, aesGcmNonceBytes);
  const secret = openAesGcm(key, nonce, sealed.subarray(aesGcmNonceBytes), utf8(label(address)));
  wipe(key);
  return secret;
}
