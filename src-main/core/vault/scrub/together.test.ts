import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import { noise, testContext } from '../testing/harness.ts';
import { type Ground, openGround, tallied } from './testing/ground.ts';

let g: Ground;
afterEach(async () => {
  await g.close();
});

it('the upkeep, the person and what she starts get along: stores, deletions, checks, repairs and removals at once', async () => {
  g = await openGround();
  await g.setUp(2, 2, 5);
  await g.fill(1);
  let state = 7;
  const random = (n: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const h = g.h;
  /** Not possible now is an answer; anything else is a fault. */
  const calmly = async (work: Promise<unknown>): Promise<void> => {
    await work.catch((error: unknown) => {
      if (!isFail(error, 'NOT_ENOUGH_PLACES')) throw error;
    });
  };
  const purge = async (round: number): Promise<void> => {
    await writeFile(`${g.source}/t${round}`, noise(200_000, 9000 + 2 * round + 1));
    const { items } = await h()['vault.put'](
      { paths: [`${g.source}/t${round}`], into: 'root', clash: 'both' },
      testContext(),
    );
    await h()['vault.bin']({ items }, testContext());
    await h()['vault.purge']({}, testContext());
  };
  for (let round = 0; round < 10; round++) {
    const files = await g.shards(1 + random(5));
    for (const file of files.filter(() => random(3) === 0)) {
      if (random(2) === 0) await rm(file, { force: true });
      else {
        const bytes = await readFile(file);
        await writeFile(file, bytes.fill(random(256), 0, 200));
      }
      g.tally.faults++;
    }
    // A day later, so that names are compared and passes begin anew now and then.
    g.bench.host.setNow(g.bench.host.now() + 25 * 24 * 60 * 60_000);
    const upkeep = g.bench.vault.tend();
    const others = [
      () => g.put(`n${round}`, noise(400_000, 500 + 2 * round + 1)),
      () => calmly(h()['vault.repair']({}, testContext())),
      () => g.verify(),
      () => purge(round),
      async () => {
        const { place } = await g.addDirectory(10 + round);
        await calmly(h()['vault.removePlace']({ place: place.id }, testContext()));
      },
    ];
    const first = random(others.length);
    await Promise.all([upkeep, others[first]?.(), others[(first + 1 + random(others.length - 1)) % others.length]?.()]);
    await g.tend(6);
  }
  await g.tend(1, 25 * 24 * 60 * 60_000);
  await g.tend(60);
  await g.readAll();
  console.log(`upkeep, together: ${tallied(g.tally)}`);
  expect(g.tally).toMatchObject({ lost: 0, wrong: 0 });
  expect(await g.upkeep()).toMatchObject({ repairing: 0 });
  expect(await g.verify()).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
});
