import { sealAesGcm } from '#core/crypto/aead.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { hmacSha256 } from '#core/crypto/hash.ts';

/**
 * A shard file, format version 1 (docs/formats/vault.md, "Shard file"): header (80 bytes) || shard || tag (16 bytes).
 * Integers are little-endian.
 *
 *      0   8  "HYPHASHD"
 *      8   1  format version, 1
 *      9   1  suite, 1
 *     10   1  kind: 0 data, 1 catalogue base, 2 catalogue delta
 *     11   1  k, 1..64          12  1  m, 0..63          13  1  index, < k+m
 *     14   2  zero
 *     16  16  vault id          32 16  pack id
 *     48   4  key epoch, >= 1   52  4  shard length L, a multiple of 32
 *     56   4  payload length, 1..k*L                     60  4  part, < parts
 *     64   4  parts, >= 1       68  6  generation (0 for data)
 *     74   6  the generation before (delta only, else 0)
 */
export interface ShardHeader {
  readonly kind: PackKind;
  readonly k: number;
  readonly m: number;
  readonly index: number;
  readonly vaultId: Uint8Array;
  readonly packId: Uint8Array;
  readonly epoch: number;
  readonly shardLength: number;
  readonly payload: number;
  readonly part: number;
  readonly parts: number;
  readonly generation: number;
  readonly previous: number;
}

export type PackKind = 0 | 1 | 2;
export const packKinds = { data: 0, base: 1, delta: 2 } as const satisfies Record<string, PackKind>;
export const headerBytes = 80;
export const tagBytes = 16;
const magic = new TextEncoder().encode('HYPHASHD');
const maxShard = 256 * 1024 * 1024;

export function encodeShardHeader(h: ShardHeader): Uint8Array {
  const out = new Uint8Array(headerBytes);
  const view = new DataView(out.buffer);
  out.set(magic);
  out.set([1, 1, h.kind, h.k, h.m, h.index], 8);
  out.set(h.vaultId, 16);
  out.set(h.packId, 32);
  view.setUint32(48, h.epoch, true);
  view.setUint32(52, h.shardLength, true);
  view.setUint32(56, h.payload, true);
  view.setUint32(60, h.part, true);
  view.setUint32(64, h.parts, true);
  setU48(view, 68, h.generation);
  setU48(view, 74, h.previous);
  return out;
}

/** @returns null for anything {@link encodeShardHeader} would not have written */
export function decodeShardHeader(bytes: Uint8Array): ShardHeader | null {
  if (bytes.length < headerBytes) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, headerBytes);
  if (!magic.every((byte, i) => bytes[i] === byte)) return null;
  const [version, suite, kind, k, m, index, z0, z1] = bytes.subarray(8, 16);
  if (version !== 1 || suite !== 1 || z0 !== 0 || z1 !== 0) return null;
  if (kind !== 0 && kind !== 1 && kind !== 2) return null;
  if (k === undefined || m === undefined || index === undefined) return null;
  const header: ShardHeader = {
    kind,
    k,
    m,
    index,
    vaultId: bytes.slice(16, 32),
    packId: bytes.slice(32, 48),
    epoch: view.getUint32(48, true),
    shardLength: view.getUint32(52, true),
    payload: view.getUint32(56, true),
    part: view.getUint32(60, true),
    parts: view.getUint32(64, true),
    generation: getU48(view, 68),
    previous: getU48(view, 74),
  };
  const { shardLength, payload, part, parts, generation, previous } = header;
  if (k < 1 || k + m > 64 || index >= k + m || header.epoch < 1) return null;
  if (shardLength < 32 || shardLength % 32 !== 0 || shardLength > maxShard) return null;
  if (payload < 1 || payload > k * shardLength) return null;
  if (part >= parts) return null;
  if (kind === 0 && (generation !== 0 || previous !== 0 || parts !== 1)) return null;
  if (kind === 1 && (generation < 1 || previous !== 0)) return null;
  if (kind === 2 && previous >= generation) return null;
  return header;
}

/**
 * The tag over one shard: GMAC (AES-256-GCM of nothing with the shard as associated data) under a key made from the
 * header, so it covers both. The same header always goes with the same bytes (packs are immutable and the code is
 * deterministic), so the fixed nonce never meets two messages. Keyed, because a place that lies could recompute a hash.
 */
export function shardTag(integrityKey: Uint8Array, header: Uint8Array, shard: Uint8Array): Uint8Array {
  return sealAesGcm(hmacSha256(integrityKey, header), new Uint8Array(12), new Uint8Array(0), shard);
}

export function checkShardTag(
  integrityKey: Uint8Array,
  header: Uint8Array,
  shard: Uint8Array,
  tag: Uint8Array,
): boolean {
  return equalBytes(shardTag(integrityKey, header, shard), tag);
}

const tiny = 65_536;
const fine = 16_384;
const coarseUpTo = 1024 * 1024;

/**
 * Bytes in each of k shards for a payload. Rounded up so that a place learns little from a length: to a power of two up to 64 KiB,
 * then to one of eight lengths between two powers of two (but not closer than 16 KiB), and for more than 1 MiB of payload, which is
 * what many files and large ones make, to 16 KiB (below 0.8 % of a full pack): coarser there costs percents of everything.
 * Always a multiple of 32, as the kernel wants, and never less for a larger payload.
 */
export function shardLengthFor(payload: number, k: number): number {
  const least = Math.max(64, Math.ceil(payload / k));
  if (least <= tiny) return 2 ** Math.ceil(Math.log2(least));
  if (payload > coarseUpTo) return Math.max(upTo(fine, least), shardLengthFor(coarseUpTo, k));
  return upTo(Math.max(fine, 2 ** Math.floor(Math.log2(least)) / 8), least);
}

/** Bytes of a payload of at least so many that leaves nothing of the k shards empty. */
export const wholePayload = (least: number, k: number): number => k * shardLengthFor(least, k);

const upTo = (step: number, value: number): number => Math.ceil(value / step) * step;

function setU48(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint16(at + 4, Math.floor(value / 2 ** 32), true);
}

function getU48(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32;
}
