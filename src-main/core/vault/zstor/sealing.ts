import { aesGcmNonceBytes } from '#core/crypto/aead.ts';
import { type AesGcmSealer, aesGcmMostBytes, createAesGcmSealer } from '#core/crypto/aead-stream.ts';
import { type Blake2b128, createBlake2b128 } from '#core/crypto/blake2b.ts';
import { freeNow } from '#core/crypto/free.ts';
import { generator } from '../erasure/matrix.ts';
import { paddingFor } from './erasure.ts';
import { createKernelRoom, type KernelRoom, roundUp } from './kernel-room.ts';
import { createSnappyFramer } from './snappy-frame.ts';
import { openSpool } from './spool.ts';

/** What of a shard is stored under one key of a 0-db. */
export const pieceBytes = 2 * 1024 * 1024;

export interface SealingOptions {
  /** Of a file that is not there: the sealed object, until its shards are made. */
  readonly spool: string;
  readonly key: Uint8Array;
  /** 12 random bytes. zstor uses one key for everything, so they must never be used again. */
  readonly nonce: Uint8Array;
  readonly k: number;
  readonly parity: number;
}
export interface Sealed {
  /** BLAKE2b-128 of the plain bytes. */
  readonly checksum: Uint8Array;
  readonly plainLength: number;
  readonly shardLength: number;
  /** Pieces of each shard. */
  readonly pieces: number;
}

/** Thrown past what AES-GCM seals under one nonce: 64 GiB. */
export class TooLong extends Error {}

/**
 * An object on its way into shards: plain bytes -> Snappy frames -> nonce || AES-256-GCM -> padding, slices and parity. The slices can be cut only
 * when all of it is sealed, so it lies in a file until then; memory is two pieces of each shard whatever its length. Synchronous: for a
 * thread of its own (engine-worker.ts).
 */
export async function createSealing({ spool: path, key, nonce, k, parity }: SealingOptions) {
  if (nonce.length !== aesGcmNonceBytes) throw new RangeError('a nonce of 12 bytes is needed');
  const hash = await createBlake2b128();
  const shardHashes: Blake2b128[] = [];
  for (let i = 0; i < k + parity; i++) shardHashes.push(await createBlake2b128());
  const framer = createSnappyFramer();
  const sealer: AesGcmSealer = createAesGcmSealer(key, nonce);
  const spool = openSpool(path);
  let plainLength = 0;
  let shardLength = 0;
  let next = 0;
  let room: KernelRoom | null = null;
  let sums: Uint8Array[] | null = null;

  const seal = (framed: Uint8Array): void => {
    if (spool.length + framed.length > aesGcmMostBytes) throw new TooLong('longer than AES-GCM seals under one nonce');
    if (framed.length === 0) return;
    const sealed = sealer.update(framed);
    freeNow(framed);
    spool.append(sealed);
    freeNow(sealed);
  };
  spool.append(nonce);

  return {
    push(plain: Uint8Array): void {
      plainLength += plain.length;
      hash.update(plain);
      seal(framer.update(plain));
    },
    /** All bytes have come. */
    finish(): Sealed {
      seal(framer.end());
      spool.append(sealer.tag());
      const padding = paddingFor(spool.length, k);
      spool.append(new Uint8Array(padding).fill(padding));
      shardLength = spool.length / k;
      const pieces = Math.ceil(shardLength / pieceBytes);
      return { checksum: hash.digest(), plainLength, shardLength, pieces };
    },
    /** The next piece of every shard, in order. Null after the last; then they begin anew, for shards that another backend gets. */
    pieces(): Uint8Array[] | null {
      const from = next * pieceBytes;
      const length = Math.min(pieceBytes, shardLength - from);
      if (length <= 0) {
        next = 0;
        sums ??= shardHashes.map((shardHash) => shardHash.digest());
        return null;
      }
      next++;
      room ??= createKernelRoom(k + parity, Math.min(pieceBytes, shardLength));
      const { kernel, at, view } = room;
      for (let i = 0; i < k; i++) spool.read(i * shardLength + from, view(i, length));
      if (parity > 0) kernel.combine(generator(k, parity).slice(k), at.slice(0, k), at.slice(k), roundUp(length));
      return shardHashes.map((shardHash, i) => {
        const piece = view(i, length).slice();
        if (!sums) shardHash.update(piece);
        return piece;
      });
    },
    /** BLAKE2b-128 of each shard, once the pieces have come to their end. */
    checksums: (): Uint8Array[] => sums ?? [],
    close: (): void => spool.close(),
  };
}
export type Sealing = Awaited<ReturnType<typeof createSealing>>;
