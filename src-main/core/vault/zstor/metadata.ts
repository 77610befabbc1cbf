import { fromHex, toHex } from '#core/crypto/ids.ts';
import { type BincodeReader, BincodeWriter, decodeWhole, NotBincode } from './bincode.ts';

/**
 * What zstor keeps of an object, in bincode (docs/formats/zstor.md):
 *
 *     MetaData    u64 k | u64 parity | 16 B checksum of the plain file
 *                 | u32 0 (AES) | string of 64 hex digits: the key | u32 0 (Snappy) | list of ShardInfo
 *     ShardInfo   u64 index | 16 B checksum | list of Key | Connection
 *     Key         u32 0 | u32 id (0-db v1)     or   u32 1 | u64 id
 *     Connection  u32 0 | 4 B IPv4 | u16 port  or   u32 1 | 16 B IPv6 | u16 port
 *                 | Option<string> namespace | Option<string> password
 *
 * The key of the data and every password of a namespace are in it: it leaves this computer sealed only, and is never logged.
 */
export interface MetaData {
  readonly k: number;
  readonly parity: number;
  readonly checksum: Uint8Array;
  readonly key: Uint8Array;
  readonly shards: readonly ShardInfo[];
}
export interface ShardInfo {
  readonly index: number;
  readonly checksum: Uint8Array;
  readonly keys: readonly Key[];
  readonly at: Connection;
}
/** What a sequential 0-db named a piece. Version 1 gave 4 bytes, version 2 gives 8. */
export type Key = { readonly version: 1; readonly id: number } | { readonly version: 2; readonly id: bigint };
/** A namespace of a 0-db. */
export interface Connection {
  readonly address: Address;
  readonly namespace: string | null;
  readonly password: string | null;
}
export interface Address {
  /** 4 or 16 bytes. */
  readonly ip: Uint8Array;
  readonly port: number;
}

export const checksumBytes = 16;
export const keyBytes = 32;

export function encodeMetaData(m: MetaData): Uint8Array {
  const w = new BincodeWriter();
  w.usize(m.k).usize(m.parity).raw(m.checksum).u32(0).string(toHex(m.key)).u32(0);
  w.list(m.shards, ({ index, checksum, keys, at }) => {
    w.usize(index).raw(checksum);
    w.list(keys, (key) => {
      if (key.version === 1) w.u32(0).u32(key.id);
      else w.u32(1).u64(key.id);
    });
    writeConnection(w, at);
  });
  return w.done();
}

/** @returns null for anything {@link encodeMetaData} would not have written */
export function decodeMetaData(bytes: Uint8Array): MetaData | null {
  return decodeWhole(bytes, readMetaData);
}

export function readMetaData(r: BincodeReader): MetaData {
  const [k, parity, checksum] = [r.usize(), r.usize(), r.raw(checksumBytes)];
  only(r.u32(), 0);
  const key = fromHex(r.string());
  if (key?.length !== keyBytes) throw new NotBincode('not a key');
  only(r.u32(), 0);
  // 8 + 16 + 8 and the shortest connection: 4 + 4 + 2 + 1 + 1.
  const shards = r.list(44, (): ShardInfo => {
    const [index, checksum] = [r.usize(), r.raw(checksumBytes)];
    const keys = r.list(8, (): Key => {
      const version = r.u32();
      if (version === 0) return { version: 1, id: r.u32() };
      only(version, 1);
      return { version: 2, id: r.u64() };
    });
    return { index, checksum, keys, at: readConnection(r) };
  });
  return { k, parity, checksum, key, shards };
}

function writeConnection(w: BincodeWriter, { address, namespace, password }: Connection): void {
  w.u32(address.ip.length === 4 ? 0 : 1)
    .raw(address.ip)
    .u16(address.port);
  w.option(namespace, (text) => w.string(text)).option(password, (text) => w.string(text));
}

function readConnection(r: BincodeReader): Connection {
  const family = r.u32();
  if (family !== 0) only(family, 1);
  const address = { ip: r.raw(family === 0 ? 4 : 16), port: r.u16() };
  return { address, namespace: r.option(() => r.string()), password: r.option(() => r.string()) };
}

function only(value: number, expected: number): void {
  if (value !== expected) throw new NotBincode(`${value} is not known here`);
}

/** The bytes by which a 0-db knows a piece: little-endian, 4 or 8 of them. */
export function keyToBytes(key: Key): Uint8Array {
  const out = new Uint8Array(key.version === 1 ? 4 : 8);
  const view = new DataView(out.buffer);
  if (key.version === 1) view.setUint32(0, key.id, true);
  else view.setBigUint64(0, key.id, true);
  return out;
}

/** @returns null when a 0-db named a piece in a way that the record has no room for */
export function keyFromBytes(bytes: Uint8Array): Key | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length === 4) return { version: 1, id: view.getUint32(0, true) };
  if (bytes.length === 8) return { version: 2, id: view.getBigUint64(0, true) };
  return null;
}

/** What zstor once wrote of an upload that failed, under `/PREFIX/failures/`; this revision of it only reads them. */
export interface FailureMeta {
  readonly path: string;
  readonly keyDirectory: string | null;
  readonly deleteAfter: boolean;
}

export function encodeFailure({ path, keyDirectory, deleteAfter }: FailureMeta): Uint8Array {
  const w = new BincodeWriter().string(path);
  return w
    .option(keyDirectory, (text) => w.string(text))
    .bool(deleteAfter)
    .done();
}

export function decodeFailure(bytes: Uint8Array): FailureMeta | null {
  return decodeWhole(bytes, (r) => ({
    path: r.string(),
    keyDirectory: r.option(() => r.string()),
    deleteAfter: r.bool(),
  }));
}
