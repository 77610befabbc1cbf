import { type FileHandle, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type AesGcm, aesGcmNonceBytes, aesGcmTagBytes, createAesGcm } from '#core/crypto/aead.ts';
import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { hkdfSha512 } from '#core/crypto/kdf.ts';
import type { Host } from '#core/host.ts';
import { type ContentId, pieceMostBytes } from './ports.ts';

/*
 * What has come of a file so far (docs/formats/device-tree.md):
 *
 *   0   5   "HYDP" 1
 *   5   16  salt, random
 *   21  .   pieces of 1 MiB, the last one shorter: nonce 12 || AES-256-GCM, tag last
 *
 * Key: HKDF-SHA-512(vault root, salt, "hypha vault devices part v1", 32); associated data: content id (text) || " " || number of the
 * piece. Nonces are random, as a piece that a crash tore is written again. Nothing readable lies on the disk while locked.
 */

const magic = utf8('HYDP\x01');
const frontBytes = magic.length + 16;
const sealedBytes = pieceMostBytes + aesGcmNonceBytes + aesGcmTagBytes;
/** Made durable after so many pieces: a power cut costs at most these. */
const syncEvery = 16;
const info = 'hypha vault devices part v1';
const ending = '.part';

/** Bytes of one file, from its front on. */
export interface Part {
  readonly size: number;
  /** Bytes that have come. */
  received(): number;
  /** Bytes that come back after a restart. */
  kept(): number;
  /** Bytes from where {@link received} is. */
  add(bytes: Uint8Array): Promise<void>;
  /** All that has come, in order. What is not what was written ends it. */
  read(): AsyncGenerator<Uint8Array>;
  /** Forget what comes after these bytes. */
  cut(received: number): Promise<void>;
  close(): Promise<void>;
  remove(): Promise<void>;
}

export type Parts = ReturnType<typeof createParts>;

/** Files that are on their way here, in a directory of their own. Those up to 1 MiB are in memory only. */
export function createParts(directory: string, root: Uint8Array, random: Host['random']) {
  const parts = new Map<ContentId, Part>();
  const pathOf = (content: ContentId): string => join(directory, `${content}${ending}`);

  const openPart = (content: ContentId, size: number, found: number): Part => {
    const pieces = (bytes: number): number => Math.floor(bytes / pieceMostBytes);
    let handle: FileHandle | null = null;
    let key: AesGcm | null = null;
    /** Whole pieces on the disk. */
    let written = found;
    let unsynced = 0;
    let pending: Uint8Array[] = [];
    let pendingBytes = 0;
    const label = (piece: number): Uint8Array => utf8(`${content} ${piece}`);
    const ready = async (): Promise<{ handle: FileHandle; key: AesGcm }> => {
      if (handle && key) return { handle, key };
      await mkdir(directory, { recursive: true, mode: 0o700 });
      handle ??= await open(pathOf(content), written > 0 ? 'r+' : 'w+', 0o600);
      let front = new Uint8Array(frontBytes);
      if (written > 0) await handle.read(front, 0, frontBytes, 0);
      else {
        front = new Uint8Array(concatBytes(magic, random(16)));
        await handle.write(front, 0, frontBytes, 0);
      }
      const derived = hkdfSha512(root, front.subarray(magic.length), info, 32);
      key = createAesGcm(derived);
      return { handle, key };
    };
    const flush = async (length: number): Promise<void> => {
      const bytes = pending.length === 1 && pending[0]?.length === length ? pending[0] : concatBytes(...pending);
      const { handle, key } = await ready();
      const piece = bytes.subarray(0, length);
      const nonce = random(aesGcmNonceBytes);
      const sealed = concatBytes(nonce, key.seal(nonce, piece, label(written)));
      await handle.write(sealed, 0, sealed.length, frontBytes + written * sealedBytes);
      written++;
      pending = length < bytes.length ? [bytes.slice(length)] : [];
      pendingBytes -= length;
      if (++unsynced >= syncEvery) {
        await handle.datasync();
        unsynced = 0;
      }
    };
    const part: Part = {
      size,
      received: () => Math.min(size, written * pieceMostBytes + pendingBytes),
      kept: () => Math.min(size, written * pieceMostBytes),
      async add(bytes) {
        pending.push(bytes.slice());
        pendingBytes += bytes.length;
        while (pendingBytes >= pieceMostBytes && size > pieceMostBytes) await flush(pieceMostBytes);
      },
      async *read() {
        if (written > 0) {
          const { handle, key } = await ready();
          for (let piece = 0; piece < written; piece++) {
            const sealed = new Uint8Array(sealedBytes);
            const { bytesRead } = await handle.read(sealed, 0, sealedBytes, frontBytes + piece * sealedBytes);
            const from = sealed.subarray(aesGcmNonceBytes, bytesRead);
            const plain =
              bytesRead < sealedBytes ? null : key.open(sealed.subarray(0, aesGcmNonceBytes), from, label(piece));
            if (!plain) return;
            yield plain;
          }
        }
        for (const bytes of pending) yield bytes.slice();
      },
      async cut(received) {
        written = Math.min(written, pieces(received));
        pending = [];
        pendingBytes = 0;
        if (written > 0) {
          const { handle } = await ready();
          await handle.truncate(frontBytes + written * sealedBytes);
        } else await this.remove();
      },
      async close() {
        const open = handle;
        handle = null;
        await open?.datasync().catch(() => {});
        await open?.close();
      },
      async remove() {
        const had = handle !== null || written > 0;
        await part.close();
        written = 0;
        key = null;
        pending = [];
        pendingBytes = 0;
        if (had) await rm(pathOf(content), { force: true });
      },
    };
    return part;
  };

  return {
    /** What an earlier run had of files: content to whole pieces. */
    async find(): Promise<Map<ContentId, number>> {
      const out = new Map<ContentId, number>();
      for (const name of await readdir(directory).catch(() => [] as string[])) {
        if (!/^[0-9a-f]{64}\.part$/.test(name)) continue;
        const handle = await open(join(directory, name), 'r').catch(() => null);
        const length = (await handle?.stat())?.size ?? 0;
        await handle?.close();
        out.set(name.slice(0, -ending.length), Math.max(0, Math.floor((length - frontBytes) / sealedBytes)));
      }
      return out;
    },
    all: (): ContentId[] => [...parts.keys()],
    of: (content: ContentId): Part | undefined => parts.get(content),
    /** @param found whole pieces of an earlier run */
    begin(content: ContentId, size: number, found: number): Part {
      const part = openPart(content, size, Math.min(found, Math.floor(size / pieceMostBytes)));
      parts.set(content, part);
      return part;
    },
    async drop(content: ContentId): Promise<void> {
      const part = parts.get(content);
      parts.delete(content);
      if (part) await part.remove();
      else await rm(pathOf(content), { force: true });
    },
    async close(): Promise<void> {
      for (const part of parts.values()) await part.close();
      parts.clear();
    },
  };
}
