import { type CatalogueRecord, decodeCatalogue } from '../format/catalogue.ts';
import type { VaultKeys } from '../format/keys.ts';
import { decodeManifest } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import { decodeShardHeader, encodeShardHeader, headerBytes, packKinds, type ShardHeader } from '../format/shard.ts';
import type { Catalogue, PackRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import type { Packs } from './packs.ts';
import { applyPast, relinkPast } from './past.ts';

/** A catalogue pack found on the places, and which of its shards were seen where. */
interface Found {
  readonly header: ShardHeader;
  readonly shards: Map<number, string>;
}

/**
 * Look through `c/` on every reachable place. Shards of another vault or that make no sense are left alone; of shards that
 * bear one id and say different things of it, those that most agree on count.
 */
export async function findCatalogues(engine: Pick<Engine, 'places'>, vaultId: Uint8Array): Promise<Found[]> {
  const found = new Map<string, Found>();
  for (const place of engine.places.all()) {
    if (!engine.places.readable(place.row.id)) continue;
    for (const name of await place.store.list('c').catch(() => [])) {
      const parts = /^c\/([0-9a-f]{32})\.(\d\d)$/.exec(name);
      if (!parts) continue;
      const head = new Uint8Array(headerBytes);
      const read = await place.store.read(name, 0, head).catch(() => false);
      const header = read ? decodeShardHeader(head) : null;
      if (!header || header.kind === packKinds.data || Buffer.compare(header.vaultId, vaultId) !== 0) continue;
      if (parts[1] !== Buffer.from(header.packId).toString('hex') || Number(parts[2]) !== header.index) continue;
      const key = Buffer.from(encodeShardHeader({ ...header, index: 0 })).toString('hex');
      const entry = found.get(key) ?? { header, shards: new Map<number, string>() };
      entry.shards.set(header.index, place.row.id);
      found.set(key, entry);
    }
  }
  const best = new Map<string, Found>();
  for (const entry of found.values()) {
    const id = Buffer.from(entry.header.packId).toString('hex');
    if (entry.shards.size > (best.get(id)?.shards.size ?? 0)) best.set(id, entry);
  }
  return [...best.values()];
}

/**
 * The places hold a catalogue that is newer than this one ever wrote: the database went back in time (its log was lost, or
 * a file out of a backup took its place) without SQLite finding anything wrong.
 */
export async function isBehind(engine: Pick<Engine, 'places' | 'catalogue'>): Promise<boolean> {
  const { catalogue } = engine;
  const vault = catalogue.vault();
  if (!vault || vault.published === 0) return false;
  const newer = (await findCatalogues(engine, vault.id)).filter((f) => f.header.generation > vault.published);
  // One that was being written when the agent stopped is known by its row.
  return newer.some((f) => catalogue.one('SELECT 1 FROM packs WHERE id = ?', f.header.packId) === null);
}

export interface RebuildResult {
  /** The generation that was reached; 0 when the places hold no readable catalogue. */
  readonly generation: number;
  /** A newer generation was seen but cannot be read with the places that are here. */
  readonly incomplete: boolean;
  readonly items: number;
  /** Items left out because they cannot be opened. */
  readonly unreadable: number;
}

/**
 * As {@link rebuildOnce}, again while what was read names places that can be read too: what opens a server comes with the
 * catalogue, so that some places bring the rest.
 */
export async function rebuild(engine: Engine, packs: Packs, keys: VaultKeys, atLeast: number): Promise<RebuildResult> {
  const { catalogue, places } = engine;
  const gap = catalogue.one<{ gap: number }>('SELECT gap FROM lineage')?.gap ?? 0;
  const readable = (): number => places.all().filter((place) => places.readable(place.row.id)).length;
  for (;;) {
    places.learn(keys);
    await places.refresh();
    const before = readable();
    const result = await rebuildOnce(engine, packs, keys, atLeast);
    if (readable() <= before) return result;
    // What this round could not read, the next one may.
    catalogue.run('UPDATE lineage SET gap = ?', gap);
  }
}

/**
 * Fill the catalogue (its vault and places rows exist) from the copies on the places: the newest base that can be read
 * and the deltas that follow it, applied in one transaction.
 */
async function rebuildOnce(engine: Engine, packs: Packs, keys: VaultKeys, atLeast: number): Promise<RebuildResult> {
  const { catalogue, places, deps, health, arena } = engine;
  const vault = catalogue.vault();
  if (!vault) throw new Error('no vault row');
  const found = await findCatalogues(engine, vault.id);
  const newest = Math.max(0, ...found.map((f) => f.header.generation));
  // Of what is published from here on, all is known; what others may have published is not.
  catalogue.run('UPDATE lineage SET since = ?', atLeast);
  if (newest <= atLeast) return { generation: atLeast, incomplete: false, items: 0, unreadable: 0 };

  let epoch = catalogue.epoch();
  const read = async (f: Found): Promise<CatalogueRecord[] | null> => {
    // A header is only what a place says: shards longer than a slot has room for would be read over their neighbours.
    if ((f.header.k + f.header.m) * f.header.shardLength > arena.slotBytes) {
      deps.log.warn(
        { shardLength: f.header.shardLength },
        'a copy of the catalogue does not fit any pack of this vault',
      );
      return null;
    }
    const row = adoptPack(catalogue, f);
    try {
      const records = decodeCatalogue(await packs.readBody(keys, row));
      // What opens under the keys of an epoch was written by who had them: the epoch has begun.
      if (records) epoch = Math.max(epoch, row.epoch);
      return records;
    } catch (error) {
      deps.log.warn({ error: String(error) }, 'a copy of the catalogue cannot be read');
      return null;
    }
  };
  const whole = async (group: Found[]): Promise<CatalogueRecord[] | null> => {
    const parts = group[0]?.header.parts ?? 0;
    const records: CatalogueRecord[] = [];
    for (let part = 0; part < parts; part++) {
      let got: CatalogueRecord[] | null = null;
      for (const f of group.filter((g) => g.header.part === part && g.header.parts === parts)) got ??= await read(f);
      if (!got) return null;
      for (const record of got) records.push(record);
    }
    return records;
  };

  const groups = (kind: number): Found[][] => {
    const by = new Map<string, Found[]>();
    for (const f of found.filter((g) => g.header.kind === kind)) {
      const key = `${f.header.generation}:${f.header.previous}`;
      by.set(key, [...(by.get(key) ?? []), f]);
    }
    return [...by.values()].sort((a, b) => (b[0]?.header.generation ?? 0) - (a[0]?.header.generation ?? 0));
  };

  let generation = 0;
  const layers: CatalogueRecord[][] = [];
  for (const group of groups(packKinds.base)) {
    const records = await whole(group);
    if (!records) continue;
    layers.push(records);
    generation = group[0]?.header.generation ?? 0;
    break;
  }
  if (generation > 0) {
    const deltas = groups(packKinds.delta);
    for (;;) {
      let next: CatalogueRecord[] | null = null;
      for (const group of deltas) {
        const header = group[0]?.header;
        if (!header || header.previous > generation || header.generation <= generation) continue;
        next = await whole(group);
        if (!next) continue;
        generation = header.generation;
        layers.push(next);
        break;
      }
      if (!next) break;
    }
  }
  if (generation <= atLeast) {
    // What is newer and cannot be read may name shards that this catalogue knows nothing of: none of those is swept.
    catalogue.run('UPDATE lineage SET gap = max(gap, 1)');
    return { generation: atLeast, incomplete: newest > atLeast, items: 0, unreadable: 0 };
  }

  const counts = catalogue.transaction(() => {
    for (const table of ['item_packs', 'manifests', 'items', 'chunks', 'past_items', 'past_manifests', 'snapshots'])
      catalogue.run(`DELETE FROM ${table}`);
    // A pack that was dropped never comes back; of the rest, the places know better.
    catalogue.run(`DELETE FROM gone WHERE kind <> 'pack'`);
    catalogue.run('DELETE FROM packs WHERE kind = 0');
    catalogue.run('UPDATE vault SET generation = ?, published = ?, epoch = ?', generation, generation, epoch);
    keys.begin(epoch);
    for (const records of layers) for (const record of records) apply(catalogue, record, atLeast === 0);
    const result = relink(catalogue, keys);
    relinkPast(catalogue, keys);
    catalogue.run('UPDATE lineage SET since = ?, gap = max(gap, ?)', generation, newest > generation ? 1 : 0);
    catalogue.run('UPDATE vault SET generation = ?, restored = 0', Math.max(generation, newest) + 1);
    return result;
  });
  health.load();
  // Places that were not known, with what opens them.
  places.learn(keys);
  await places.refresh();
  return { generation, incomplete: newest > generation, ...counts };
}

/** A row for a catalogue pack seen on the places, so that the usual reader can read it. */
function adoptPack(catalogue: Catalogue, f: Found): PackRow {
  const h = f.header;
  return catalogue.transaction(() => {
    const there = catalogue.one<{ seq: number }>('SELECT seq FROM packs WHERE id = ?', h.packId);
    if (there) {
      const row = catalogue.pack(there.seq);
      for (const { idx, place } of row ? catalogue.shards(row.seq) : []) {
        const found = place === null ? f.shards.get(idx) : undefined;
        if (row && found !== undefined) catalogue.putShard(row.seq, { idx, place: found, state: 'ok' });
      }
      if (row) return row;
    }
    const { kind, k, m, epoch, part, parts, generation, previous } = h;
    const row = catalogue.addPack({
      ...{ id: h.packId, kind, k, m, epoch, part, parts, generation, previous },
      created: 0,
      wrapped: null,
    });
    catalogue.packStored(row.seq, h.payload, h.shardLength);
    for (let idx = 0; idx < k + m; idx++) {
      const place = f.shards.get(idx) ?? null;
      catalogue.putShard(row.seq, { idx, place, state: place ? 'ok' : 'missing' });
    }
    return { ...row, state: 'stored', payload: h.payload, shardLength: h.shardLength };
  });
}

/** `typed`: the places that the catalogue knows are those that the person named just now. */
function apply(catalogue: Catalogue, record: CatalogueRecord, typed: boolean): void {
  switch (record[0]) {
    case 'place': {
      const [, id, name, path, device, deviceName, state, added, more] = record;
      const known = catalogue.places().find((p) => p.id === id);
      const { owner = '', site = '', limit = null, weight = 1 } = more ?? {};
      const address = more?.address ?? ({ kind: 'directory', path } as const);
      // Where a place is found now is truer than where it was. Of a server that holds for what was just typed alone.
      const here = known && (known.address.kind === 'directory' || typed) ? known : null;
      catalogue.putPlace({
        id,
        name,
        address: here?.address ?? address,
        sealed: here?.sealed ?? more?.sealed ?? null,
        owner,
        site,
        limit,
        weight,
        device: known?.device ?? device,
        deviceName: known?.deviceName ?? deviceName,
        state: state === 'leaving' ? 'leaving' : 'active',
        added,
        checked: null,
      });
      return;
    }
    case 'pack': {
      const [, id, dir, k, m, epoch, payload, shardLength, created, shards, chunks, wrapped = null] = record;
      dropPack(catalogue, Buffer.from(id).toString('hex'));
      const row = catalogue.addPack({
        id,
        kind: 0,
        k,
        m,
        epoch,
        part: 0,
        parts: 1,
        generation: 0,
        previous: 0,
        created,
        wrapped,
      });
      catalogue.run('UPDATE packs SET dir = ? WHERE seq = ?', dir, row.seq);
      catalogue.packStored(row.seq, payload, shardLength);
      shards.forEach(([place, state], idx) => {
        catalogue.putShard(row.seq, { idx, place, state });
      });
      for (const [chunk, idx, offset, sealed, plain, codec] of chunks) {
        catalogue.putChunk({ id: chunk, pack: row.seq, idx, offset, sealed, plain, codec });
      }
      return;
    }
    case 'item':
      catalogue.loadItem(record[1], record[2], record[3] ?? 1);
      return;
    case 'manifest':
      // Its item comes in the same layer or an earlier one; one without is left out.
      if (catalogue.one('SELECT 1 FROM items WHERE id = ?', record[1])) catalogue.putManifest(record[1], record[2]);
      return;
    case 'snapshot':
    case 'past':
    case 'past-manifest':
      applyPast(catalogue, record);
      return;
    case 'gone':
      if (record[1] === 'snapshot') catalogue.run('DELETE FROM snapshots WHERE number = ?', Number(record[2]));
      else if (record[1] === 'item') catalogue.run('DELETE FROM items WHERE id = ?', record[2]);
      else if (record[1] === 'pack') {
        dropPack(catalogue, record[2]);
        catalogue.run(`INSERT OR REPLACE INTO gone VALUES ('pack', ?, 0)`, record[2]);
      } else catalogue.run('DELETE FROM places WHERE id = ?', record[2]);
  }
}

function dropPack(catalogue: Catalogue, hexId: string): void {
  const row = catalogue.one<{ seq: number }>('SELECT seq FROM packs WHERE id = ?', Buffer.from(hexId, 'hex'));
  if (!row) return;
  catalogue.run('DELETE FROM chunks WHERE pack = ?', row.seq);
  catalogue.run('DELETE FROM packs WHERE seq = ?', row.seq);
}

/** Count references and link items to packs anew, from the manifests. */
function relink(catalogue: Catalogue, keys: VaultKeys): { items: number; unreadable: number } {
  let unreadable = 0;
  for (const { item, sealed } of catalogue.all<{ item: string; sealed: Uint8Array }>(
    'SELECT item, sealed FROM manifests',
  )) {
    const plain = openRow(keys, 'manifest', item, sealed);
    const manifest = plain && decodeManifest(plain);
    if (!manifest) {
      unreadable++;
      continue;
    }
    for (const { id } of manifest.chunks) {
      const chunk = catalogue.chunk(id);
      if (!chunk) continue;
      catalogue.reference(id, 1);
      catalogue.linkPack(item, chunk.pack);
    }
  }
  const items = catalogue.one<{ n: number }>('SELECT count(*) AS n FROM items')?.n ?? 0;
  return { items, unreadable };
}
