import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ShardStore } from './index.ts';
import { tallied } from './scrub/testing/ground.ts';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';
import { type MemoryServers, memoryServers } from './testing/memory-places.ts';

/*
 * As many places as may fail lie at once, each in its way, while files are stored and read, and while the vault is taken up on an empty
 * computer. What the upkeep does about it: scrub/audit.test.ts.
 */

type Lie = (store: ShardStore, told: () => void) => ShardStore;
/** Called with every second question. */
const everySecond = (): (() => boolean) => {
  let count = 0;
  return () => ++count % 2 === 0;
};

const lies: Readonly<Record<string, Lie>> = {
  'wrong bytes': (store, told) => ({
    ...store,
    async read(name, offset, target) {
      const there = await store.read(name, offset, target);
      target.fill((target[0] ?? 0) ^ 255, target.length >> 1);
      told();
      return there;
    },
  }),
  'the bytes of another shard': (store, told) => ({
    ...store,
    async read(name, offset, target) {
      const directory = name.slice(0, name.lastIndexOf('/'));
      for (const other of await store.list(directory)) {
        if (other === name || !(await store.read(other, offset, target))) continue;
        told();
        return true;
      }
      return store.read(name, offset, target);
    },
  }),
  'half an answer': (store, told) => ({
    ...store,
    async read(name, offset, target) {
      told();
      return target.length > 96 ? false : store.read(name, offset, target);
    },
    size: async (name) => {
      const size = await store.size(name);
      return size === null ? null : size >> 1;
    },
  }),
  'now yes, now no': (store, told) => {
    const no = everySecond();
    const ask = <T>(work: () => Promise<T>): Promise<T> => {
      if (!no()) return work();
      told();
      return Promise.reject(new Error('not now'));
    };
    return {
      ...store,
      put: (...args) => ask(() => store.put(...args)),
      read: (...args) => ask(() => store.read(...args)),
      list: (directory) => ask(() => store.list(directory)),
      settle: () => ask(() => store.settle()),
    };
  },
  'taken, and dropped': (store, told) => ({
    ...store,
    async put(_name, _parts, taken) {
      taken?.();
      told();
    },
  }),
  'whatever was there first': (store, told) => {
    const first = new Map<string, Uint8Array>();
    return {
      ...store,
      async put(name, parts, taken) {
        const directory = name.slice(0, name.lastIndexOf('/'));
        const old = first.get(directory) ?? Buffer.concat(parts);
        first.set(directory, old);
        if (old.length > 0) told();
        await store.put(name, [old], taken);
      },
    };
  },
};

let servers: MemoryServers;
let bench: Bench;
let source: string;
/** Of servers, by number, while they lie. */
let now: Map<number, Lie>;
let faults = 0;

const wrapStore = (store: ShardStore, path: string): ShardStore => {
  const lie = now.get(Number(/^s(\d)/.exec(path)?.[1]));
  const lying = lie?.(store, () => void faults++);
  const pick = (): ShardStore => (lying && now.size > 0 ? lying : store);
  return {
    ...store,
    put: (...args) => pick().put(...args),
    read: (...args) => pick().read(...args),
    size: (name) => pick().size(name),
    list: (directory) => pick().list(directory),
    settle: () => pick().settle(),
  };
};
beforeEach(async () => {
  now = new Map();
  faults = 0;
  servers = memoryServers();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const names = Object.keys(lies);
// Each lie beside the next one in the list: every one is told twice, by the third and by the fourth place.
it.each(names.map((one, i) => [one, names[(i + 1) % names.length] ?? one] as const))(
  'serve no wrong byte and lose nothing: %s and %s',
  async (third, fourth) => {
    const stored = new Map<string, Buffer>();
    const put = async (name: string, size: number, seed: number): Promise<void> => {
      const bytes = noise(size, seed);
      await writeFile(join(source, name), bytes);
      await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
      stored.set(name, bytes);
    };
    const tally = { stored: 0, faults: 0, lost: 0, wrong: 0 };
    const look = async (): Promise<void> => {
      for (const [name, bytes] of stored) {
        const read = readAll(h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext()));
        const [outcome] = await Promise.allSettled([read]);
        if (outcome.status === 'rejected') tally.lost++;
        else if (!outcome.value.equals(bytes)) tally.wrong++;
      }
    };
    bench = await openBench({ openRemote: servers.openRemote, wrapStore });
    const list = [1, 2, 3, 4].map(
      (n) => ({ kind: 's3', endpoint: `https://s${n}.example.org`, bucket: 'box', accessKeyId: 'AK' }) as const,
    );
    const credentials = list.map(() => ({ secretKey: 'right' }));
    await h()['vault.setup']({ profile: { k: 2, m: 2 }, places: list, credentials }, testContext());
    await put('before', 300_000, 1);
    const { text: kit } = await h()['vault.kit']({}, testContext());
    const honest = now;
    now = new Map([
      [3, lies[third] ?? (() => expect.unreachable())],
      [4, lies[fourth] ?? (() => expect.unreachable())],
    ]);
    await bench.restart();
    await put('while', 200_000, 3);
    await put('small', 50, 5);
    await look();
    await h()['vault.verify']({}, testContext());
    await look();
    await bench.close();
    bench = await openBench({ openRemote: servers.openRemote, wrapStore });
    await h()['vault.recover']({ kit, othersLost: true }, testContext());
    await look();
    now = honest;
    await bench.restart();
    await h()['vault.verify']({}, testContext());
    await h()['vault.repair']({}, testContext());
    await look();
    Object.assign(tally, { stored: stored.size, faults });
    console.log(`places that lie, ${third} and ${fourth}: ${tallied(tally)}`);
    expect(tally).toMatchObject({ lost: 0, wrong: 0 });
    expect(faults).toBeGreaterThan(0);
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
  },
);
