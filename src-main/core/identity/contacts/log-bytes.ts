import { concatBytes } from '#core/crypto/bytes.ts';
import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { xwingPublicKeyBytes } from '#core/crypto/kem.ts';
import { mlDsa65PublicKeyBytes, mlDsa65SignatureBytes } from '#core/crypto/pq-sign.ts';
import { deviceIdOf } from '../device-keys.ts';
import { keyLogMost } from '../key-log.ts';
import { bytes, type Entry, entryHash, entrySchema } from '../key-log-entry.ts';
import { type ByteReader, u8, u16, u64 } from './byte-reader.ts';

/*
 * A key log in bytes (docs/formats/contact-card.md): the same entries as its JSON, 40 % shorter. `on` is not written, as it
 * follows from the place in the log; nor is the id of a device that is added, as its key spells it. So the bytes cannot
 * say of those what would not hold.
 *
 *   u16 count, then for each entry
 *     u8 type  1 inception    keys, next 32
 *              2 rotate       keys, next 32, at u64, u16 n, n x 32 keeps
 *              3 device-add   sign 32, mesh 32, meshSign 32, host 32, at u64, proof 64
 *              4 device-revoke  device 16, at u64
 *     sig 64, pqSig 3,309
 *   keys: sign 32, pq 1,952, kem 1,216
 */

const types = ['inception', 'rotate', 'device-add', 'device-revoke'] as const;
const keepsMost = 256;

/** @throws RangeError for a log that has too many entries */
export function encodeLog(log: readonly Entry[]): Uint8Array {
  if (log.length > keyLogMost) throw new RangeError(`a key log has at most ${keyLogMost} entries`);
  return concatBytes(u16(log.length), ...log.map(encodeEntry));
}

function encodeEntry(entry: Entry): Uint8Array {
  const signatures = [bytes(entry.sig), bytes(entry.pqSig)];
  const type = u8(types.indexOf(entry.type) + 1);
  switch (entry.type) {
    case 'inception':
      return concatBytes(type, encodeKeys(entry.keys), bytes(entry.next), ...signatures);
    case 'rotate':
      return concatBytes(
        type,
        encodeKeys(entry.keys),
        bytes(entry.next),
        u64(entry.at),
        u16(entry.keeps.length),
        ...entry.keeps.map(bytes),
        ...signatures,
      );
    case 'device-add': {
      const { sign, mesh, meshSign, host } = entry.keys;
      const keys = [sign, mesh, meshSign, host].map(bytes);
      return concatBytes(type, ...keys, u64(entry.at), bytes(entry.proof), ...signatures);
    }
    case 'device-revoke':
      return concatBytes(type, bytes(entry.device), u64(entry.at), ...signatures);
  }
}

function encodeKeys(keys: { sign: string; pq: string; kem: string }): Uint8Array {
  return concatBytes(bytes(keys.sign), bytes(keys.pq), bytes(keys.kem));
}

/**
 * Read a key log. Whether it holds is for `verifyKeyLog` to say.
 *
 * @returns null when the bytes are none, or end before the log does
 */
export function decodeLog(reader: ByteReader): Entry[] | null {
  const count = reader.u16();
  if (count === null || count === 0 || count > keyLogMost) return null;
  const log: Entry[] = [];
  let on = '';
  for (let i = 0; i < count; i++) {
    const entry = decodeEntry(reader, on);
    if (entry === null) return null;
    if (entry.type === 'inception' || entry.type === 'rotate') on = toBase64url(entryHash(entry));
    log.push(entry);
  }
  return log;
}

function decodeEntry(reader: ByteReader, on: string): Entry | null {
  const text = (length: number): string => toBase64url(reader.take(length) ?? new Uint8Array(0));
  const type = types[(reader.u8() ?? 0) - 1];
  if (type === undefined) return null;
  const keys = () => ({ sign: text(32), pq: text(mlDsa65PublicKeyBytes), kem: text(xwingPublicKeyBytes) });
  const v = 1;
  let body: Record<string, unknown>;
  if (type === 'inception') {
    body = { v, type, keys: keys(), next: text(32) };
  } else if (type === 'rotate') {
    body = { v, type, on, keys: keys(), next: text(32), at: reader.u64() };
    const count = reader.u16();
    if (count === null || count > keepsMost) return null;
    body.keeps = Array.from({ length: count }, () => text(32));
  } else if (type === 'device-add') {
    const deviceKeys = { sign: text(32), mesh: text(32), meshSign: text(32), host: text(32) };
    const sign = fromBase64url(deviceKeys.sign);
    if (sign?.length !== 32) return null;
    body = { v, type, on, device: deviceIdOf(sign), keys: deviceKeys, at: reader.u64(), proof: text(64) };
  } else {
    body = { v, type, on, device: text(16), at: reader.u64() };
  }
  // What was cut off is empty by now, which the schema does not take.
  const parsed = entrySchema.safeParse({ ...body, sig: text(64), pqSig: text(mlDsa65SignatureBytes) });
  return parsed.success ? parsed.data : null;
}
