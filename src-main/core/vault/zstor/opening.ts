import { aesGcmNonceBytes, aesGcmTagBytes } from '#core/crypto/aead.ts';
import { type AesGcmOpener, createAesGcmOpener } from '#core/crypto/aead-stream.ts';
import { type Blake2b128, createBlake2b128 } from '#core/crypto/blake2b.ts';
import { concatBytes } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { freeNow } from '#core/crypto/free.ts';
import { type Matrix, rebuildRows } from '../erasure/matrix.ts';
import { unpaddedLength } from './erasure.ts';
import { createKernelRoom, type KernelRoom, roundUp } from './kernel-room.ts';
import { pieceBytes } from './sealing.ts';
import { createSnappyUnframer, NotSnappy } from './snappy-frame.ts';
import { openSpool, type Spool } from './spool.ts';

export interface OpeningOptions {
  /** Beginning of the names of files that are not there, one a shard. */
  readonly spool: string;
  readonly key: Uint8Array;
  readonly k: number;
  readonly parity: number;
  /** BLAKE2b-128 of the plain bytes. */
  readonly checksum: Uint8Array;
}

/** The shards do not give the object: `why` in words for the log. */
export class Damaged extends Error {}

/** Sealed bytes opened at a time. One of them gives at most some 21 plain bytes. */
const stepBytes = 256 * 1024;
const windowBytes = 256 * 1024;

interface Shard {
  readonly spool: Spool;
  readonly hash: Blake2b128;
  good: boolean;
}

/**
 * An object on its way out of shards: any k of them, each checked by its own checksum, then rebuilt, opened and unpacked step by
 * step. Shards lie in files until k are there. What comes out is right only when {@link Opening.next} has given null: until then who takes it
 * must be able to take it back. Synchronous: for a thread of its own (engine-worker.ts).
 */
export async function createOpening({ spool, key, k, parity, checksum }: OpeningOptions) {
  const shards = new Map<number, Shard>();
  const rebuilt: Spool[] = [];
  const plainHash = await createBlake2b128();
  const unframer = createSnappyUnframer();
  /** Data shards in order, once they are all there. */
  let data: Spool[] = [];
  let shardLength = 0;
  let sealedEnd = 0;
  let at = 0;
  let opener: AesGcmOpener | null = null;
  let remadeTo = 0;
  const remadeHashes: Blake2b128[] = [];
  let remadeSums: Uint8Array[] | null = null;
  let remaker: { rows: Matrix; room: KernelRoom } | null = null;

  const drop = (index: number): void => {
    shards.get(index)?.spool.close();
    shards.delete(index);
  };
  const readSealed = (position: number, length: number): Uint8Array => {
    const out = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const index = Math.floor((position + done) / shardLength);
      const from = (position + done) % shardLength;
      const n = Math.min(length - done, shardLength - from);
      (data[index] as Spool).read(from, out.subarray(done, done + n));
      done += n;
    }
    return out;
  };

  return {
    /** The next bytes of a shard. */
    async append(index: number, bytes: Uint8Array): Promise<void> {
      const shard = shards.get(index) ?? {
        spool: openSpool(`${spool}-${index}`),
        hash: await createBlake2b128(),
        good: false,
      };
      shards.set(index, shard);
      shard.hash.update(bytes);
      shard.spool.append(bytes);
    },
    /** A shard is all there. @returns whether it is what it should be; otherwise it is forgotten, and can be begun again */
    finishShard(index: number, expected: Uint8Array): boolean {
      const shard = shards.get(index);
      if (!shard) return false;
      shard.good = equalBytes(shard.hash.digest(), expected);
      if (!shard.good) drop(index);
      return shard.good;
    },
    /** It will not come. */
    drop,
    /** k shards are there: make those that hold the object. @returns the length of each @throws Damaged */
    assemble(): number {
      const good = [...shards].filter(([, shard]) => shard.good).slice(0, k);
      shardLength = good[0]?.[1].spool.length ?? 0;
      if (good.length < k) throw new Damaged('fewer shards than are needed');
      if (shardLength === 0 || good.some(([, shard]) => shard.spool.length !== shardLength)) {
        throw new Damaged('shards of different lengths');
      }
      const have = good.map(([index]) => index);
      const wanted = Array.from({ length: k }, (_, i) => i).filter((i) => !have.includes(i));
      for (const index of wanted) rebuilt.push(openSpool(`${spool}-${index}-again`));
      if (wanted.length > 0)
        rebuild(
          have,
          good.map(([, shard]) => shard.spool),
          wanted,
        );
      data = Array.from({ length: k }, (_, i) => shards.get(i)?.spool ?? (rebuilt[wanted.indexOf(i)] as Spool));
      const padded = k * shardLength;
      const tail = readSealed(Math.max(0, padded - k), Math.min(k, padded));
      const end = unpaddedLength(tail, padded, k);
      if (end === null || end < aesGcmNonceBytes + aesGcmTagBytes) throw new Damaged('no padding at its end');
      sealedEnd = end - aesGcmTagBytes;
      opener = createAesGcmOpener(key, readSealed(0, aesGcmNonceBytes));
      at = aesGcmNonceBytes;
      return shardLength;
    },
    /** More plain bytes; null when all of them came and are right. @throws Damaged */
    next(): Uint8Array | null {
      if (!opener) throw new Error('nothing is assembled');
      try {
        for (;;) {
          if (at === sealedEnd) {
            if (!opener.isRight(readSealed(sealedEnd, aesGcmTagBytes))) throw new Damaged('it opens with another key');
            unframer.end();
            if (!equalBytes(plainHash.digest(), checksum)) throw new Damaged('its checksum is another');
            return null;
          }
          const step = readSealed(at, Math.min(stepBytes, sealedEnd - at));
          at += step.length;
          const opened = opener.update(step);
          freeNow(step);
          const plain = concatBytes(...unframer.update(opened));
          freeNow(opened);
          if (plain.length === 0) continue;
          plainHash.update(plain);
          return plain;
        }
      } catch (error) {
        // A wrong key gives noise, which is no Snappy long before the end.
        if (error instanceof NotSnappy) throw new Damaged(`what it opens to is no Snappy: ${error.message}`);
        throw error;
      }
    },
    /** The next piece of each of these shards, made again of the k that are there; null after the last; then they begin anew. Same `wanted` each time. */
    async remade(wanted: readonly number[]): Promise<Uint8Array[] | null> {
      while (remadeHashes.length < wanted.length) remadeHashes.push(await createBlake2b128());
      const length = Math.min(pieceBytes, shardLength - remadeTo);
      if (length <= 0) {
        remadeTo = 0;
        remadeSums ??= remadeHashes.map((hash) => hash.digest());
        return null;
      }
      remaker ??= {
        rows: rebuildRows(
          k,
          parity,
          Array.from({ length: k }, (_, i) => i),
          wanted,
        ),
        room: createKernelRoom(k + wanted.length, Math.min(pieceBytes, shardLength)),
      };
      const { kernel, at: address, view } = remaker.room;
      for (const [i, one] of data.entries()) one.read(remadeTo, view(i, length));
      kernel.combine(remaker.rows, address.slice(0, k), address.slice(k), roundUp(length));
      remadeTo += length;
      return wanted.map((_, i) => {
        const piece = view(k + i, length).slice();
        if (!remadeSums) remadeHashes[i]?.update(piece);
        return piece;
      });
    },
    /** BLAKE2b-128 of each of them, once their pieces have come to an end. */
    remadeChecksums: (): Uint8Array[] => remadeSums ?? [],
    close(): void {
      for (const index of [...shards.keys()]) drop(index);
      for (const one of rebuilt) one.close();
    },
  };

  function rebuild(have: readonly number[], from: readonly Spool[], wanted: readonly number[]): void {
    const rows = rebuildRows(k, parity, have, wanted);
    const { kernel, at: address, view } = createKernelRoom(k + wanted.length, Math.min(windowBytes, shardLength));
    for (let position = 0; position < shardLength; position += windowBytes) {
      const length = Math.min(windowBytes, shardLength - position);
      for (const [i, one] of from.entries()) one.read(position, view(i, length));
      kernel.combine(rows, address.slice(0, k), address.slice(k), roundUp(length));
      for (const [i, one] of rebuilt.entries()) one.append(view(k + i, length));
    }
  }
}
export type Opening = Awaited<ReturnType<typeof createOpening>>;
