import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createCore } from './core.ts';
import { packKey, vaultKeys } from './format/keys.ts';
import type { ShardStore } from './index.ts';
import { type Bench, noise, openBench, quietLog, readAll, testContext, testKeys } from './testing/harness.ts';
import { createTree } from './tree.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('what clients are told', () => {
  const told = async (calls: readonly (readonly string[])[]): Promise<readonly string[] | undefined> => {
    const events: (readonly string[])[] = [];
    const core = createCore({
      host: { now: () => 0, setTimer: () => () => {} } as never,
      log: quietLog,
      emit: (event) => void events.push(event.ids ?? []),
      home: tmpdir(),
      keys: testKeys(null),
    });
    for (const ids of calls) core.changed(ids, false);
    await nextTurn();
    expect(events).toHaveLength(1);
    return events[0];
  };

  it('names every item that changed, and none once anything may have', async () => {
    const ids = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(ids, { minLength: 1, maxLength: 6 }), async (calls) => {
        const seen = await told(calls);
        const anything = calls.some((call) => call.length === 0);
        expect([...(seen ?? [])].sort()).toEqual(anything ? [] : [...new Set(calls.flat())].sort());
      }),
      { numRuns: 60 },
    );
  });

  it('says "anything" for more than a hundred', async () => {
    const many = Array.from({ length: 101 }, (_, i) => `i${i}`);
    expect(await told([many, ['x']])).toEqual([]);
  });
});

it('keeps its keys when the root is wiped at lock, so that nothing is ever sealed under a wiped one', () => {
  const root = new Uint8Array(32).fill(7);
  const id = new Uint8Array(16).fill(1);
  const wanted = packKey(vaultKeys(root.slice(), id).epoch(1), id);
  const keys = vaultKeys(root, id);
  root.fill(0);
  expect(packKey(keys.epoch(1), id)).toEqual(wanted);
});

it('walks folders that lie 20,000 deep in one another', () => {
  const tree = createTree();
  const record = { name: 'f', size: 0, modified: 0, added: 0, mime: '', binnedAt: null };
  for (let i = 0; i < 20_000; i++) {
    tree.load(`${i}`, { ...record, kind: 'folder', parent: i === 0 ? null : `${i - 1}` });
  }
  tree.adopt();
  const top = tree.get('0');
  if (!top) throw new Error('no top');
  expect([...tree.below(top)].map((node) => node.id).slice(0, 3)).toEqual(['1', '2', '3']);
  expect(tree.counts().folders).toBe(20_000);
  expect(tree.drop(top)).toHaveLength(20_000);
});

describe('with places that fail at random', () => {
  let bench: Bench;
  let source: string;
  let fails: () => boolean = () => false;
  const wrapStore = (store: ShardStore): ShardStore => ({
    ...store,
    async put(name, parts) {
      if (fails()) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      await store.put(name, parts);
    },
    async read(name, offset, target) {
      if (fails()) throw Object.assign(new Error('input/output error'), { code: 'EIO' });
      return store.read(name, offset, target);
    },
  });
  beforeEach(async () => {
    fails = () => false;
    bench = await openBench({ wrapStore });
    source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
    await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  });
  afterEach(async () => {
    await bench.close();
    await rm(source, { recursive: true, force: true });
  });
  const h = () => bench.vault.handlers;
  const put = (paths: string[], context = testContext()) =>
    h()['vault.put']({ paths, into: 'root', clash: 'both' }, context);

  const startUpload = async (bytes: Uint8Array): Promise<void> => {
    const upload = await h()['vault.uploadOpen'](
      { into: 'root', path: ['u'], size: 400_000, modified: 0, clash: 'both' },
      testContext(),
    );
    await h()['vault.uploadWrite']({ upload: upload.upload, offset: 0, bytes }, testContext());
    await h()['vault.uploadAbort']({ upload: upload.upload }, testContext());
  };

  it('gives every slot back: after any failures, a large file is stored and read', async () => {
    let seed = 12345;
    const random = (n: number): number => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return Math.floor((seed / 2 ** 32) * n);
    };
    await mkdir(join(source, 'some'));
    for (let i = 0; i < 40; i++) await writeFile(join(source, 'some', `s${i}`), noise(1 + random(90_000), i));
    await writeFile(join(source, 'some', 'large'), noise(9_000_000, 99));
    // More failures than there are slots and segments to leak.
    for (let round = 0; round < 12; round++) {
      fails = () => random(3) === 0;
      const context = testContext(() => {
        if (round % 3 === 2 && random(20) === 0) context.aborter.abort();
      });
      await put([join(source, 'some')], context).catch(() => {});
      await startUpload(noise(300_000, round)).catch(() => {});
      if (round % 4 === 0)
        await h()
          ['vault.verify']({}, testContext())
          .catch(() => {});
      if (round % 4 === 1)
        await h()
          ['vault.repair']({}, testContext())
          .catch(() => {});
    }
    fails = () => false;
    await h()['vault.places']({}, testContext());
    const bytes = noise(40_000_000, 7);
    await writeFile(join(source, 'whole'), bytes);
    await put([join(source, 'whole')]);
    const { id } = await h()['vault.get']({ item: 'whole' }, testContext());
    const back = await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext()));
    expect(Buffer.compare(back, bytes)).toBe(0);
  }, 300_000);

  it('copies the last changes to the places when it is locked', async () => {
    await writeFile(join(source, 'f'), noise(1000, 1));
    await put([join(source, 'f')]);
    const { id } = await h()['vault.get']({ item: 'f' }, testContext());
    await h()['vault.rename']({ item: id, name: 'renamed' }, testContext());
    // Locking, not stopping, is what publishes: the second stop has no keys to do it with.
    bench.keys.set(null);
    await bench.vault.stop();
    const local = join(bench.home, 'vault');
    for (const name of await readdir(local)) if (name !== 'places.json') await rm(join(local, name));
    await bench.vault.start();
    bench.keys.set(new Uint8Array(32).fill(42));
    expect(await h()['vault.get']({ item: 'renamed' }, testContext())).toMatchObject({ name: 'renamed', size: 1000 });
  });
});
