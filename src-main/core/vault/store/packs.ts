import { damaged, diskFull, notEnoughPlaces } from '../failures.ts';
import { codecs } from '../format/chunk.ts';
import { packKey, type VaultKeys } from '../format/keys.ts';
import { encodeShardHeader, headerBytes, type PackKind, type ShardHeader, tagBytes } from '../format/shard.ts';
import { isFull, type LivePlace, type Places } from '../places/places.ts';
import { choosePlaces } from '../places/safety.ts';
import { type Arena, readRegionBytes } from '../pool/arena.ts';
import type { OpenJob, PackResult } from '../pool/jobs.ts';
import { createLender, type Lender } from '../pool/lender.ts';
import type { Pool } from '../pool/pool.ts';
import type { VaultDeps } from '../ports.ts';
import type { Catalogue, ChunkRow, PackRow, ShardRow, VaultRow } from './catalogue.ts';
import type { Health } from './health.ts';

export interface PackMeta {
  readonly kind: PackKind;
  readonly part: number;
  readonly parts: number;
  readonly generation: number;
  readonly previous: number;
  readonly compress: boolean;
}
export const dataPack: PackMeta = { kind: 0, part: 0, parts: 1, generation: 0, previous: 0, compress: true };

export interface Engine {
  readonly deps: VaultDeps;
  readonly catalogue: Catalogue;
  readonly places: Places;
  readonly health: Health;
  readonly arena: Arena;
  readonly pool: Pool;
  readonly slots: Lender<number>;
}

export const shardName = (pack: Pick<PackRow, 'dir' | 'id'>, idx: number): string =>
  `${pack.dir}/${Buffer.from(pack.id).toString('hex')}.${String(idx).padStart(2, '0')}`;

export function headerOf(pack: PackRow, vaultId: Uint8Array): Omit<ShardHeader, 'index'> {
  const { kind, k, m, epoch, shardLength, payload, part, parts, generation, previous } = pack;
  return { kind, k, m, vaultId, packId: pack.id, epoch, shardLength, payload, part, parts, generation, previous };
}

/** Shards that must be stored before a pack counts: one more than is needed to read it, where there is parity at all. */
export const leastShards = (k: number, m: number): number => k + Math.min(1, m);

export type Packs = ReturnType<typeof createPacks>;

/** Writes packs durably and reads them back from any k healthy shards. */
export function createPacks(engine: Engine, vault: VaultRow) {
  const { deps, catalogue, places, health, arena, pool, slots } = engine;
  const probe = deps.probe ?? (() => {});
  const recovered = new Map<number, Uint8Array>();
  const writing = new Set<Promise<PackRow>>();
  const reads = createLender(arena.reads);

  const note = (pack: PackRow, changes: readonly ShardRow[]): void => {
    if (changes.length === 0) return;
    // Deleted while it was read: its shards are missing because they were removed, which is no loss.
    if (catalogue.pack(pack.seq)?.state !== 'stored') return;
    catalogue.transaction(() => {
      for (const shard of changes) catalogue.putShard(pack.seq, shard);
      catalogue.packTouched(pack.seq);
    });
    health.update(pack, catalogue.shards(pack.seq));
    deps.emit({ topic: 'vault', ids: [] });
  };

  const putShard = async (
    place: LivePlace,
    pack: PackRow,
    idx: number,
    parts: readonly Uint8Array[],
  ): Promise<boolean> => {
    try {
      await place.store.put(shardName(pack, idx), parts);
      probe('shard-put');
      return true;
    } catch (error) {
      await places.failed(place.row.id, error);
      if (!isFull(error)) deps.log.warn({ place: place.row.id, error: String(error) }, 'a shard could not be stored');
      return false;
    }
  };

  const settle = async (used: readonly LivePlace[]): Promise<Set<string>> => {
    const bad = new Set<string>();
    await Promise.all(
      used.map((place) =>
        place.store.settle().catch(async (error: unknown) => {
          bad.add(place.row.id);
          await places.failed(place.row.id, error);
        }),
      ),
    );
    return bad;
  };

  /**
   * Seal `chunks` (regions of the arena) into a new pack and store its shards. Resolves when enough shards are durable,
   * all of those whose places are healthy; `commit` runs in the transaction that makes the pack part of the vault.
   *
   * @throws Fail NOT_ENOUGH_PLACES, DISK_FULL; nothing of the pack stays then
   */
  const write = async (
    keys: VaultKeys,
    chunks: readonly { at: number; length: number }[],
    meta: PackMeta,
    slot: number,
    commit: (pack: PackRow, result: PackResult) => void,
  ): Promise<PackRow> => {
    const { k, m, epoch } = vault;
    // A copy of the catalogue without a spare shard is better than an older one.
    const need = meta.kind === dataPack.kind ? leastShards(k, m) : k;
    // What was full or away may be back: places are looked at again before anything is refused or written degraded.
    if (places.writable().length < k + m) await places.refresh();
    // Deleting makes room, and must be told to the places first.
    const candidates = places.writable(meta.kind !== dataPack.kind);
    if (candidates.length < need) throw tooFew(need);
    const targets = choosePlaces(candidates, k + m).map((c) => c?.place ?? null);
    const id = deps.host.random(16);
    const { kind, part, parts, generation, previous } = meta;
    const journalled = catalogue.transaction(() => {
      const row = catalogue.addPack({
        id,
        kind,
        k,
        m,
        epoch,
        part,
        parts,
        generation,
        previous,
        created: deps.host.now(),
      });
      targets.forEach((place, idx) => {
        catalogue.putShard(row.seq, { idx, place: place?.row.id ?? null, state: 'missing' });
      });
      return row;
    });
    probe('pack-journalled');
    let pack = journalled;
    try {
      const result = await pool.run({
        kind: 'pack',
        chunks,
        compress: meta.compress,
        slot,
        slotBytes: arena.slotBytes,
        packKey: packKey(keys.epoch(epoch), id),
        integrityKey: vault.integrity,
        header: { kind, k, m, vaultId: vault.id, packId: id, epoch, part, parts, generation, previous },
      });
      pack = { ...journalled, payload: result.payload, shardLength: result.shardLength };
      const stored = await placeShards(pack, result, slot, targets);
      const ok = stored.filter((s) => s.state === 'ok').length;
      if (ok < need) throw tooFew(need);
      probe('pack-durable');
      catalogue.transaction(() => {
        catalogue.packStored(pack.seq, result.payload, result.shardLength);
        for (const shard of stored) catalogue.putShard(pack.seq, shard);
        commit(pack, result);
      });
      health.update(pack, stored);
      probe('pack-committed');
      return { ...pack, state: 'stored' };
    } catch (error) {
      await discard(pack).catch(() => {});
      throw error;
    }
  };

  const tooFew = (need: number): Error => {
    const full = places.all().filter((p) => p.health === 'full');
    if (full.length > 0) return diskFull(full.map((p) => p.row.name));
    return notEnoughPlaces(places.writable().length, need);
  };

  const placeShards = async (
    pack: PackRow,
    result: PackResult,
    slot: number,
    targets: readonly (LivePlace | null)[],
  ): Promise<ShardRow[]> => {
    const parts = (idx: number): Uint8Array[] => [
      result.headers[idx] ?? new Uint8Array(0),
      arena.bytes.subarray(slot + idx * pack.shardLength, slot + (idx + 1) * pack.shardLength),
      result.tags[idx] ?? new Uint8Array(0),
    ];
    const held: (LivePlace | null)[] = [...targets];
    const done = await Promise.all(held.map((place, idx) => (place ? putShard(place, pack, idx, parts(idx)) : false)));
    // A place failed: a spare one takes its shard, if there is one.
    for (const [idx, good] of done.entries()) {
      if (good) continue;
      const taken = held.filter((p) => p !== null).map((p) => ({ id: p.row.id, device: p.device, free: p.free }));
      const spare = choosePlaces(places.writable(), 1, taken)[0]?.place;
      if (!spare) continue;
      done[idx] = await putShard(spare, pack, idx, parts(idx));
      if (done[idx]) held[idx] = spare;
    }
    const bad = await settle(held.filter((place, idx) => place !== null && done[idx]) as LivePlace[]);
    return held.map((place, idx) => ({
      idx,
      place: place?.row.id ?? null,
      state: place && done[idx] && !bad.has(place.row.id) ? 'ok' : 'missing',
    }));
  };

  /** Remove the shard files of a pack wherever they can be reached, then its rows. */
  const discard = async (pack: PackRow): Promise<void> => {
    const used: LivePlace[] = [];
    for (const place of places.all()) {
      if (!places.readable(place.row.id)) continue;
      used.push(place);
      for (let idx = 0; idx < pack.k + pack.m; idx++) {
        await place.store.remove(shardName(pack, idx)).catch(() => {});
        await place.store.remove(`${shardName(pack, idx)}.part`).catch(() => {});
      }
    }
    await settle(used);
    health.forget(pack.seq);
    recovered.delete(pack.seq);
    const known = new Set(catalogue.places().map((place) => place.id));
    const away = catalogue.shards(pack.seq).some((s) => s.place && known.has(s.place) && !places.readable(s.place));
    catalogue.transaction(() => {
      // Files on a place that is away now are removed when it is back: the row stays until then.
      if (away) catalogue.packDead(pack.seq);
      else catalogue.dropPack(pack);
    });
  };

  /** Read shards of a pack into a slot; says what was found for each, tags unchecked. */
  const load = async (
    pack: PackRow,
    slot: number,
    which: readonly ShardRow[],
  ): Promise<{ have: { index: number; tag: Uint8Array }[]; missing: number[]; rotten: number[] }> => {
    const have: { index: number; tag: Uint8Array }[] = [];
    const missing: number[] = [];
    const rotten: number[] = [];
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
          if (size === null) return void missing.push(idx);
          const whole =
            size === full &&
            (await store.read(name, 0, head)) &&
            (await store.read(name, headerBytes, body)) &&
            (await store.read(name, headerBytes + pack.shardLength, tag));
          if (!whole || Buffer.compare(head, encodeShardHeader({ ...header, index: idx })) !== 0) rotten.push(idx);
          else have.push({ index: idx, tag });
        } catch (error) {
          deps.log.warn({ place, error: String(error) }, 'a shard could not be read');
          missing.push(idx);
        }
      }),
    );
    return { have, missing, rotten };
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
      if (!places.readable(shard.place)) return [];
      const state = rotten.has(shard.idx) ? 'rotten' : found.missing.includes(shard.idx) ? 'missing' : 'ok';
      return state === shard.state ? [] : [{ ...shard, state }];
    });
    note(pack, changes);
    return { ...checked, rotten, missing: found.missing, shards: catalogue.shards(pack.seq) };
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

  /** Straight from the data shards it lies on: one or two reads, checked by the chunk's own seal. */
  const readDirect = async (
    pack: PackRow,
    chunk: Pick<ChunkRow, 'offset' | 'sealed'>,
    sealed: Uint8Array,
  ): Promise<boolean> => {
    const shards = catalogue.shards(pack.seq);
    const reads: Promise<boolean>[] = [];
    for (let at = 0; at < sealed.length; ) {
      const position = chunk.offset + at;
      const shard = shards[Math.floor(position / pack.shardLength)];
      if (shard?.state !== 'ok' || !places.readable(shard.place)) return false;
      const within = position % pack.shardLength;
      const length = Math.min(sealed.length - at, pack.shardLength - within);
      const store = places.get(shard.place)?.store;
      if (!store) return false;
      reads.push(store.read(shardName(pack, shard.idx), headerBytes + within, sealed.subarray(at, at + length)));
      at += length;
    }
    const done = await Promise.all(reads.map((read) => read.catch(() => false)));
    return done.every(Boolean);
  };

  const readFrom = async (keys: VaultKeys, chunk: ChunkRow): Promise<Uint8Array> => {
    const pack = catalogue.pack(chunk.pack);
    if (!pack) throw damaged('This file');
    const key = packKey(keys.epoch(pack.epoch), pack.id);
    const position = { packId: pack.id, index: chunk.idx, codec: chunk.codec, plain: chunk.plain };
    const open = async (sealed: OpenJob['sealed']): Promise<Uint8Array | null> =>
      (await pool.run({ kind: 'open', packKey: key, position, sealed })).plain;
    if (!recovered.has(pack.seq) && chunk.sealed <= readRegionBytes) {
      const at = await reads.take();
      try {
        const direct = await readDirect(pack, chunk, arena.bytes.subarray(at, at + chunk.sealed));
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
    async write(...args: Parameters<typeof write>): Promise<PackRow> {
      const work = write(...args);
      writing.add(work);
      try {
        return await work;
      } finally {
        writing.delete(work);
      }
    },
    discard,
    examine,
    recover,
    putShard,
    settle,
    note,
    /** Resolves when the packs that are being written now are stored or given up. */
    async written(): Promise<void> {
      await Promise.allSettled(writing);
    },
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
        packKey: packKey(keys.epoch(pack.epoch), pack.id),
        position,
        sealed: payload.slice(0, pack.payload),
      });
      if (!body.plain) throw damaged('The catalogue');
      return body.plain;
    },
    forgetRecovered: () => recovered.clear(),
  };
}
