import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packKey, vaultKeys } from '../format/keys.ts';
import { decodeShardHeader } from '../format/shard.ts';
import { unwrapPackKey, wrappedEpoch } from '../format/wrapped-key.ts';
import { nothing } from '../testing/collect-model/actions.ts';
import { rulesBetween, whatIsWrong } from '../testing/collect-model/check.ts';
import { act, withSource } from '../testing/collect-model/sequences.ts';
import { freshImage, type Image, openImage, type World } from '../testing/collect-model/world.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { type MemoryServers, memoryServers } from '../testing/memory-places.ts';

let servers: MemoryServers;
let bench: Bench;
let source: string;
beforeEach(async () => {
  servers = memoryServers();
  bench = await openBench({ openRemote: servers.openRemote });
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  const list = [1, 2, 3].map(
    (n) => ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const,
  );
  const credentials = list.map(() => ({ secretKey: 'right' }));
  await h()['vault.setup']({ profile: { k: 2, m: 1 }, places: list, credentials }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const at = (n: number) => servers.at(`s${n}.example.org/box`);
const put = async (name: string, seed: number, length = 300_000): Promise<void> => {
  await writeFile(join(source, name), noise(length, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'replace' }, testContext());
};
const same = async (name: string, seed: number, length = 300_000): Promise<void> => {
  const read = h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext());
  expect(Buffer.compare(await readAll(read), noise(length, seed))).toBe(0);
};
const rotate = () => h()['vault.rotateKeys']({}, testContext());
const query = <T>(text: string, home = bench.home): T[] => {
  const db = new DatabaseSync(join(home, 'vault', 'catalogue.db'), { readOnly: true });
  try {
    return db.prepare(text).all() as T[];
  } finally {
    db.close();
  }
};
type Pack = { id: Uint8Array; kind: number; epoch: number; wrapped: Uint8Array | null };
const packs = (home?: string) => query<Pack>(`SELECT id, kind, epoch, wrapped FROM packs WHERE state = 'stored'`, home);
const dataOf = (n: number): [string, string][] =>
  [...at(n).files].filter(([name]) => name.startsWith('p/')).map(([name, b]) => [name, Buffer.from(b).toString('hex')]);
const copyEpochs = (n: number): number[] =>
  [...at(n).files].filter(([name]) => name.startsWith('c/')).map(([, b]) => decodeShardHeader(b)?.epoch ?? 0);

describe('rotating the keys', () => {
  it('puts everything new and the keys of everything old under a new epoch, and leaves the shards alone', async () => {
    await put('a', 1);
    await put('b', 3);
    const before = [1, 2, 3].map(dataOf);
    expect(await rotate()).toEqual({ epoch: 2, packs: 2, oldCopies: 0 });
    expect([1, 2, 3].map(dataOf)).toEqual(before);
    expect(packs().filter(({ kind }) => kind === 0)).toHaveLength(2);
    for (const { kind, wrapped, epoch } of packs())
      expect(kind === 0 ? wrappedEpoch(wrapped ?? new Uint8Array()) : epoch).toBe(2);
    for (const n of [1, 2, 3]) expect(new Set(copyEpochs(n))).toEqual(new Set([2]));
    await same('a', 1);
    await put('c', 5);
    expect(await rotate()).toEqual({ epoch: 3, packs: 3, oldCopies: 0 });
    await bench.restart();
    for (const [name, seed] of [
      ['a', 1],
      ['b', 3],
      ['c', 5],
    ] as const)
      await same(name, seed);
  });

  it('leaves nothing written anew that the former keys open', async () => {
    await put('a', 1);
    const { keys: all } = known();
    await rotate();
    await put('b', 3);
    await h()['vault.makeFolder']({ parent: 'root', name: 'folder' }, testContext());
    await h()['vault.rename']({ item: '/a', name: 'renamed' }, testContext());
    const { snapshot } = await h()['vault.takeSnapshot']({ name: 'x' }, testContext());
    await bench.restart();
    // Whoever had the former epoch's keys, and not the root.
    const opens = (sealed: Uint8Array, name: string): boolean =>
      [sealed, sealed.subarray(0, -4)].some(
        (row) => all.rows(1).open(row.subarray(0, 12), row.subarray(12), new TextEncoder().encode(name)) !== null,
      );
    const items = query<{ id: string; sealed: Uint8Array }>('SELECT id, sealed FROM items');
    expect(items).toHaveLength(3);
    for (const { id, sealed } of items) expect(opens(sealed, `item ${id}`)).toBe(false);
    const [manifest] = query<{ item: string; sealed: Uint8Array }>(
      'SELECT item, sealed FROM manifests ORDER BY gen DESC',
    );
    expect(opens(manifest?.sealed ?? new Uint8Array(28), `manifest ${manifest?.item}`)).toBe(false);
    const [taken] = query<{ sealed: Uint8Array }>('SELECT sealed FROM snapshots');
    expect(opens(taken?.sealed ?? new Uint8Array(28), `snapshot ${snapshot.number}`)).toBe(false);
    for (const { id, sealed } of query<{ id: string; sealed: Uint8Array }>('SELECT id, sealed FROM places'))
      expect(opens(sealed, `place ${id}`)).toBe(false);
    const now = known();
    for (const { id, kind, wrapped, epoch } of packs()) {
      if (kind !== 0) {
        expect(packKey(all.epoch(1), id)).not.toEqual(packKey(now.keys.epoch(epoch), id));
        continue;
      }
      const claims = wrapped?.slice() ?? new Uint8Array(64);
      new DataView(claims.buffer).setUint32(0, 1, true);
      expect(unwrapPackKey(all, id, claims)).toBeNull();
    }
  });

  it('is found on an empty machine by the phrase and the places', async () => {
    await put('a', 1);
    await rotate();
    await put('b', 3);
    await bench.vault.stop();
    const files = ['catalogue.db', 'catalogue.db-wal', 'catalogue.db-shm', 'catalogue.db.copy'];
    for (const name of files) await rm(join(bench.home, 'vault', name), { force: true });
    await bench.vault.start();
    await same('a', 1);
    await same('b', 3);
    expect(query('SELECT epoch FROM vault')).toEqual([{ epoch: 2 }]);
    await put('c', 5);
    expect(packs().every(({ wrapped, epoch }) => (wrapped ? wrappedEpoch(wrapped) : epoch) === 2)).toBe(true);
  });

  it('says which copies under former keys are out of reach, and removes them when they are not', async () => {
    await put('a', 1);
    at(3).away = true;
    await h()['vault.places']({}, testContext());
    await bench.restart();
    expect((await rotate()).oldCopies).toBeGreaterThan(0);
    expect(copyEpochs(3)).toContain(1);
    at(3).away = false;
    await h()['vault.repair']({}, testContext());
    expect(new Set(copyEpochs(3))).toEqual(new Set([2]));
    await same('a', 1);
  });

  it('goes on while files are stored, and keeps the connections to the places', async () => {
    await put('a', 1);
    const connections = at(1).connections;
    await Promise.all([rotate(), put('b', 3, 20_000_000), put('c', 5)]);
    expect(at(1).connections).toBe(connections);
    await bench.restart();
    await same('b', 3, 20_000_000);
    await same('c', 5);
    expect(packs().every(({ wrapped, epoch }) => (wrapped ? wrappedEpoch(wrapped) : epoch) === 2)).toBe(true);
  });
});

const known = () => {
  const [vault] = query<{ id: Uint8Array }>('SELECT id FROM vault');
  return { keys: vaultKeys(bench.keys.root() ?? new Uint8Array(32), vault?.id ?? new Uint8Array(16)) };
};

describe('a rotation that is killed', () => {
  it('at any durable step loses nothing, and is finished by the next unlock', async () => {
    await withSource(async (files) => {
      let image: Image = await freshImage({ k: 1, m: 1 }, 2);
      let now = nothing;
      for (const name of ['put', 'other', 'snapshot', 'purgeLarge'] as const) {
        const done = await act(image, now, files, name);
        image = done.end;
        now = done.after;
      }
      const cuts: Image[] = [];
      let world: World | null = null;
      world = await openImage(image, { step: () => world && cuts.push(world.image()) });
      await world.vault.handlers['vault.rotateKeys']({}, testContext());
      await world.close();
      expect(cuts.length).toBeGreaterThan(8);
      let begun = 0;
      for (const cut of cuts) {
        expect(await whatIsWrong(cut, rulesBetween(now, now))).toEqual([]);
        const again = await openImage(cut);
        await again.vault.handlers['vault.snapshots']({}, testContext());
        const [row] = query<{ epoch: number }>('SELECT epoch FROM vault', again.home);
        if (row?.epoch === 2) {
          begun++;
          await vi.waitFor(
            () =>
              expect(
                packs(again.home).every(({ wrapped, epoch }) => (wrapped ? wrappedEpoch(wrapped) : epoch) === 2),
              ).toBe(true),
            { timeout: 20_000 },
          );
        }
        await again.close();
      }
      expect(begun).toBeGreaterThan(5);
    });
  }, 240_000);
});
