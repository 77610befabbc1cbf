import { inflateRawSync } from 'node:zlib';
import { limits } from './limits.ts';

/**
 * The list of parts of a ZIP file (PKWARE APPNOTE 6.3.10), as documents are made of: stored or deflated, not encrypted, in one file, below
 * 4 GiB. What a hostile file could ask for is bounded: parts, their names, bytes of each and of all together.
 */
export interface ZipPart {
  readonly name: string;
  /** @returns its plain bytes, at most `most` of them; null when it cannot be read or all of them together would be too many */
  read(most: number): Uint8Array | null;
}

const endBytes = 22;
const centralBytes = 46;
const localBytes = 30;

/** @returns null for anything that is not such a file */
export function zipParts(bytes: Uint8Array): ZipPart[] | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = findEnd(view);
  if (end < 0) return null;
  const count = Math.min(view.getUint16(end + 10, true), limits.parts);
  let at = view.getUint32(end + 16, true);
  let budget: number = limits.unpackedBytes;
  const parts: ZipPart[] = [];
  for (let i = 0; i < count; i++) {
    if (at + centralBytes > bytes.length || view.getUint32(at, true) !== 0x02014b50) return null;
    const flags = view.getUint16(at + 8, true);
    const method = view.getUint16(at + 10, true);
    const packed = view.getUint32(at + 20, true);
    const nameLength = view.getUint16(at + 28, true);
    const local = view.getUint32(at + 42, true);
    const nameBytes = bytes.subarray(at + centralBytes, at + centralBytes + nameLength);
    const name = Buffer.from(nameBytes).toString('utf8');
    at += centralBytes + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    parts.push({
      name,
      read(most) {
        if ((flags & 1) !== 0 || local + localBytes > bytes.length || view.getUint32(local, true) !== 0x04034b50)
          return null;
        const from = local + localBytes + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
        if (from + packed > bytes.length) return null;
        const plain = unpack(method, bytes.subarray(from, from + packed), Math.min(most, budget));
        budget -= plain?.length ?? 0;
        return plain;
      },
    });
  }
  return parts;
}

function unpack(method: number, packed: Uint8Array, most: number): Uint8Array | null {
  if (most <= 0) return null;
  if (method === 0) return packed.subarray(0, most);
  if (method !== 8) return null;
  try {
    return inflateRawSync(packed, { maxOutputLength: most });
  } catch {
    return null;
  }
}

/** The end record is the last thing in the file but a comment of at most 64 KiB. */
function findEnd(view: DataView): number {
  const least = Math.max(0, view.byteLength - endBytes - 0xffff);
  for (let at = view.byteLength - endBytes; at >= least; at--) {
    if (view.getUint32(at, true) === 0x06054b50) return at;
  }
  return -1;
}
