import { damaged } from '../failures.ts';
import { codecs } from '../format/chunk.ts';
import type { VaultKeys } from '../format/keys.ts';
import { encodeShardHeader, headerBytes, tagBytes } from '../format/shard.ts';
import { keyOfPack } from '../format/wrapped-key.ts';
import { isFull } from '../places/places.ts';
import { readRegionBytes } from '../pool/arena.ts';
import type { Delivered, DeliverJob } from '../pool/deliver.ts';
import type { OpenJob } from '../pool/jobs.ts';
import { createLender } from '../pool/lender.ts';
import type { ChunkRow, PackRow, ShardRow, VaultRow } from './catalogue.ts';
import { type Engine, headerOf, shardName } from './engine.ts';
import { createLossJudge } from './is-loss.ts';

/** Where a chunk's plain bytes go: see {@link DeliverJob}. */
export interface Delivery {
  readonly chunk: ChunkRow;
  readonly to: DeliverJob['chunks'][number]['to'];
}

export type PackReader = ReturnType<typeof createPackReader>;

/** Reads packs back from any k healthy shards. `note` is told of shards that were found otherwise than the catalogue says. */
export function createPackReader(
  engine: Engine,
  vault: VaultRow,
  note: (pack: PackRow, changes: readonly ShardRow[]) => void,
) {
  const { deps, catalogue, places, arena, pool, slots } = engine;
  const recovered = new Map<number, Uint8Array>();
  const reads = createLender(arena.reads);
  const outs = createLender(arena.outs);
  // Chunks of one pack are asked for one after the other, and deriving its key costs as much as opening a small chunk.
  let lastKey: { pack: number; keys: VaultKeys; key: Uint8Array } | null = null;
  /** @throws Fail DAMAGED */
  const keyOf = (keys: VaultKeys, pack: PackRow): Uint8Array => {
    if (lastKey?.pack === pack.seq && lastKey.keys === keys) return lastKey.key;
    const key = keyOfPack(keys, pack);
    if (!key) throw damaged('This file');
    lastKey = { pack: pack.seq, keys, key };
    return key;
  };

  const isLoss = createLossJudge(places, vault.id);

  /** Read shards of a pack into a slot; says what was found for each, tags unchecked. `unread`: nothing is known of them. */
  const load = async (
    pack: PackRow,
    slot: number,
    which: readonly ShardRow[],
  ): Promise<{ have: { index: number; tag: Uint8Array }[]; missing: number[]; rotten: number[]; unread: number[] }> => {
    const have: { index: number; tag: Uint8Array }[] = [];
    const missing: number[] = [];
    const rotten: number[] = [];
    const unread: number[] = [];
    const header = headerOf(pack, vault.id);
    const full = headerBytes + pack.shardLength + tagBytes;
    await Promise.all(
      which.map(async ({ idx, place }) => {
        const store = places.readable(place) ? places.get(place)?.store : undefined;
        if (!store) return void missing.push(idx);
        const name = shardName(pack, idx);
        const head = new Uint8Array(headerBytes);
        const tag = new Uint8Array(tagBytes);
        const body = arena.bytes.subarray(slot + idx * pack.shardLength, slot + (idx + 1) * pack.shardLength);
        try {
          const size = await store.size(name);
          if (size === null) return void ((await isLoss(place, false)) ? missing : unread).push(idx);
          const whole =
            size === full &&
            (await store.read(name, 0, head)) &&
            (await store.read(name, headerBytes, body)) &&
            (await store.read(name, headerBytes + pack.shardLength, tag));
          const right = whole && Buffer.compare(head, encodeShardHeader({ ...header, index: idx })) === 0;
          if (right) have.push({ index: idx, tag });
          else ((await isLoss(place, false)) ? rotten : unread).push(idx);
        } catch (error) {
          deps.log.warn({ place, error: String(error) }, 'a shard could not be read');
          ((await isLoss(place, true)) ? missing : unread).push(idx);
        }
      }),
    );
    return { have, missing, rotten, unread };
  };

  /**
   * Read and check shards of a pack, rebuilding `want` when enough are right. The slot then holds every shard that is
   * right or rebuilt. Notes what was found in the catalogue.
   */
  const examine = async (pack: PackRow, slot: number, want: readonly number[]) => {
    const shards = catalogue.shards(pack.seq);
    const found = await load(pack, slot, shards);
    const checked = await pool.run({
      kind: 'rebuild',
      slot,
      header: headerOf(pack, vault.id),
      integrityKey: vault.integrity,
      have: found.have,
      want,
    });
    const rotten = new Set([...found.rotten, ...checked.rotten]);
    const changes = shards.flatMap((shard): ShardRow[] => {
      // A shard on an unplugged place is not known to be lost: leave what was known.
      if (!places.readable(shard.place) || found.unread.includes(shard.idx)) return [];
      const state = rotten.has(shard.idx) ? 'rotten' : found.missing.includes(shard.idx) ? 'missing' : 'ok';
      return state === shard.state ? [] : [{ ...shard, state }];
    });
    let now = shards.map((shard) => changes.find(({ idx }) => idx === shard.idx) ?? shard);
    try {
      note(pack, changes);
      now = catalogue.shards(pack.seq);
      const right = found.have.filter(({ index }) => !rotten.has(index));
      const seen = now.filter(({ idx, state }) => state === 'ok' && right.some(({ index }) => index === idx));
      const same = seen.filter(({ idx, place }) => shards[idx]?.place === place);
      if (same.length > 0) catalogue.transaction(() => catalogue.shardsVerified(pack.seq, same, deps.host.now()));
    } catch (error) {
      // It was read all the same; on a full disk the catalogue learns of it another time.
      if (!isFull(error)) throw error;
    }
    return { ...checked, rotten, missing: found.missing, unread: found.unread, shards: now };
  };

  /** The whole payload of a pack from any k right shards. @throws Fail DAMAGED */
  const recover = async (pack: PackRow): Promise<Uint8Array> => {
    const cached = recovered.get(pack.seq);
    if (cached) return cached;
    const slot = await slots.take();
    try {
      const data = Array.from({ length: pack.k }, (_, i) => i);
      const result = await examine(pack, slot, data);
      if (!result.enough) throw damaged('This file');
      const payload = arena.bytes.slice(slot, slot + pack.payload);
      recovered.set(pack.seq, payload);
      // Neighbouring chunks are asked for next; two packs are enough and bound the memory.
      for (const seq of recovered.keys()) if (recovered.size > 2) recovered.delete(seq);
      return payload;
    } finally {
      slots.give(slot);
    }
  };

  /**
   * Bytes of a pack's payload from `from` on, straight from the data shards they lie on; the chunks' own seals check them.
   * @returns false when a shard of them is not at hand
   */
  const readPayload = async (pack: PackRow, from: number, target: Uint8Array): Promise<boolean> => {
    const shards = catalogue.shards(pack.seq);
    const parts: Promise<boolean>[] = [];
    for (let at = 0; at < target.length; ) {
      const position = from + at;
      const shard = shards[Math.floor(position / pack.shardLength)];
      const store = shard?.state === 'ok' && places.readable(shard.place) ? places.get(shard.place)?.store : undefined;
      if (!shard || !store) break;
      const within = position % pack.shardLength;
      const length = Math.min(target.length - at, pack.shardLength - within);
      parts.push(store.read(shardName(pack, shard.idx), headerBytes + within, target.subarray(at, at + length)));
      at += length;
      if (at === target.length) return (await Promise.all(parts.map((part) => part.catch(() => false)))).every(Boolean);
    }
    // Nobody may write to the target after this.
    await Promise.allSettled(parts);
    return false;
  };

  const readFrom = async (keys: VaultKeys, chunk: ChunkRow): Promise<Uint8Array> => {
    const pack = catalogue.pack(chunk.pack);
    if (!pack) throw damaged('This file');
    const key = keyOf(keys, pack);
    const position = { packId: pack.id, index: chunk.idx, codec: chunk.codec, plain: chunk.plain };
    const open = async (sealed: OpenJob['sealed']): Promise<Uint8Array | null> =>
      (await pool.run({ kind: 'open', packKey: key, position, sealed })).plain;
    if (!recovered.has(pack.seq) && chunk.sealed <= readRegionBytes) {
      const at = await reads.take();
      try {
        const direct = await readPayload(pack, chunk.offset, arena.bytes.subarray(at, at + chunk.sealed));
        const plain = direct && (await open({ at, length: chunk.sealed }));
        if (plain) return plain;
      } finally {
        reads.give(at);
      }
    }
    const payload = await recover(pack);
    const again = await open(payload.slice(chunk.offset, chunk.offset + chunk.sealed));
    if (!again) throw damaged('This file');
    return again;
  };

  return {
    examine,
    recover,
    /** The plain bytes of a chunk. @throws Fail DAMAGED */
    async readChunk(keys: VaultKeys, chunk: ChunkRow): Promise<Uint8Array> {
      try {
        return await readFrom(keys, chunk);
      } catch (error) {
        // Compaction may have moved it to another pack and removed this one meanwhile.
        const now = catalogue.chunk(chunk.id);
        if (!now || now.pack === chunk.pack) throw error;
        return readFrom(keys, now);
      }
    },
    /** The sealed body of a catalogue pack (kinds 1 and 2), opened. @throws Fail DAMAGED */
    async readBody(keys: VaultKeys, pack: PackRow): Promise<Uint8Array> {
      const payload = await recover(pack);
      recovered.delete(pack.seq);
      const plain = pack.payload - 16;
      const position = { packId: pack.id, index: 0, codec: codecs.none, plain };
      const body = await pool.run({
        kind: 'open',
        packKey: keyOf(keys, pack),
        position,
        sealed: payload.slice(0, pack.payload),
      });
      if (!body.plain) throw damaged('The catalogue');
      return body.plain;
    },
    /**
     * Write chunks of one pack to files, opened by a worker on the way: their plain bytes never come to this thread. The
     * chunks lie within {@link readRegionBytes} of each other, sorted by offset.
     *
     * @returns by chunk what became of it, or null when they could not be read like this: {@link readChunk} can do more
     */
    async deliver(keys: VaultKeys, list: readonly Delivery[]): Promise<readonly Delivered[] | null> {
      const [first] = list;
      const last = list.at(-1);
      if (!first || !last) return [];
      const from = first.chunk.offset;
      const length = last.chunk.offset + last.chunk.sealed - from;
      const at = await outs.take();
      try {
        const pack = catalogue.pack(first.chunk.pack);
        if (!pack || length > readRegionBytes || recovered.has(pack.seq)) return null;
        if (!(await readPayload(pack, from, arena.bytes.subarray(at, at + length)))) return null;
        const { delivered } = await pool.run({
          kind: 'deliver',
          packKey: keyOf(keys, pack),
          packId: pack.id,
          chunks: list.map(({ chunk: { idx, codec, plain, offset, sealed }, to }) => ({
            index: idx,
            codec,
            plain,
            at: at + offset - from,
            sealed,
            to,
          })),
        });
        return delivered;
      } finally {
        outs.give(at);
      }
    },
    forget: (seq: number) => void recovered.delete(seq),
    forgetRecovered: () => {
      recovered.clear();
      lastKey = null;
    },
  };
}
