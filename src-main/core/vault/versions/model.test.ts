import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { wrongReferences } from './testing/references.ts';

/*
 * The vault against a model that keeps whole copies: after any sequence of changes, losses of the local catalogue and
 * restarts, every snapshot shows what the model's copy holds, its signature stands, every count of references is right, and
 * what is brought back has the bytes it had.
 */

type Step =
  | { readonly do: 'put'; readonly name: string; readonly seed: number }
  | { readonly do: 'rename'; readonly name: string; readonly to: string }
  | { readonly do: 'bin'; readonly name: string }
  | { readonly do: 'purge' | 'snapshot' | 'restart' | 'lose' }
  | { readonly do: 'forget'; readonly which: number }
  | { readonly do: 'back'; readonly which: number; readonly name: string };

const names = ['a', 'b', 'c'] as const;
const name = fc.constantFrom(...names);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('put' as const), name, seed: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rename' as const), name, to: name }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('bin' as const), name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('purge' as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('snapshot' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('forget' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('back' as const), which: fc.nat(5), name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('restart' as const, 'lose' as const) }) },
);

let source: string;
beforeEach(async () => {
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
});
afterEach(() => rm(source, { recursive: true, force: true }));

/** Small, so that many share a pack, or longer than one chunk. */
const bytesOf = (seed: number): Buffer => noise(seed === 6 ? 600_000 : seed * 1000, seed);

async function play(steps: readonly Step[]): Promise<void> {
  const bench: Bench = await openBench();
  const h = () => bench.vault.handlers;
  const now = new Map<string, number>();
  const snapshots = new Map<number, ReadonlyMap<string, number>>();
  const nth = (which: number): number | undefined => [...snapshots.keys()][which % Math.max(1, snapshots.size)];
  try {
    await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
    for (const one of steps) {
      if (one.do === 'put') {
        await writeFile(join(source, one.name), bytesOf(one.seed));
        await h()['vault.put']({ paths: [join(source, one.name)], into: 'root', clash: 'replace' }, testContext());
        now.set(one.name, one.seed);
      } else if (one.do === 'rename') {
        const seed = now.get(one.name);
        if (seed === undefined || now.has(one.to)) continue;
        await h()['vault.rename']({ item: one.name, name: one.to }, testContext());
        now.delete(one.name);
        now.set(one.to, seed);
      } else if (one.do === 'bin') {
        if (now.delete(one.name)) await h()['vault.bin']({ items: [one.name] }, testContext());
      } else if (one.do === 'purge') {
        await h()['vault.purge']({}, testContext());
      } else if (one.do === 'snapshot') {
        const { snapshot } = await h()['vault.takeSnapshot']({ name: '' }, testContext());
        expect(snapshots.has(snapshot.number)).toBe(false);
        snapshots.set(snapshot.number, new Map(now));
      } else if (one.do === 'forget') {
        const number = nth(one.which);
        if (number === undefined) continue;
        await h()['vault.removeSnapshots']({ snapshots: [number] }, testContext());
        snapshots.delete(number);
      } else if (one.do === 'back') {
        const number = nth(one.which);
        const seed = number === undefined ? undefined : snapshots.get(number)?.get(one.name);
        if (number === undefined || seed === undefined) continue;
        const input = { snapshot: number, items: [`/${one.name}`], into: 'root', clash: 'replace' as const };
        expect(await h()['vault.restoreFrom'](input, testContext())).toMatchObject({ skipped: 0 });
        now.set(one.name, seed);
      } else if (one.do === 'restart') {
        await bench.restart();
      } else {
        await bench.vault.stop();
        const database = join(bench.home, 'vault', 'catalogue.db');
        for (const suffix of ['', '-wal', '-shm', '.copy']) await rm(database + suffix, { force: true });
        await bench.vault.start();
        // It is found again by who asks for what is in it.
        await h()['vault.snapshots']({}, testContext());
      }
    }
    const listed = await h()['vault.list'](
      { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 100 },
      testContext(),
    );
    expect(listed.items.map((item) => item.name)).toEqual([...now.keys()].sort());
    for (const [item, seed] of now) {
      const got = await readAll(h()['vault.read']({ item: `/${item}`, offset: 0 }, testContext()));
      expect(got.equals(bytesOf(seed))).toBe(true);
    }
    const all = await h()['vault.snapshots']({}, testContext());
    expect(all.snapshots.map(({ number }) => number)).toEqual([...snapshots.keys()].reverse());
    expect(await wrongReferences(bench)).toEqual([]);
    for (const [snapshot, then] of snapshots) {
      const seen = await h()['vault.listSnapshot']({ snapshot, folder: 'root', offset: 0, limit: 100 }, testContext());
      expect(seen.items.map((item) => [item.name, item.size])).toEqual(
        [...then].sort().map(([item, seed]) => [item, bytesOf(seed).length]),
      );
      expect(await h()['vault.checkSnapshot']({ snapshot }, testContext())).toMatchObject({ ok: true });
      const into = (await h()['vault.makeFolder']({ parent: 'root', name: `of ${snapshot}` }, testContext())).item.id;
      const items = [...then.keys()].map((item) => `/${item}`);
      if (items.length === 0) continue;
      expect(await h()['vault.restoreFrom']({ snapshot, items, into, clash: 'both' }, testContext())).toMatchObject({
        restored: items.length,
      });
      for (const [item, seed] of then) {
        const got = await readAll(h()['vault.read']({ item: `of ${snapshot}/${item}`, offset: 0 }, testContext()));
        expect(got.equals(bytesOf(seed))).toBe(true);
      }
    }
    expect(await wrongReferences(bench)).toEqual([]);
  } finally {
    await bench.close();
  }
}

it('snapshots are copies of the vault, whatever is done', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), play),
    // Each run is a vault on disk.
    { numRuns: Number(process.env.HYPHA_RUNS ?? 12) },
  );
}, 3_600_000);
