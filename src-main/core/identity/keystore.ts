import { type Argon2Cost, argon2id } from '#core/crypto/argon2.ts';
import { utf8 } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { hmacSha256, sha256 } from '#core/crypto/hash.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { argon2SaltBytes, loadSodium, xchachaNonceBytes } from '#core/crypto/sodium.ts';
import { wipe } from '#core/crypto/wipe.ts';
import { encodeHeader, encodeKeystore, type Keystore, type KeystoreHeader, keyCheckInput } from './keystore-format.ts';

/** A second factor: 32 random bytes, and the same as the operating system's keyring sealed them. */
export interface SecondFactor {
  readonly secret: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Same letters, same key, however a keyboard or system composes them (RFC 8265 section 4.2.2 asks for NFC). */
function passphraseBytes(passphrase: string): Uint8Array {
  return utf8(passphrase.normalize('NFC'));
}

export function factorCheck(secret: Uint8Array): Uint8Array {
  return sha256(utf8('hypha/v1/keystore/factor\n'), secret).subarray(0, 16);
}

async function keysFor(
  passphrase: string,
  factor: Uint8Array | null,
  header: Pick<KeystoreHeader, 'salt' | 'passes' | 'memoryKiB'>,
): Promise<{ seal: Uint8Array; check: Uint8Array }> {
  const text = passphraseBytes(passphrase);
  const stretched = await argon2id(text, header.salt, { passes: header.passes, memoryKiB: header.memoryKiB });
  const keys = hkdfSha512(stretched, factor ?? new Uint8Array(0), 'hypha/v1/keystore', 64);
  wipe(text, stretched);
  return { seal: keys.subarray(0, 32), check: keys.subarray(32) };
}

/** The file that keeps `entropy`: see keystore-format.ts. */
export async function sealKeystore(input: {
  entropy: Uint8Array;
  personHash: Uint8Array;
  passphrase: string;
  factor: SecondFactor | null;
  cost: Argon2Cost;
  random: (n: number) => Uint8Array;
}): Promise<Uint8Array> {
  const { entropy, factor, random } = input;
  // Taken apart on purpose: an old header passes as a cost, and its salt must not come along.
  const { passes, memoryKiB } = input.cost;
  const salt = random(argon2SaltBytes);
  const keys = await keysFor(input.passphrase, factor?.secret ?? null, { salt, passes, memoryKiB });
  const header: KeystoreHeader = {
    memoryKiB,
    passes,
    salt,
    personHash: input.personHash,
    nonce: random(xchachaNonceBytes),
    keyCheck: new Uint8Array(16),
    factor: factor && { check: factorCheck(factor.secret), sealed: factor.sealed },
  };
  const check = hmacSha256(keys.check, ...keyCheckInput(encodeHeader(header))).subarray(0, 16);
  const headerBytes = encodeHeader({ ...header, keyCheck: check });
  const sodium = await loadSodium();
  const sealed = sodium.sealXChaCha(keys.seal, header.nonce, entropy, headerBytes);
  wipe(keys.seal, keys.check);
  return encodeKeystore(headerBytes, sealed);
}

export type OpenOutcome =
  | { readonly ok: true; readonly entropy: Uint8Array }
  /** The passphrase is not the one the file was sealed with. */
  | { readonly ok: false; readonly why: 'WRONG_PASSPHRASE' }
  /** The passphrase is right and yet the entropy does not open. */
  | { readonly ok: false; readonly why: 'DAMAGED' };

/** @param factor the second factor's 32 bytes when the header asks for one */
export async function openKeystore(
  keystore: Keystore,
  passphrase: string,
  factor: Uint8Array | null,
): Promise<OpenOutcome> {
  const { header, headerBytes } = keystore;
  const keys = await keysFor(passphrase, factor, header);
  try {
    const check = hmacSha256(keys.check, ...keyCheckInput(headerBytes)).subarray(0, 16);
    if (!equalBytes(check, header.keyCheck)) return { ok: false, why: 'WRONG_PASSPHRASE' };
    const sodium = await loadSodium();
    const entropy = sodium.openXChaCha(keys.seal, header.nonce, keystore.sealed, headerBytes);
    return entropy?.length === 32 ? { ok: true, entropy } : { ok: false, why: 'DAMAGED' };
  } finally {
    wipe(keys.seal, keys.check);
  }
}
