/**
 * The chunks of one file in order: u8 version 1 | u8 zero | u16 zero | u32 count | count x (id 32 bytes | u32 plain length).
 * Little-endian. An empty file has no chunks.
 */
export interface Manifest {
  readonly chunks: readonly ManifestChunk[];
}
export interface ManifestChunk {
  readonly id: Uint8Array;
  readonly plain: number;
}

const entryBytes = 36;

export function encodeManifest(manifest: Manifest): Uint8Array {
  const out = new Uint8Array(8 + manifest.chunks.length * entryBytes);
  const view = new DataView(out.buffer);
  out[0] = 1;
  view.setUint32(4, manifest.chunks.length, true);
  manifest.chunks.forEach((chunk, i) => {
    out.set(chunk.id, 8 + i * entryBytes);
    view.setUint32(8 + i * entryBytes + 32, chunk.plain, true);
  });
  return out;
}

/** @returns null for anything {@link encodeManifest} would not have written */
export function decodeManifest(bytes: Uint8Array): Manifest | null {
  if (bytes.length < 8) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== 1) return null;
  const count = view.getUint32(4, true);
  if (bytes.length !== 8 + count * entryBytes) return null;
  const chunks: ManifestChunk[] = [];
  for (let at = 8; at < bytes.length; at += entryBytes) {
    const plain = view.getUint32(at + 32, true);
    if (plain === 0) return null;
    chunks.push({ id: bytes.slice(at, at + 32), plain });
  }
  return { chunks };
}
