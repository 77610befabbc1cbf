import { constants, deflateRawSync, inflateRawSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { openAesGcm, openAesGcmInPlace, sealAesGcm, sealAesGcmInto } from '#core/crypto/aead.ts';
import { freeNow } from '#core/crypto/free.ts';
import { chunkKey } from './keys.ts';

/** How a chunk's bytes were made smaller. The writer uses zstd where the runtime has it, else deflate. */
export const codecs = { none: 0, zstd: 1, deflate: 2 } as const;
export type Codec = (typeof codecs)[keyof typeof codecs];

/** No chunk, sealed or plain, is longer: a decoder never allocates more for one. */
export const maxChunkBytes = 16 * 1024 * 1024;
export const sealOverhead = 16;

/** Where a sealed chunk lies and what it was: bound to its place in its pack by the associated data. */
export interface ChunkPosition {
  readonly packId: Uint8Array;
  readonly index: number;
  readonly codec: Codec;
  readonly plain: number;
}

const sampleBytes = 4096;
const hasZstd = typeof zstdCompressSync === 'function';

/**
 * zstd level 1 when it saves at least 1/32. Incompressible chunks (video, archives) are told by five samples, because
 * trying costs more than sealing does.
 */
export function compress(plain: Uint8Array): { codec: Codec; bytes: Uint8Array } {
  const stored = { codec: codecs.none, bytes: plain };
  if (plain.length < 64) return stored;
  if (plain.length > 16 * sampleBytes && !samplesShrink(plain)) return stored;
  const packed = pack(plain);
  if (packed.length > plain.length - (plain.length >> 5)) {
    freeNow(packed);
    return stored;
  }
  return { codec: hasZstd ? codecs.zstd : codecs.deflate, bytes: packed };
}

const level1 = { [constants.ZSTD_c_compressionLevel]: 1 };
/**
 * Each call makes its tables anew: 16 KiB of them instead of the 128 KiB that zstd would take make a short chunk a third faster,
 * and less than a hundredth longer.
 */
const level1Short = { ...level1, [constants.ZSTD_c_hashLog]: 12 };
const shortBytes = 16 * 1024;

/** One buffer for the whole output: by default it is gathered in many of 16 KiB and then copied together. */
const roomFor = (bytes: number): number => Math.max(64, bytes + 1);
/** Room for whatever zstd may make of so many bytes (ZSTD_COMPRESSBOUND in zstd.h): given that, it copies nothing aside. */
const zstdRoomFor = (bytes: number): number =>
  Math.max(64, bytes + (bytes >> 8) + (bytes < 131_072 ? (131_072 - bytes) >> 11 : 0));

function pack(plain: Uint8Array): Uint8Array {
  const { length } = plain;
  if (!hasZstd) return deflateRawSync(plain, { chunkSize: roomFor(length), level: 1 });
  return zstdCompressSync(plain, {
    chunkSize: zstdRoomFor(length),
    params: length > shortBytes ? level1 : level1Short,
  });
}

function samplesShrink(plain: Uint8Array): boolean {
  for (let i = 0; i < 5; i++) {
    const at = Math.floor(((plain.length - sampleBytes) * i) / 4);
    if (pack(plain.subarray(at, at + sampleBytes)).length < sampleBytes - (sampleBytes >> 5)) return true;
  }
  return false;
}

/** @returns null when the bytes are not what the codec would have written for `plain` bytes */
export function decompress(codec: Codec, bytes: Uint8Array, plain: number): Uint8Array | null {
  if (plain > maxChunkBytes) return null;
  if (codec === codecs.none) return bytes.length === plain ? bytes : null;
  try {
    const out =
      codec === codecs.zstd
        ? zstdDecompressSync(bytes, { chunkSize: roomFor(plain), maxOutputLength: plain + 1 })
        : inflateRawSync(bytes, { chunkSize: roomFor(plain), maxOutputLength: plain + 1 });
    return out.length === plain ? new Uint8Array(out.buffer, out.byteOffset, out.length) : null;
  } catch {
    return null;
  }
}

const nonceOf = (index: number): Uint8Array => {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(0, index, true);
  return nonce;
};

function associated(p: ChunkPosition): Uint8Array {
  const out = new Uint8Array(32);
  const view = new DataView(out.buffer);
  out.set([1, 1, p.codec, 0]);
  view.setUint32(4, p.index, true);
  view.setUint32(8, p.plain, true);
  out.set(p.packId, 16);
  return out;
}

/** AES-256-GCM under the chunk's own key; nonce = index; associated data = 01 01 codec 00 | index | plain length | 0 | pack id. */
export function sealChunk(packKey: Uint8Array, position: ChunkPosition, body: Uint8Array): Uint8Array {
  return sealAesGcm(chunkKey(packKey, position.index), nonceOf(position.index), body, associated(position));
}

/** As {@link sealChunk}, into `target`. @returns bytes written */
export function sealChunkInto(
  packKey: Uint8Array,
  position: ChunkPosition,
  body: Uint8Array,
  target: Uint8Array,
): number {
  return sealAesGcmInto(chunkKey(packKey, position.index), nonceOf(position.index), body, associated(position), target);
}

/** @returns the plain bytes, or null when the sealed bytes are not this very chunk */
export function openChunk(packKey: Uint8Array, position: ChunkPosition, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length > maxChunkBytes + sealOverhead) return null;
  const body = openAesGcm(chunkKey(packKey, position.index), nonceOf(position.index), sealed, associated(position));
  if (body === null) return null;
  const plain = decompress(position.codec, body, position.plain);
  if (plain !== body) freeNow(body);
  return plain;
}

/**
 * As {@link openChunk}, using up the sealed bytes: the answer lies where they lay, unless it had to be decompressed.
 * @returns null when the sealed bytes are not this very chunk; they are zeros then
 */
export function openChunkInPlace(packKey: Uint8Array, position: ChunkPosition, sealed: Uint8Array): Uint8Array | null {
  if (sealed.length > maxChunkBytes + sealOverhead) return null;
  const key = chunkKey(packKey, position.index);
  const body = openAesGcmInPlace(key, nonceOf(position.index), sealed, associated(position));
  return body && decompress(position.codec, body, position.plain);
}
