import { type AesGcm, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import { Damaged } from './varint.ts';

/**
 * A segment file (docs/formats/search-index.md): a header, then slots of one size, each sealed by itself.
 *
 *     0  8  "HYPHAIDX"
 *     8  1  version, 1
 *     9  7  zero
 *    16 16  segment id, random
 *    32     slots: 8,192 plain bytes (zeros after the end of what it holds) sealed with AES-256-GCM, 8,208 bytes each
 *
 * Slot key = HKDF-SHA-512(index key, salt = segment id, info = "hypha vault index segment v1", 32 bytes), nonce = u32 slot || 8 zero
 * bytes, associated data = header || u8 stream || u32 block of the stream. A segment is written once under an id of its own, so no
 * nonce is used twice. All slots look alike: what a segment holds of what does not show.
 */
export const headerBytes = 32;
export const slotBytes = 8192;
export const sealedSlotBytes = slotBytes + 16;
const magic = 'HYPHAIDX';
const version = 1;

/** What a slot is a part of. `root` is the last slot of the file and tells where everything is. */
export const streams = { dictionary: 0, postings: 1, positions: 2, text: 3, meta: 4, root: 255 } as const;
export type StreamId = (typeof streams)[keyof typeof streams];

export function segmentHeader(id: Uint8Array): Uint8Array {
  const header = new Uint8Array(headerBytes);
  header.set(utf8(magic));
  header[8] = version;
  header.set(id, 16);
  return header;
}

/** @returns the segment id. @throws Damaged for anything that is not the header of a segment of this version */
export function decodeSegmentHeader(header: Uint8Array): Uint8Array {
  const id = header.slice(16, headerBytes);
  if (header.length !== headerBytes || Buffer.compare(header, segmentHeader(id)) !== 0) throw new Damaged('no segment');
  return id;
}

export interface SlotSeal {
  seal(slot: number, stream: StreamId, block: number, plain: Uint8Array): Uint8Array;
  /** @throws Damaged when these are not the bytes of that slot */
  open(slot: number, stream: StreamId, block: number, sealed: Uint8Array): Uint8Array;
}

export function createSlotSeal(indexKey: Uint8Array, id: Uint8Array): SlotSeal {
  const key: AesGcm = createAesGcm(hkdfSha512(indexKey, id, 'hypha vault index segment v1', 32));
  const header = segmentHeader(id);
  const numbers = (slot: number, stream: StreamId, block: number): { nonce: Uint8Array; aad: Uint8Array } => {
    const nonce = new Uint8Array(12);
    new DataView(nonce.buffer).setUint32(0, slot, true);
    const where = new Uint8Array(5);
    where[0] = stream;
    new DataView(where.buffer).setUint32(1, block, true);
    return { nonce, aad: concatBytes(header, where) };
  };
  return {
    seal(slot, stream, block, plain) {
      const { nonce, aad } = numbers(slot, stream, block);
      return key.seal(nonce, plain, aad);
    },
    open(slot, stream, block, sealed) {
      const { nonce, aad } = numbers(slot, stream, block);
      const plain = sealed.length === sealedSlotBytes ? key.open(nonce, sealed, aad) : null;
      if (!plain) throw new Damaged('a slot does not open');
      return plain;
    },
  };
}
