import { fromHex, toBase32 } from '#core/crypto/encoding.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { md5Hex } from '#core/crypto/md5.ts';

/** There is one person, and one name. */
export const userName = 'hypha';
/** Shown where a password is asked for. */
export const realm = 'Hypha vault';

const saltBytes = 16;
const verifierBytes = saltBytes + 32 + 16;

/** 120 random bits in six groups of four letters and digits. */
export function newPassword(random: (n: number) => Uint8Array): string {
  return (toBase32(random(15)).match(/.{4}/g) ?? []).join('-');
}

/**
 * What is kept of it, 64 bytes: salt (16) || SHA-256(salt || password) || MD5("hypha:Hypha vault:" password), the first for
 * Basic, the last as HTTP Digest defines it (RFC 7616, 3.4.2). A plain hash is enough for 120 random bits: nobody guesses
 * them however fast the hash. Who has the last could use it in the password's place, so all of it is kept sealed under the
 * vault's keys.
 */
export function makeVerifier(password: string, random: (n: number) => Uint8Array): Uint8Array {
  const salt = random(saltBytes);
  const out = new Uint8Array(verifierBytes);
  out.set(salt);
  out.set(basicHash(salt, password), saltBytes);
  out.set(fromHex(md5Hex(`${userName}:${realm}:${password}`)) ?? [], saltBytes + 32);
  return out;
}

const basicHash = (salt: Uint8Array, password: string): Uint8Array =>
  sha256(salt, new TextEncoder().encode(password.normalize('NFC')));

export function isPassword(verifier: Uint8Array, password: string): boolean {
  if (verifier.length !== verifierBytes) return false;
  const hash = basicHash(verifier.subarray(0, saltBytes), password.trim().toLowerCase());
  return equalBytes(hash, verifier.subarray(saltBytes, saltBytes + 32));
}

/** Hex, as Digest computes with it. */
export const digestSecret = (verifier: Uint8Array): string =>
  Buffer.from(verifier.subarray(saltBytes + 32)).toString('hex');
