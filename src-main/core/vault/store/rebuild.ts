import type { CatalogueRecord } from '../format/catalogue.ts';
import type { VaultKeys } from '../format/keys.ts';
import { decodeManifest } from '../format/manifest.ts';
import { openRow } from '../format/row.ts';
import { decodeShardHeader, encodeShardHeader, headerBytes, packKinds } from '../format/shard.ts';
import type { Catalogue, PackRow } from './catalogue.ts';
import type { Engine } from './engine.ts';
import { adoptHead } from './heads.ts';
import type { Packs } from './packs.ts';
import { applyPast, relinkPast } from './past.ts';
import { type Found, readCopies } from './read-copies.ts';

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
  /** Copies were seen that can be read and belong to another state than the one that was reached. */
  readonly mixed: boolean;
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
  const { catalogue, places, health } = engine;
  const vault = catalogue.vault();
  if (!vault) throw new Error('no vault row');
  const found = await findCatalogues(engine, vault.id);
  const said = Math.max(0, ...found.map((f) => f.header.generation));
  // Of what is published from here on, all is known; what others may have published is not.
  catalogue.run('UPDATE lineage SET since = ?', atLeast);
  const nothing = { generation: atLeast, incomplete: false, mixed: false, items: 0, unreadable: 0 };
  if (said <= atLeast) return nothing;

  const copies = await readCopies(engine, packs, keys, found, (f) => adoptPack(catalogue, f));
  const { layers, generation, newest, strange, head } = copies;
  const mixed = strange.length > 0;
  const epoch = Math.max(catalogue.epoch(), copies.epoch);
  if (generation <= atLeast) {
    // A place that makes up a newer one is no reason to look for it.
    if (newest <= atLeast) return nothing;
    // What is newer and cannot be read may name shards that this catalogue knows nothing of: none of those is swept.
    catalogue.run('UPDATE lineage SET gap = max(gap, 1)');
    return { ...nothing, incomplete: true };
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
    adoptHead(catalogue, vault.id, head);
    const result = relink(catalogue, keys);
    relinkPast(catalogue, keys);
    const whole = newest === generation && !mixed;
    catalogue.run('UPDATE lineage SET since = ?, gap = max(gap, ?)', generation, whole ? 0 : 1);
    // Who wrote them may need them: they stay, as any that this vault does not know.
    for (const { header } of strange) catalogue.run('DELETE FROM packs WHERE id = ?', header.packId);
    catalogue.run('UPDATE vault SET generation = ?, restored = 0', Math.max(generation, newest) + 1);
    return result;
  });
  health.load();
  // Places that were not known, with what opens them.
  places.learn(keys);
  await places.refresh();
  return { generation, incomplete: newest > generation, mixed, ...counts };
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
