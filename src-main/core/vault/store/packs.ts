import { diskFull, notEnoughPlaces } from '../failures.ts';
import { packKey, type VaultKeys } from '../format/keys.ts';
import { headerBytes, type PackKind, tagBytes } from '../format/shard.ts';
import { wrapPackKey } from '../format/wrapped-key.ts';
import { fullBelow } from '../places/inspect.ts';
import { candidateOf, isFull, type LivePlace } from '../places/places.ts';
import { choosePlaces } from '../places/safety.ts';
import { imageStride } from '../pool/arena.ts';
import type { PackResult } from '../pool/jobs.ts';
import type { PackRow, ShardRow, VaultRow } from './catalogue.ts';
import { type Engine, shardName } from './engine.ts';
import { forkKnown } from './fork.ts';
import { createPackReader } from './read-pack.ts';

export interface PackMeta {
  readonly kind: PackKind;
  readonly part: number;
  readonly parts: number;
  readonly generation: number;
  readonly previous: number;
  readonly compress: boolean;
}
export const dataPack: PackMeta = { kind: 0, part: 0, parts: 1, generation: 0, previous: 0, compress: true };

/** What happens while a pack is written. */
export interface PackSteps {
  /** All of it is in the slot: the chunks' regions may be used for something else. Once. */
  sealed?(): void;
  /** In the transaction that makes the pack part of the vault. */
  commit?(pack: PackRow, result: PackResult): void;
  /** That transaction comes next: what is added to the group from now on comes with it or after it. */
  recording?(pack: PackRow): void;
  /** The slot may be used for something else, which may be before the pack is durable. Once. */
  emptied?(): void;
}

/** Shards that must be stored before a pack counts: one more than is needed to read it, where there is parity at all. */
export const leastShards = (k: number, m: number): number => k + Math.min(1, m);

export type Packs = ReturnType<typeof createPacks>;

/** Writes packs durably and reads them back from any k healthy shards. */
export function createPacks(engine: Engine, vault: VaultRow) {
  const { deps, catalogue, places, health, arena, pool, group } = engine;
  const probe = deps.probe ?? (() => {});
  const writing = new Set<Promise<PackRow>>();

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
  const reader = createPackReader(engine, vault, note);

  const putShard = async (
    place: LivePlace,
    pack: PackRow,
    idx: number,
    parts: readonly Uint8Array[],
    taken?: () => void,
  ): Promise<boolean> => {
    try {
      await place.store.put(shardName(pack, idx), parts, taken);
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
   * all of those whose places are healthy, and its rows too.
   *
   * @throws Fail NOT_ENOUGH_PLACES, DISK_FULL; nothing of the pack stays then
   */
  const write = async (
    keys: VaultKeys,
    chunks: readonly { at: number; length: number }[],
    meta: PackMeta,
    slot: number,
    { sealed, commit, recording, emptied = () => {} }: PackSteps = {},
  ): Promise<PackRow> => {
    const { k, m } = vault;
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
    const created = deps.host.now();
    // A copy of the catalogue must be read by who has the phrase alone; of data the catalogue has the keys.
    const own = kind === dataPack.kind ? deps.host.random(32) : null;
    const journalled = await group.add({
      apply() {
        // Not before: an epoch that has begun meanwhile counts.
        const epoch = catalogue.epoch();
        const wrapped = own && wrapPackKey(keys, deps.host.random, id, own, epoch);
        const row = catalogue.addPack({ id, kind, k, m, epoch, part, parts, generation, previous, created, wrapped });
        targets.forEach((place, idx) => {
          catalogue.putShard(row.seq, { idx, place: place?.row.id ?? null, state: 'missing' });
        });
        return row;
      },
    });
    probe('pack-journalled');
    let pack = journalled;
    const { epoch } = journalled;
    try {
      // No shard is on a place that its row, after a power cut, would not tell of.
      const known = group.settled();
      known.catch(() => {});
      const result = await pool.run({
        kind: 'pack',
        at: Uint32Array.from(chunks, (chunk) => chunk.at),
        length: Uint32Array.from(chunks, (chunk) => chunk.length),
        compress: meta.compress,
        slot,
        slotBytes: arena.slotBytes,
        packKey: own ?? packKey(keys.epoch(epoch), id),
        integrityKey: vault.integrity,
        header: { kind, k, m, vaultId: vault.id, packId: id, epoch, part, parts, generation, previous },
      });
      sealed?.();
      await known;
      pack = { ...journalled, payload: result.payload, shardLength: result.shardLength };
      const stored = await placeShards(pack, slot, targets, emptied);
      const ok = stored.filter((s) => s.state === 'ok').length;
      if (ok < need) throw tooFew(need);
      probe('pack-durable');
      const committing = group.add({
        apply() {
          catalogue.packStored(pack.seq, result.payload, result.shardLength);
          for (const shard of stored) catalogue.putShard(pack.seq, shard);
          commit?.(pack, result);
        },
        committed: () => health.update(pack, stored),
      });
      recording?.(pack);
      await committing;
    } catch (error) {
      await discard(pack).catch(() => {});
      throw error;
    }
    // It is part of the vault now, whatever the disk says.
    probe('pack-committed');
    await group.settled();
    return { ...pack, state: 'stored' };
  };

  const tooFew = (need: number): Error => {
    const full = places.all().filter((p) => p.health === 'full');
    if (full.length > 0) {
      const kept = full.some((p) => p.free !== null && p.free < fullBelow);
      return diskFull(
        full.map((p) => p.row.name),
        kept ? fullBelow : null,
      );
    }
    return notEnoughPlaces(places.writable().length, need);
  };

  const placeShards = async (
    pack: PackRow,
    slot: number,
    targets: readonly (LivePlace | null)[],
    emptied: () => void,
  ): Promise<ShardRow[]> => {
    const file = (idx: number): Uint8Array => {
      const at = slot + idx * imageStride(pack.shardLength);
      return arena.bytes.subarray(at, at + headerBytes + pack.shardLength + tagBytes);
    };
    const held: (LivePlace | null)[] = [...targets];
    const inSlot = new Set(held.keys());
    const leave = (idx: number): void => {
      if (inSlot.delete(idx) && inSlot.size === 0) emptied();
    };
    const putOne = async (place: LivePlace | null, idx: number): Promise<boolean> => {
      try {
        if (place && (await putShard(place, pack, idx, [file(idx)], () => leave(idx)))) return true;
        if (!place || !inSlot.has(idx)) return false;
        // A place failed: a spare one takes its shard, if there is one and the shard is still in memory.
        const taken = held.filter((p) => p !== null).map(candidateOf);
        const spare = choosePlaces(places.writable(), 1, taken)[0]?.place;
        if (!spare) return false;
        held[idx] = spare;
        return await putShard(spare, pack, idx, [file(idx)], () => leave(idx));
      } finally {
        leave(idx);
      }
    };
    const done = await Promise.all(targets.map(putOne));
    const bad = await settle(held.filter((place, idx) => place !== null && done[idx]) as LivePlace[]);
    return held.map((place, idx) => ({
      idx,
      place: place?.row.id ?? null,
      state: place && done[idx] && !bad.has(place.row.id) ? 'ok' : 'missing',
    }));
  };

  /**
   * Remove the shard files of a pack wherever they can be reached, then its rows. While another agent is known to write to the
   * places, only what was made just now and nobody else can know (`fresh`): it stays for the other, and dead here.
   */
  const discard = async (pack: PackRow, fresh = pack.state === 'writing'): Promise<void> => {
    if (!fresh && forkKnown(engine)) {
      catalogue.packDead(pack.seq);
      health.forget(pack.seq);
      reader.forget(pack.seq);
      return;
    }
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
    reader.forget(pack.seq);
    const known = new Set(catalogue.places().map((place) => place.id));
    const away = catalogue.shards(pack.seq).some((s) => s.place && known.has(s.place) && !places.readable(s.place));
    catalogue.transaction(() => {
      // Files on a place that is away now are removed when it is back: the row stays until then.
      if (away) catalogue.packDead(pack.seq);
      else catalogue.dropPack(pack);
    });
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
    ...reader,
    discard,
    putShard,
    settle,
    note,
    /** Resolves when the packs that are being written now are stored or given up. */
    async written(): Promise<void> {
      await Promise.allSettled(writing);
    },
  };
}
