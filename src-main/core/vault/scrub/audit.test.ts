import { afterEach, expect, it } from 'vitest';
import type { PlaceId } from '#shared/model/ids.ts';
import type { ShardStore } from '../index.ts';
import { testContext } from '../testing/harness.ts';
import { type Ground, openGround, tallied } from './testing/ground.ts';

let g: Ground;
afterEach(async () => {
  await g.close();
});

const dayMs = 24 * 60 * 60_000 + 1;
const at = (n: number): string => `s${n}.example.org/box`;
const isData = (name: string): boolean => name.startsWith('p/');

/** A vault of directories and servers; `lie` changes the store of the server n. */
async function ground(lie: (store: ShardStore, n: number) => ShardStore): Promise<void> {
  g = await openGround({
    wrapStore(store, path) {
      const n = Number(/^s(\d)\.example/.exec(path)?.[1] ?? 0);
      return n > 0 ? lie(store, n) : store;
    },
  });
}
const idOf = async (n: number): Promise<PlaceId> =>
  (await g.places()).find((place) => place.path === at(n))?.id as PlaceId;
const record = async (n: number) => {
  const id = await idOf(n);
  return (await g.upkeep()).places.find(({ place }) => place === id);
};
const whole = async (): Promise<void> => {
  await g.readAll();
  expect(g.tally).toMatchObject({ lost: 0, wrong: 0 });
  expect(await g.verify()).toMatchObject({ missing: 0, corrupt: 0 });
};

it('lets servers prove each day that they have what they say, and asks for no more than needed', async () => {
  const asked = new Map<number, number>();
  await ground((store, n) => ({
    ...store,
    read(name, offset, target) {
      if (isData(name) && target.length <= 4096) asked.set(n, (asked.get(n) ?? 0) + 1);
      return store.read(name, offset, target);
    },
  }));
  await g.setUp(2, 2, 2, 2);
  await g.fill(1);
  await g.tend(40);
  for (const n of [1, 2]) {
    const audit = (await record(n))?.audit;
    expect(audit).toMatchObject({ lost: 0 });
    expect(audit?.asked).toBeGreaterThan(100);
    // Those of this place itself, and those that others' samples are compared with.
    expect(asked.get(n)).toBeLessThan(4 * 459);
  }
});

it('finds a server that answers yes and has not the bytes, makes all of it again elsewhere and doubts the server', async () => {
  let lies = false;
  await ground((store, n) => ({
    ...store,
    async read(name, offset, target) {
      const there = await store.read(name, offset, target);
      if (lies && n === 1 && isData(name) && there) {
        target.fill(0);
        g.tally.faults++;
      }
      return there;
    },
  }));
  await g.setUp(2, 2, 2, 3);
  await g.fill(2);
  await g.h()['vault.configureUpkeep']({ spread: false }, testContext());
  await g.tend(40);
  expect((await g.upkeep()).counts.rotten).toBe(0);
  lies = true;
  await g.tend(1, dayMs);
  await g.tend(40);
  const { counts, repairing, places } = await g.upkeep();
  expect(counts.rotten).toBeGreaterThan(0);
  expect(counts.remade).toBeGreaterThan(0);
  expect(repairing).toBe(0);
  const id = await idOf(1);
  expect(places.find(({ place }) => place === id)).toMatchObject({ doubted: true });
  for (const n of [0, 1, 2, 3]) {
    const { shards } = await g.h()['vault.get']({ item: `/f2-${n}` }, testContext());
    expect(shards.find(({ place }) => place === id)).toMatchObject({ healthy: 0 });
  }
  await g.readAll();
  expect(g.tally).toMatchObject({ lost: 0, wrong: 0 });
  expect(await g.status()).toMatchObject({ missingShards: 0 });
  console.log(`upkeep, a server that lies: ${tallied(g.tally)}`);
});

it('reads all of a server soon that was caught at a repair, whatever the samples of the day had hit', async () => {
  let lies = false;
  await ground((store, n) => ({
    ...store,
    async read(name, offset, target) {
      const there = await store.read(name, offset, target);
      if (lies && n === 1 && isData(name)) target.fill(0);
      return there;
    },
  }));
  await g.setUp(2, 2, 2, 3);
  await g.fill(6);
  await g.h()['vault.configureUpkeep']({ spread: false }, testContext());
  await g.tend(40);
  lies = true;
  const id = await idOf(1);
  // One block, of one of its pieces.
  expect(await g.h()['vault.audit']({ samples: 1, place: id }, testContext())).toMatchObject({ lost: 1 });
  await g.tend(4);
  for (const n of [0, 1, 2, 3]) {
    const { shards } = await g.h()['vault.get']({ item: `/f6-${n}` }, testContext());
    expect(shards.find(({ place }) => place === id)).toMatchObject({ healthy: 0 });
  }
  expect(await g.upkeep()).toMatchObject({ repairing: 0 });
});

it('finds a server that serves old bytes: another shard that is right in itself', async () => {
  let old = false;
  await ground((store, n) => ({
    ...store,
    async read(name, offset, target) {
      const names = old && n === 2 && isData(name) ? (await store.list('p/00000')).filter((one) => one !== name) : [];
      for (const other of names) {
        if (!(await store.read(other, offset, target))) continue;
        g.tally.faults++;
        return true;
      }
      return store.read(name, offset, target);
    },
  }));
  await g.setUp(2, 2, 2, 2);
  await g.fill(3);
  await g.tend(10);
  old = true;
  await g.tend(1, dayMs);
  await g.tend(20);
  expect((await g.upkeep()).counts.rotten).toBeGreaterThan(0);
  await g.readAll();
  expect(g.tally).toMatchObject({ lost: 0, wrong: 0 });
  old = false;
  await g.tend(1, dayMs);
  await g.tend(20);
  await whole();
  console.log(`upkeep, old bytes: ${tallied(g.tally)}`);
});

it('believes no server that takes a piece at a repair and drops it', async () => {
  let drops = false;
  await ground((store, n) => ({
    ...store,
    async put(name, parts, taken) {
      if (drops && n === 1 && isData(name)) {
        taken?.();
        g.tally.faults++;
        return;
      }
      await store.put(name, parts, taken);
    },
  }));
  await g.setUp(2, 2, 2, 2);
  await g.fill(4);
  await g.h()['vault.configureUpkeep']({ spread: false }, testContext());
  drops = true;
  for (const name of g.keys(1)) {
    g.server(1).files.delete(name);
    g.tally.faults++;
  }
  await g.tend(16);
  const stuck = await g.upkeep();
  expect(stuck.counts.remade).toBe(0);
  expect(stuck.repairing).toBeGreaterThan(0);
  expect(stuck.events.map(({ kind }) => kind)).toContain('lied');
  expect((await g.status()).missingShards).toBeGreaterThan(0);
  // Another place takes them.
  await g.addServer(3);
  await g.tend(20);
  expect(await g.upkeep()).toMatchObject({ repairing: 0 });
  expect((await g.places()).find((place) => place.path === at(3))?.shards).toBeGreaterThan(0);
  await whole();
  console.log(`upkeep, a server that takes and drops: ${tallied(g.tally)}`);
});

it('is asked for now, and says what it found', async () => {
  await ground((store) => store);
  await g.setUp(2, 1, 1, 2);
  await g.fill(5);
  const audit = (input: object) => g.h()['vault.audit']({ samples: 459, ...input }, testContext());
  expect(await audit({})).toMatchObject({ lost: 0, places: [{ unanswered: 0 }, { unanswered: 0 }, { unanswered: 0 }] });
  for (const name of g.keys(2)) g.server(2).files.set(name, new Uint8Array(10));
  const result = await audit({ place: await idOf(2) });
  expect(result.lost).toBeGreaterThan(0);
  expect((await g.status()).missingShards).toBeGreaterThan(0);
  g.server(2).away = true;
  await g.tend(1);
  await expect(audit({ place: 'nowhere' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  g.server(2).away = false;
  await g.tend(20);
  await whole();
});

it('asks servers how they are every ten minutes, not with every look', async () => {
  await ground((store) => store);
  await g.setUp(2, 1, 1, 2);
  let listed = 0;
  await g.bench.restart({
    wrapStore: (store, path) => ({
      ...store,
      list(directory) {
        if (/^s\d\.example/.test(path) && directory === 'c') listed++;
        return store.list(directory);
      },
    }),
  });
  await g.status();
  listed = 0;
  for (let i = 0; i < 60; i++) {
    g.bench.host.setNow(g.bench.host.now() + 20_000);
    await g.status();
  }
  // Twenty minutes: two servers, twice.
  expect(listed).toBeLessThanOrEqual(6);
  expect(listed).toBeGreaterThanOrEqual(2);
});
