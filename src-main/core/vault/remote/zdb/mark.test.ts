import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '#core/crypto/bytes.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { encodePlaceIdentity, identityFile, type PlaceIdentity } from '../../format/place-identity.ts';
import { realDeps } from '../testing/deps.ts';
import type { ZdbClient, ZdbEntry } from './client.ts';
import { createZdbMark, isOf } from './mark.ts';

const vault = '00112233445566778899aabbccddeeff';
const identityOf = (place: string): PlaceIdentity => ({
  format: 'hypha-vault-place',
  version: 1,
  vault,
  place,
  check: 'ffeeddccbbaa99887766554433221100',
  k: 4,
  m: 2,
  createdAt: 1,
});

/** What a 0-db is to marks: keys in the order they were written, a replaced one at the end. */
function createModel(pageSize: number) {
  const keys = new Map<string, Uint8Array>();
  const client = (step: <T>(work: () => T) => Promise<T>): ZdbClient =>
    ({
      get: (key: string) => step(() => keys.get(key) ?? null),
      set: (key: string, value: Uint8Array) =>
        step(() => {
          keys.delete(key);
          keys.set(key, value);
          return true;
        }),
      del: (key: string) => step(() => keys.delete(key)),
      scan: (cursor?: Uint8Array) =>
        step(() => {
          const all = [...keys];
          // Where the cursor's key is gone the model goes on from the start, which shows more, never less.
          const from = cursor ? all.findIndex(([key]) => key === Buffer.from(cursor).toString()) + 1 : 0;
          const entries: ZdbEntry[] = all
            .slice(from, from + pageSize)
            .map(([key, value]) => ({ key: utf8(key), length: value.length, time: 0 }));
          const last = entries.at(-1);
          return last ? { cursor: last.key, entries } : null;
        }),
    }) as unknown as ZdbClient;
  return { keys, client };
}

const deps = (seed: number) => ({ host: { ...realDeps.host, random: seededRandom(seed) } });

it('is got by exactly one, in whatever order the claims of several are carried out, and whoever dies in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 2, max: 4 }),
      fc.integer({ min: 1, max: 3 }),
      // Who dies, and after how many answers.
      fc.option(fc.tuple(fc.nat(3), fc.nat(8))),
      async (scheduler, claimants, pageSize, death) => {
        const { keys, client } = createModel(pageSize);
        const claims = Array.from({ length: claimants }, (_, i) => {
          let answers = 0;
          const step = async <T>(work: () => T): Promise<T> => {
            if (death && death[0] === i && answers++ >= death[1]) throw new Error('killed');
            return scheduler.schedule(Promise.resolve(), `${i}`).then(work);
          };
          return createZdbMark(client(step), deps(i + 1))
            .claim(identityOf(`n${i}`))
            .catch(() => null);
        });
        const ends = scheduler.waitFor(Promise.all(claims));
        const won = await ends;
        const winners = won.flatMap((one, i) => (one === true ? [i] : []));
        expect(winners.length).toBeLessThanOrEqual(1);
        // What is there now is what everybody reads, and the winner's if there is one.
        const seen = (
          await createZdbMark(
            client(async (work) => work()),
            deps(9),
          ).read()
        ).mark;
        if (winners[0] !== undefined) expect(isOf(seen, vault, `n${winners[0]}`)).toBe(true);
        if (!death) expect(winners).toHaveLength(1);
        // Who died may have got it, or have left what is younger than the winner's.
        if (winners.length === 0 && typeof seen === 'object') expect(seen.place).toBe(`n${death?.[0]}`);
        if (!death) expect(keys.size).toBe(1);
      },
    ),
    { numRuns: 300 },
  );
});

it('goes to nobody but the next who claims when its place leaves meanwhile', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), async (scheduler) => {
      const { client } = createModel(2);
      const now = client(async (work) => work());
      const first = createZdbMark(now, deps(1));
      await first.claim(identityOf('first'));
      const step = <T>(work: () => T): Promise<T> => scheduler.schedule(Promise.resolve()).then(work);
      const leaving = createZdbMark(client(step), deps(1)).unclaim(vault, 'first');
      const claiming = [2, 3].map((i) => createZdbMark(client(step), deps(i)).claim(identityOf(`n${i}`)));
      const [, ...won] = await scheduler.waitFor(Promise.all([leaving, ...claiming]));
      expect(won.filter(Boolean).length).toBeLessThanOrEqual(1);
      const seen = (await createZdbMark(now, deps(9)).read()).mark;
      const winner = won.indexOf(true);
      if (winner === -1) expect(seen).toBe('none');
      else expect(isOf(seen, vault, `n${winner + 2}`)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it('is found behind other keys, and taken for damaged when it is too long', async () => {
  const { keys, client } = createModel(10);
  const now = client(async (work) => work());
  for (let i = 0; i < 35; i++) keys.set(`other ${i}`, new Uint8Array(1));
  expect(await createZdbMark(now, deps(1)).read()).toEqual({ mark: 'none', others: true });
  keys.set(`${identityFile}/0000000000000001`, utf8(encodePlaceIdentity(identityOf('one'))));
  keys.set(`${identityFile}/0000000000000000`, utf8(encodePlaceIdentity(identityOf('two'))));
  expect((await createZdbMark(now, deps(1)).read()).mark).toEqual(identityOf('one'));
  keys.delete(`${identityFile}/0000000000000001`);
  keys.set(`${identityFile}/0000000000000000`, new Uint8Array(5000));
  expect((await createZdbMark(now, deps(1)).read()).mark).toBe('bad');
});

it('is not claimed where more lies than can be looked through', async () => {
  const { keys, client } = createModel(5000);
  for (let i = 0; i < 25_000; i++) keys.set(`other ${i}`, new Uint8Array(1));
  const mark = createZdbMark(
    client(async (work) => work()),
    deps(1),
  );
  expect(await mark.claim(identityOf('one'))).toBe(false);
  expect(keys.size).toBe(25_000);
});
