import type { StatementSync } from 'node:sqlite';
import type { Database } from '#core/store/database.ts';
import { type PlaceAddress, whereWords } from '#shared/contract/vault.ts';
import type { Codec } from '../format/chunk.ts';
import { firstEpoch } from '../format/keys.ts';
import type { PackKind } from '../format/shard.ts';
import { keptPath, pathToKeep } from '../places/directory/home-paths.ts';

export interface VaultRow {
  readonly id: Uint8Array;
  readonly k: number;
  readonly m: number;
  readonly epoch: number;
  readonly check: Uint8Array;
  readonly integrity: Uint8Array;
  readonly created: number;
  /** The generation that changes made now belong to. */
  readonly generation: number;
  /** The newest generation that lies on the places. */
  readonly published: number;
  /** The database came from an old copy: the places may know more. */
  readonly restored: boolean;
}
export interface PlaceRow {
  readonly id: string;
  readonly name: string;
  readonly address: PlaceAddress;
  /** Where it is in words, made from the address; of a directory its full path. */
  readonly path: string;
  /** What opens it, sealed (format/place-secret.ts); null when nothing is needed. */
  readonly sealed: Uint8Array | null;
  /** Empty: the person's own. */
  readonly owner: string;
  /** Empty: not said. */
  readonly site: string;
  /** Bytes that may be used there; null for no limit. */
  readonly limit: number | null;
  readonly weight: number;
  readonly device: string;
  readonly deviceName: string;
  readonly state: 'active' | 'leaving';
  readonly added: number;
  readonly checked: number | null;
}
export interface PackRow {
  readonly seq: number;
  readonly id: Uint8Array;
  readonly kind: PackKind;
  readonly state: 'writing' | 'stored' | 'dead';
  readonly dir: string;
  readonly k: number;
  readonly m: number;
  readonly epoch: number;
  readonly payload: number;
  readonly shardLength: number;
  readonly part: number;
  readonly parts: number;
  readonly generation: number;
  readonly previous: number;
  readonly created: number;
  readonly verified: number | null;
  /** Its key (format/wrapped-key.ts); null where that is derived from its epoch's. */
  readonly wrapped: Uint8Array | null;
}
export type ShardState = 'ok' | 'missing' | 'rotten';
export interface ShardRow {
  readonly idx: number;
  readonly place: string | null;
  readonly state: ShardState;
}
export interface ChunkRow {
  readonly id: Uint8Array;
  readonly pack: number;
  readonly idx: number;
  readonly offset: number;
  readonly sealed: number;
  readonly plain: number;
  readonly codec: Codec;
  readonly refs: number;
}

const packColumns =
  'seq, id, kind, state, dir, k, m, epoch, payload, shard_length AS shardLength, part, parts, generation, previous, created, verified, wrapped';
const chunkColumns = 'id, pack, idx, offset, sealed, plain, codec, refs';

export type Catalogue = ReturnType<typeof createCatalogue>;

/**
 * Typed access to the tables of schema.ts. Every writer bumps the generation of what it touches. Paths of places go in and come
 * out in full; below `home` they are written down relative to it. Addresses were checked before they go in.
 */
export function createCatalogue(database: Database, home: string) {
  const { db } = database;
  const statements = new Map<string, StatementSync>();
  const sql = (text: string): StatementSync => {
    let statement = statements.get(text);
    if (!statement) {
      statement = db.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  };
  const one = <T>(text: string, ...values: Value[]): T | null => (sql(text).get(...values) as T | undefined) ?? null;
  const all = <T>(text: string, ...values: Value[]): T[] => sql(text).all(...values) as T[];
  const run = (text: string, ...values: Value[]): number => Number(sql(text).run(...values).changes);
  const gen = '(SELECT generation FROM vault)';
  const nextSnapshot = '(SELECT next FROM snapshot_state)';
  /** What a snapshot sees of a row is kept when it changes. Twice between two snapshots is once. */
  const keepPast = (id: string): void =>
    void run(
      `INSERT INTO past_items SELECT id, born, ${nextSnapshot}, sealed, ${gen} FROM items
       WHERE id = ? AND EXISTS (SELECT 1 FROM snapshots WHERE number >= items.born)`,
      id,
    );

  return {
    database,
    transaction: database.transaction,
    one,
    all,
    run,

    vault(): VaultRow | null {
      const row = one<Omit<VaultRow, 'restored'> & { restored: number }>(
        'SELECT id, k, m, epoch, check_value AS "check", integrity, created, generation, published, restored FROM vault',
      );
      return row && { ...row, restored: row.restored === 1 };
    },
    /** Dead packs that the newest catalogue on the places names no more. Copies of the catalogue itself it never names. */
    deadAndTold: (): number[] =>
      all<{ seq: number }>(
        `SELECT seq FROM packs WHERE state = 'dead' AND (kind <> 0 OR gen <= (SELECT published FROM vault))`,
      ).map(({ seq }) => seq),
    /** The epoch that is written in now. */
    epoch: (): number => one<{ epoch: number }>('SELECT epoch FROM vault')?.epoch ?? firstEpoch,
    createVault(
      row: Pick<VaultRow, 'id' | 'k' | 'm' | 'epoch' | 'check' | 'integrity' | 'created'>,
      generation: number,
    ) {
      run(
        'INSERT INTO vault VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)',
        row.id,
        row.k,
        row.m,
        row.epoch,
        row.check,
        row.integrity,
        row.created,
        generation + 1,
        generation,
      );
    },

    /** Everything goes: the tables are as in a new database. */
    forgetVault() {
      database.transaction(() => {
        const tables = [
          'snapshots',
          'past_items',
          'past_manifests',
          'item_packs',
          'manifests',
          'items',
          'chunks',
          'shards',
          'packs',
          'gone',
          'generations',
          'old_states',
          'heads',
          'told_states',
          'places',
          'strangers',
          'upkeep_places',
          'upkeep_events',
          'watched',
          'put_sources',
          'devices_self',
          'devices_records',
          'devices_agreed',
          'devices_readings',
          'devices_intents',
          'vault',
        ];
        for (const table of tables) run(`DELETE FROM ${table}`);
        run('UPDATE lineage SET gap = 0, since = 0');
        run("UPDATE upkeep SET counts = '{}', spreading = '{}'");
        run('UPDATE snapshot_state SET next = 1, policy = NULL');
      });
    },

    places: (): PlaceRow[] =>
      all<Omit<PlaceRow, 'address'> & { address: string | null }>(
        `SELECT id, name, path, address, sealed, owner, site, room AS "limit", weight, device, device_name AS deviceName, state,
         added, checked FROM places ORDER BY added, id`,
      ).map((row) => {
        const address: PlaceAddress =
          row.address === null
            ? { kind: 'directory', path: keptPath(home, row.path) }
            : (JSON.parse(row.address) as PlaceAddress);
        return { ...row, address, path: whereWords(address) };
      }),
    putPlace(p: Omit<PlaceRow, 'path'>) {
      const { address } = p;
      run(
        `INSERT INTO places (id, name, path, address, sealed, owner, site, room, weight, device, device_name, state, added, checked, gen)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${gen}) ON CONFLICT (id) DO UPDATE SET name = excluded.name,
         path = excluded.path, address = excluded.address, sealed = excluded.sealed, owner = excluded.owner, site = excluded.site,
         room = excluded.room, weight = excluded.weight, device = excluded.device, device_name = excluded.device_name,
         state = excluded.state, checked = excluded.checked, gen = excluded.gen`,
        p.id,
        p.name,
        address.kind === 'directory' ? pathToKeep(home, address.path) : '',
        address.kind === 'directory' ? null : JSON.stringify(address),
        p.sealed,
        p.owner,
        p.site,
        p.limit,
        p.weight,
        p.device,
        p.deviceName,
        p.state,
        p.added,
        p.checked,
      );
      // One that was dropped and came back.
      run("DELETE FROM gone WHERE kind = 'place' AND id = ?", p.id);
    },
    dropPlace(id: string) {
      run('DELETE FROM places WHERE id = ?', id);
      run(`INSERT OR REPLACE INTO gone VALUES ('place', ?, ${gen})`, id);
    },

    pack: (seq: number): PackRow | null => one(`SELECT ${packColumns} FROM packs WHERE seq = ?`, seq),
    packs: (state: PackRow['state']): PackRow[] =>
      all(`SELECT ${packColumns} FROM packs WHERE state = ? ORDER BY seq`, state),
    addPack(p: Omit<PackRow, 'seq' | 'verified' | 'payload' | 'shardLength' | 'dir' | 'state'>): PackRow {
      const made = sql(
        `INSERT INTO packs (id, kind, state, dir, k, m, epoch, payload, shard_length, part, parts, generation, previous, created, gen, wrapped)
         VALUES (?, ?, 'writing', '', ?, ?, ?, 1, 32, ?, ?, ?, ?, ?, ${gen}, ?)`,
      ).run(p.id, p.kind, p.k, p.m, p.epoch, p.part, p.parts, p.generation, p.previous, p.created, p.wrapped);
      const seq = Number(made.lastInsertRowid);
      // 1,024 packs to a directory: no file system minds, and one sync covers many new names.
      const dir = p.kind === 0 ? `p/${String(Math.floor(seq / 1024)).padStart(5, '0')}` : 'c';
      run('UPDATE packs SET dir = ? WHERE seq = ?', dir, seq);
      return { ...p, seq, dir, state: 'writing', payload: 1, shardLength: 32, verified: null };
    },
    packStored(seq: number, payload: number, shardLength: number) {
      run(
        `UPDATE packs SET state = 'stored', payload = ?, shard_length = ?, gen = ${gen} WHERE seq = ?`,
        payload,
        shardLength,
        seq,
      );
    },
    packDead(seq: number) {
      run(`UPDATE packs SET state = 'dead', gen = ${gen} WHERE seq = ?`, seq);
    },
    dropPack(pack: PackRow) {
      run('DELETE FROM packs WHERE seq = ?', pack.seq);
      if (pack.kind === 0) {
        run(`INSERT OR REPLACE INTO gone VALUES ('pack', ?, ${gen})`, Buffer.from(pack.id).toString('hex'));
      }
    },
    packKey(seq: number, wrapped: Uint8Array) {
      run(`UPDATE packs SET wrapped = ?, gen = ${gen} WHERE seq = ?`, wrapped, seq);
    },
    packTouched(seq: number) {
      run(`UPDATE packs SET gen = ${gen} WHERE seq = ?`, seq);
    },
    /** These shards were read where they lie and found right; the pack is as old as the oldest look at any of its shards, once there is one at each. */
    shardsVerified(seq: number, shards: readonly Pick<ShardRow, 'idx' | 'place'>[], at: number) {
      for (const { idx, place } of shards)
        run('INSERT OR REPLACE INTO shard_checks VALUES (?, ?, ?, ?)', seq, idx, place, at);
      run(
        `UPDATE packs SET verified = coalesce((SELECT CASE WHEN count(*) = packs.k + packs.m THEN min(at) END
           FROM shards JOIN shard_checks AS seen ON seen.pack = shards.pack AND seen.idx = shards.idx AND seen.place = shards.place
           WHERE shards.pack = packs.seq AND shards.state = 'ok'), verified) WHERE seq = ?`,
        seq,
      );
    },

    shards: (pack: number): ShardRow[] => all('SELECT idx, place, state FROM shards WHERE pack = ? ORDER BY idx', pack),
    putShard(pack: number, shard: ShardRow) {
      run('INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?)', pack, shard.idx, shard.place, shard.state);
    },

    chunk: (id: Uint8Array): ChunkRow | null => one(`SELECT ${chunkColumns} FROM chunks WHERE id = ?`, id),
    chunksOf: (pack: number): ChunkRow[] => all(`SELECT ${chunkColumns} FROM chunks WHERE pack = ? ORDER BY idx`, pack),
    /** A chunk that exists already moves to its new pack and keeps its references. */
    putChunk(c: Omit<ChunkRow, 'refs'>) {
      run(
        `INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO UPDATE SET pack = excluded.pack,
         idx = excluded.idx, offset = excluded.offset, sealed = excluded.sealed, codec = excluded.codec`,
        c.id,
        c.pack,
        c.idx,
        c.offset,
        c.sealed,
        c.plain,
        c.codec,
      );
    },
    /** A chunk that is not there yet, of no file. @returns false when it is there, and stays as it is */
    addChunk(c: Omit<ChunkRow, 'refs'>): boolean {
      return (
        run(
          'INSERT INTO chunks VALUES (?, ?, ?, ?, ?, ?, ?, 0) ON CONFLICT (id) DO NOTHING',
          c.id,
          c.pack,
          c.idx,
          c.offset,
          c.sealed,
          c.plain,
          c.codec,
        ) === 1
      );
    },
    /** One reference more. @returns the chunk's pack, or null when there is no such chunk */
    refer: (id: Uint8Array): number | null =>
      one<{ pack: number }>('UPDATE chunks SET refs = refs + 1 WHERE id = ? RETURNING pack', id)?.pack ?? null,
    /** Where a chunk is, as little as looking for a copy needs. */
    holds: (id: Uint8Array): { pack: number; plain: number } | null =>
      one('SELECT pack, plain FROM chunks WHERE id = ?', id),
    /** @returns false when there is no such chunk */
    reference: (id: Uint8Array, by: number): boolean =>
      run('UPDATE chunks SET refs = refs + ? WHERE id = ?', by, id) === 1,
    dropChunk: (id: Uint8Array) => run('DELETE FROM chunks WHERE id = ?', id),

    putItem(id: string, sealed: Uint8Array) {
      keepPast(id);
      run(
        `INSERT INTO items VALUES (?, ?, ${gen}, ${nextSnapshot}) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed,
         gen = excluded.gen, born = excluded.born`,
        id,
        sealed,
      );
    },
    /** As a copy of the catalogue says it is: nothing of what was before is kept. */
    loadItem(id: string, sealed: Uint8Array, born: number) {
      run(
        `INSERT INTO items VALUES (?, ?, ${gen}, ?) ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed,
         gen = excluded.gen, born = excluded.born`,
        id,
        sealed,
        born,
      );
    },
    /** A file or folder that is new, with its manifest if it is a file. */
    addItem(id: string, sealed: Uint8Array, manifest: Uint8Array | null) {
      run(`INSERT INTO items VALUES (?, ?, ${gen}, ${nextSnapshot})`, id, sealed);
      if (manifest) run(`INSERT INTO manifests VALUES (?, ?, ${gen})`, id, manifest);
    },
    /** @returns whether a snapshot still sees some version of it: its manifest, and with it what it refers to, is kept then */
    dropItem(id: string): boolean {
      keepPast(id);
      const kept = one('SELECT 1 FROM past_items WHERE item = ?', id) !== null;
      if (kept)
        run(`INSERT OR IGNORE INTO past_manifests SELECT item, sealed, ${gen} FROM manifests WHERE item = ?`, id);
      run('DELETE FROM items WHERE id = ?', id);
      run(`INSERT OR REPLACE INTO gone VALUES ('item', ?, ${gen})`, id);
      return kept;
    },
    manifest: (item: string): Uint8Array | null =>
      one<{ sealed: Uint8Array }>('SELECT sealed FROM manifests WHERE item = ?', item)?.sealed ?? null,
    pastManifest: (item: string): Uint8Array | null =>
      one<{ sealed: Uint8Array }>('SELECT sealed FROM past_manifests WHERE item = ?', item)?.sealed ?? null,
    putManifest(item: string, sealed: Uint8Array) {
      run(`INSERT OR REPLACE INTO manifests VALUES (?, ?, ${gen})`, item, sealed);
    },
    linkPack: (item: string, pack: number) => run('INSERT OR IGNORE INTO item_packs VALUES (?, ?)', item, pack),
  };
}

type Value = string | number | null | Uint8Array;
