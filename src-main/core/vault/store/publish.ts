import { DatabaseSync } from 'node:sqlite';
import type { PlaceAddress } from '#shared/contract/vault.ts';
import { notCopied } from '../failures.ts';
import { type CatalogueRecord, encodeCatalogue, type PackedRecords, packRecords } from '../format/catalogue.ts';
import { type Codec, sealOverhead } from '../format/chunk.ts';
import { encodeHead, type SignedHead } from '../format/head.ts';
import type { VaultKeys } from '../format/keys.ts';
import { packKinds, wholePayload } from '../format/shard.ts';
import { packCapacity } from '../pool/arena.ts';
import type { Catalogue, PackRow, PlaceRow, ShardRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { mustKeep } from './fork.ts';
import { keepHead, nextHead } from './heads.ts';
import { noteAcknowledged } from './old-states.ts';
import type { Packs } from './packs.ts';

/** Plain bytes gathered in one part of a published catalogue; its sealed form must fit a pack. */
const partBytes = 1024 * 1024;

/** A file's manifest is one record of the published catalogue, and must fit one pack of it. */
export const manifestFits = (chunks: number, vault: { readonly k: number; readonly m: number }): boolean =>
  chunks * 36 + 65_536 <= packCapacity(vault.k, vault.m);

/** Reads what changed after `since` (0: everything) and still exists, as records, in an order that can be applied. */
export function* changedRecords(db: DatabaseSync, since: number): Generator<CatalogueRecord> {
  const rows = <T>(text: string): Iterable<T> => db.prepare(text).iterate(since) as Iterable<T>;
  for (const p of rows<Omit<PlaceRow, 'address'> & { address: string | null }>(
    `SELECT id, name, path, address, sealed, owner, site, room AS "limit", weight, device, device_name AS deviceName, state, added
     FROM places WHERE gen > ?`,
  )) {
    const { address, sealed, owner, site, limit, weight } = p;
    const plain = [p.id, p.name, p.path, p.device, p.deviceName, p.state, p.added] as const;
    // As the first release wrote it, and reads it, where there is nothing more to say.
    const usual = address === null && sealed === null && `${owner}${site}` === '' && limit === null && weight === 1;
    if (usual) yield ['place', ...plain];
    else {
      const where = address === null ? {} : { address: JSON.parse(address) as PlaceAddress };
      yield ['place', ...plain, { ...where, ...(sealed === null ? {} : { sealed }), owner, site, limit, weight }];
    }
  }
  const shards = db.prepare('SELECT idx, place, state FROM shards WHERE pack = ? ORDER BY idx');
  const chunks = db.prepare('SELECT id, idx, offset, sealed, plain, codec FROM chunks WHERE pack = ? ORDER BY idx');
  for (const p of rows<PackRow & { shard_length: number }>(
    `SELECT seq, id, dir, k, m, epoch, payload, shard_length, created, wrapped FROM packs WHERE gen > ? AND kind = 0 AND state = 'stored' ORDER BY seq`,
  )) {
    const columns = [
      'pack',
      p.id,
      p.dir,
      p.k,
      p.m,
      p.epoch,
      p.payload,
      p.shard_length,
      p.created,
      (shards.all(p.seq) as unknown as ShardRow[]).map((s) => [s.place, s.state]),
      (chunks.all(p.seq) as unknown as ChunkColumns[]).map((c) => [c.id, c.idx, c.offset, c.sealed, c.plain, c.codec]),
    ] satisfies CatalogueRecord;
    yield p.wrapped === null ? columns : [...columns, p.wrapped];
  }
  for (const r of rows<{ id: string; sealed: Uint8Array; born: number }>(
    'SELECT id, sealed, born FROM items WHERE gen > ?',
  )) {
    yield r.born === 1 ? ['item', r.id, r.sealed] : ['item', r.id, r.sealed, r.born];
  }
  for (const r of rows<{ item: string; sealed: Uint8Array }>('SELECT item, sealed FROM manifests WHERE gen > ?')) {
    yield ['manifest', r.item, r.sealed];
  }
  for (const r of rows<{ number: number; sealed: Uint8Array }>(
    'SELECT number, sealed FROM snapshots WHERE gen > ? AND sealed IS NOT NULL',
  )) {
    yield ['snapshot', r.number, r.sealed];
  }
  for (const r of rows<{ item: string; born: number; died: number; sealed: Uint8Array }>(
    'SELECT item, born, died, sealed FROM past_items WHERE gen > ?',
  )) {
    yield ['past', r.item, r.born, r.died, r.sealed];
  }
  for (const r of rows<{ item: string; sealed: Uint8Array }>('SELECT item, sealed FROM past_manifests WHERE gen > ?')) {
    yield ['past-manifest', r.item, r.sealed];
  }
  for (const r of rows<{ kind: 'item' | 'pack' | 'place' | 'snapshot'; id: string }>(
    'SELECT kind, id FROM gone WHERE gen > ?',
  )) {
    yield ['gone', r.kind, r.id];
  }
}

interface ChunkColumns {
  id: Uint8Array;
  idx: number;
  offset: number;
  sealed: number;
  plain: number;
  codec: Codec;
}

const roughSize = (r: CatalogueRecord): number =>
  r[0] === 'pack' ? 190 + r[10].length * 60 : (r[0] === 'place' ? 600 : 120) + (sealedOf(r)?.length ?? 0);

const sealedOf = (r: CatalogueRecord): Uint8Array | null | undefined =>
  r[0] === 'past' ? r[4] : r[0] === 'place' ? r[8]?.sealed : r[0] === 'gone' || r[0] === 'pack' ? null : r[2];

/** Records in lists of about {@link partBytes}. A single record may be larger (the manifest of a huge file). */
export function* inParts(records: Iterable<CatalogueRecord>): Generator<CatalogueRecord[]> {
  let part: CatalogueRecord[] = [];
  let size = 0;
  for (const record of records) {
    if (part.length > 0 && size + roughSize(record) > partBytes) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(record);
    size += roughSize(record);
  }
  yield part;
}

/** Parts that are held in memory, packed, until it is known how many there are. */
const heldParts = 16;

/**
 * Pack records part by part. Each part says how many there are, which is known at the end only: a few are kept until then,
 * so that most catalogues are read once. Of more, `read` is asked a second time.
 */
export function packParts(read: () => Iterable<CatalogueRecord[]>): {
  parts: number;
  bodies: Iterable<PackedRecords>;
} {
  const held: PackedRecords[] = [];
  let parts = 0;
  for (const records of read()) {
    parts++;
    if (parts <= heldParts) held.push(packRecords(records));
    else held.length = 0;
  }
  if (parts <= heldParts) return { parts, bodies: held };
  return {
    parts,
    bodies: (function* packed() {
      for (const records of read()) yield packRecords(records);
    })(),
  };
}

export interface Publisher {
  /**
   * Bring the places' copy of the catalogue up to date. Calls while one is under way join the next.
   *
   * @returns false when there are no keys to seal it with: what it still names must not be deleted then
   */
  publish(): Promise<boolean>;
  /** Write the whole catalogue anew, for places that have none (after adding or repairing). */
  publishBase(): Promise<boolean>;
  /** The newest pack that a catalogue on the places may name: `seq`. */
  newest(): number;
}

/**
 * Keeps a sealed copy of the catalogue on the places, erasure-coded like data: a base, then deltas. Together with the
 * phrase it rebuilds everything. After a while the deltas outweigh the base and a new base replaces all.
 */
export function createPublisher(engine: Engine, packs: Packs, keys: () => VaultKeys | null): Publisher {
  const { catalogue, arena, slots, deps } = engine;
  const lastPack = (): number => catalogue.one<{ seq: number | null }>('SELECT max(seq) AS seq FROM packs')?.seq ?? 0;
  let newest = lastPack();
  let tail: Promise<void> = Promise.resolve();
  let queued: Promise<boolean> | null = null;

  const older = (): PackRow[] => catalogue.packs('stored').filter((pack) => pack.kind !== packKinds.data);

  /** Of some copy that others follow on too little is left: what is written next must not follow on it. */
  const isBroken = (): boolean =>
    catalogue.one(
      `SELECT 1 FROM packs WHERE kind <> 0 AND state = 'stored'
       AND (SELECT count(*) FROM shards WHERE pack = seq AND state = 'ok') < k`,
    ) !== null;

  const publishNow = async (forceBase: boolean): Promise<boolean> => {
    const vault = catalogue.vault();
    const k = keys();
    if (!vault || !k) return false;
    const before = older();
    const bases = before.filter((p) => p.kind === packKinds.base);
    const deltas = before.filter((p) => p.kind === packKinds.delta);
    const weight = (list: PackRow[]): number => list.reduce((sum, p) => sum + p.payload, 0);
    const isBase =
      forceBase ||
      bases.length === 0 ||
      isBroken() ||
      deltas.length > 64 ||
      weight(deltas) > Math.max(1 << 20, weight(bases));
    const since = isBase ? 0 : vault.published;
    const generation = vault.generation;
    const reader = snapshotReader(catalogue);
    newest = lastPack();
    const written: PackRow[] = [];
    try {
      if (!isBase && !hasChanges(reader.db, since)) {
        // What is dead now no file of the copy on the places refers to: of files nothing has changed.
        catalogue.run(`UPDATE packs SET gen = ? WHERE state = 'dead' AND gen > ?`, since, since);
        return true;
      }
      // From here on changes belong to the next generation.
      catalogue.run('UPDATE vault SET generation = ?', generation + 1);
      const { parts, bodies } = packParts(() => inParts(changedRecords(reader.db, since)));
      const digests: Uint8Array[] = [];
      let head: SignedHead | null = null;
      let part = 0;
      for (const packed of bodies) {
        digests.push(packed.digest);
        if (part === parts - 1) head = nextHead(catalogue, k, deps.host.now(), isBase, since, generation, digests);
        const sealed = (least: number): number => wholePayload(least + sealOverhead, vault.k) - sealOverhead;
        const body = encodeCatalogue(packed, head ? encodeHead(head) : undefined, sealed);
        const slot = await slots.take();
        try {
          // The body is read from one end of the slot before the sealed pack is written to it.
          const at = slot + arena.slotBytes - Math.ceil(body.length / 32) * 32;
          if (body.length > packCapacity(vault.k, vault.m))
            throw new RangeError('a part of the catalogue is too large');
          arena.bytes.set(body, at);
          const meta = {
            kind: isBase ? packKinds.base : packKinds.delta,
            part,
            parts,
            generation,
            previous: isBase ? 0 : since,
            compress: false,
          };
          written.push(await packs.write(k, [{ at, length: body.length }], meta, slot));
        } finally {
          slots.give(slot);
        }
        part++;
      }
      catalogue.transaction(() => {
        catalogue.run('UPDATE vault SET published = ?, restored = 0', generation);
        noteAcknowledged(catalogue, generation, deps.host.now(), written);
        keepHead(catalogue, vault.id, head);
      });
    } catch (error) {
      for (const pack of written) await packs.discard(pack, true).catch(() => {});
      throw notCopied(error);
    } finally {
      reader.close();
    }
    deps.probe?.('published');
    if (isBase) {
      // What came before a copy of the data directory, the copy may need yet.
      const keep = await mustKeep(engine);
      for (const pack of before) {
        catalogue.packDead(pack.seq);
        if (keep) engine.health.forget(pack.seq);
        else await packs.discard(pack);
      }
    }
    return true;
  };

  const enqueue = (base: boolean): Promise<boolean> => {
    const next = tail.then(() => publishNow(base));
    tail = next.then(
      () => {},
      () => {},
    );
    return next;
  };

  return {
    publish() {
      if (queued) return queued;
      const mine = tail.then(() => {
        queued = null;
        return publishNow(false);
      });
      queued = mine;
      tail = mine.then(
        () => {},
        () => {},
      );
      return mine;
    },
    publishBase: () => enqueue(true),
    newest: () => newest,
  };
}

function hasChanges(db: DatabaseSync, since: number): boolean {
  for (const _ of changedRecords(db, since)) return true;
  return false;
}

/** A second connection that sees the catalogue as it is now, whatever is written meanwhile. */
function snapshotReader(catalogue: Catalogue): { db: DatabaseSync; close(): void } {
  const row = catalogue.one<{ file: string }>("SELECT file FROM pragma_database_list WHERE name = 'main'");
  const db = new DatabaseSync(row?.file ?? '', { readOnly: true, timeout: 5_000 });
  db.exec('BEGIN');
  db.prepare('SELECT count(*) FROM vault').get();
  return {
    db,
    close() {
      db.close();
    },
  };
}
