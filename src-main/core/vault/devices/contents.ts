import { concatBytes } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/encoding.ts';
import { createSha256, hmacSha256 } from '#core/crypto/hash.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import type { Session } from '../core.ts';
import { readFile } from '../service/read.ts';
import type { ContentId } from './ports.ts';

/** The key that contents are named with, from the person's vault root: the same on all of their devices, in whichever vault. */
export const contentKey = (root: Uint8Array): Uint8Array =>
  hkdfSha512(root, new Uint8Array(0), 'hypha vault devices content v1', 32);

/** The name of bytes that come piece by piece: HMAC-SHA-256 of SHA-256(bytes) || u64 length, big-endian. */
export function createNamer(key: Uint8Array) {
  const hash = createSha256();
  let size = 0;
  return {
    update(bytes: Uint8Array): void {
      hash.update(bytes);
      size += bytes.length;
    },
    /** Once. */
    name(): ContentId {
      const length = new Uint8Array(8);
      new DataView(length.buffer).setBigUint64(0, BigInt(size));
      return toHex(hmacSha256(key, concatBytes(hash.digest(), length)));
    },
  };
}

/** The name of a file's content. @param piece called after each piece that was read @throws Fail DAMAGED, and when aborted */
export async function nameOf(
  session: Session,
  key: Uint8Array,
  { id, size }: { readonly id: string; readonly size: number },
  signal: AbortSignal,
  piece: () => Promise<void>,
): Promise<ContentId> {
  const namer = createNamer(key);
  for await (const bytes of readFile(session, id, 0, size, signal)) {
    namer.update(bytes);
    await piece();
  }
  signal.throwIfAborted();
  return namer.name();
}
