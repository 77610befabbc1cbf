import { argon2LeastMemoryKiB, argon2Most } from '#core/crypto/argon2.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { sha256 } from '#core/crypto/hash.ts';

/*
 * The keystore file, version 1 (docs/formats/keystore.md). Numbers are big-endian.
 *
 *   0    8  "HYPHAKEY"
 *   8    1  version, 1
 *   9    1  suite, 1: Argon2id 1.3 with one lane, HKDF-SHA-512, HMAC-SHA-256, XChaCha20-Poly1305
 *  10    2  flags: bit 0 set when there is a second factor; the others 0
 *  12    4  Argon2id memory in KiB
 *  16    4  Argon2id passes
 *  20   16  Argon2id salt
 *  36   32  SHA-256 of the person's inception record (the person id without its prefix)
 *  68   24  XChaCha20-Poly1305 nonce
 *  92   16  key check: tells a wrong passphrase from damage
 * 108   16  factor check: tells a wrong second factor from a wrong passphrase; zeros without one
 * 124    2  L, length of the second factor as the keyring sealed it; 0 without one
 * 126    L  the second factor, sealed by the operating system's keyring
 * 126+L 48  the 32 bytes of entropy, sealed; everything before is the associated data
 * 174+L 32  SHA-256 of everything before: tells damage without a passphrase
 */

export const keystoreMagic = utf8('HYPHAKEY');
const version = 1;
const suite = 1;
const fixedHeader = 126;
const sealedBytes = 48;
const sumBytes = 32;
export const sealedFactorMost = 4096;

export interface KeystoreHeader {
  readonly memoryKiB: number;
  readonly passes: number;
  readonly salt: Uint8Array;
  readonly personHash: Uint8Array;
  readonly nonce: Uint8Array;
  readonly keyCheck: Uint8Array;
  /** Null without a second factor. */
  readonly factor: { readonly check: Uint8Array; readonly sealed: Uint8Array } | null;
}

export interface Keystore {
  readonly header: KeystoreHeader;
  /** The header as written: associated data of the sealed entropy. */
  readonly headerBytes: Uint8Array;
  readonly sealed: Uint8Array;
}

export type KeystoreOutcome =
  | { readonly ok: true; readonly keystore: Keystore }
  /** `cause` in plain words; `newer` when a later release wrote it, which is no damage. */
  | { readonly ok: false; readonly cause: string; readonly newer: boolean };

export function encodeHeader(header: KeystoreHeader): Uint8Array {
  const factor = header.factor?.sealed ?? new Uint8Array(0);
  if (factor.length > sealedFactorMost) throw new RangeError('the sealed second factor is too long');
  const out = new Uint8Array(fixedHeader + factor.length);
  const view = new DataView(out.buffer);
  out.set(keystoreMagic, 0);
  view.setUint8(8, version);
  view.setUint8(9, suite);
  view.setUint16(10, header.factor === null ? 0 : 1);
  view.setUint32(12, header.memoryKiB);
  view.setUint32(16, header.passes);
  out.set(header.salt, 20);
  out.set(header.personHash, 36);
  out.set(header.nonce, 68);
  out.set(header.keyCheck, 92);
  if (header.factor !== null) out.set(header.factor.check, 108);
  view.setUint16(124, factor.length);
  out.set(factor, fixedHeader);
  return out;
}

/** The part of an encoded header that the key check is made over: all of it but the key check. */
export function keyCheckInput(headerBytes: Uint8Array): Uint8Array[] {
  return [headerBytes.subarray(0, 92), headerBytes.subarray(108)];
}

export function encodeKeystore(headerBytes: Uint8Array, sealed: Uint8Array): Uint8Array {
  const body = concatBytes(headerBytes, sealed);
  return concatBytes(body, sha256(body));
}

/** Any bytes: a keystore, or the cause why it is none. */
export function decodeKeystore(file: Uint8Array): KeystoreOutcome {
  const no = (cause: string, newer = false): KeystoreOutcome => ({ ok: false, cause, newer });
  if (file.length === 0) return no('the file is empty');
  if (file.length < 9 || !equalBytes(file.subarray(0, 8), keystoreMagic))
    return no('it does not begin as a keystore does');
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const sumHolds =
    file.length > sumBytes && equalBytes(sha256(file.subarray(0, -sumBytes)), file.subarray(file.length - sumBytes));
  const written = view.getUint8(8);
  // A newer format may lie out otherwise; only a sound checksum makes its claim worth believing.
  if (written > version && sumHolds) return no(`it has format version ${written}, this release reads ${version}`, true);
  if (file.length < fixedHeader + sealedBytes + sumBytes)
    return no(`it was cut short: only ${file.length} bytes are left`);
  if (!sumHolds) return no('its checksum does not match: some of its bytes were changed');
  if (written !== version || view.getUint8(9) !== suite) return no('it names a format that does not exist');
  const flags = view.getUint16(10);
  const length = view.getUint16(124);
  if (flags > 1 || (flags === 0) !== (length === 0) || length > sealedFactorMost)
    return no('its header contradicts itself');
  if (file.length !== fixedHeader + length + sealedBytes + sumBytes) return no('it has another length than it says');
  const memoryKiB = view.getUint32(12);
  const passes = view.getUint32(16);
  if (
    memoryKiB < argon2LeastMemoryKiB ||
    memoryKiB > argon2Most.memoryKiB ||
    passes < 1 ||
    passes > argon2Most.passes
  ) {
    return no('its passphrase cost is out of bounds');
  }
  const check = file.slice(108, 124);
  if (flags === 0 && check.some((byte) => byte !== 0)) return no('its header contradicts itself');
  const headerBytes = file.slice(0, fixedHeader + length);
  const header: KeystoreHeader = {
    memoryKiB,
    passes,
    salt: file.slice(20, 36),
    personHash: file.slice(36, 68),
    nonce: file.slice(68, 92),
    keyCheck: file.slice(92, 108),
    factor: flags === 0 ? null : { check, sealed: file.slice(fixedHeader, fixedHeader + length) },
  };
  const sealed = file.slice(fixedHeader + length, file.length - sumBytes);
  return { ok: true, keystore: { header, headerBytes, sealed } };
}
