import { expect, it } from 'vitest';
import { isFail } from '#shared/rpc/fail.ts';
import { readAll, testContext } from '../harness.ts';
import { type ActionName, actions, contentOf, type Expected, nothing } from './actions.ts';
import { createTurns } from './interleave.ts';
import { act, withSource } from './sequences.ts';
import { freshImage, type Image, openImage, type World } from './world.ts';

/*
 * Two agents of one data directory that was copied, on the same places (docs/formats/vault.md, "Where places are"): once both have written
 * since the copy, nothing that either deletes, repairs or collects takes anything from the other. Every interleaving of their steps with one change of turn.
 */

const pairs: readonly (readonly [ActionName, ActionName])[] = [
  ['purgeLarge', 'twin'],
  ['purgeLarge', 'purgeSmall'],
];
/** HYPHA_COLLECT_DEPTH=3 */
const more: typeof pairs = [
  ['purgeSmall', 'repair'],
  ['repair', 'purgeLarge'],
  ['forget', 'purgeSmall'],
];
const all = Number(process.env.HYPHA_COLLECT_DEPTH ?? 2) > 2 ? [...pairs, ...more] : pairs;

/** What it has stored and not deleted is there and right. */
async function wrongIn(world: World, { files }: Expected): Promise<string[]> {
  const h = world.vault.handlers;
  const wrong: string[] = [];
  for (const name of files) {
    const read = readAll(h['vault.read']({ item: `/${name}`, offset: 0 }, testContext()));
    const bytes = await read.catch((error: unknown) => String(error));
    if (typeof bytes === 'string' || !bytes.equals(contentOf(name))) wrong.push(`${name}: ${bytes.slice(0, 100)}`);
  }
  return wrong;
}

/** As the person would: a deletion for good may be refused. What is in the bin then is in no folder either. */
async function attempt(world: World, source: string, name: ActionName, now: Expected): Promise<Expected> {
  try {
    return await actions[name].run(world, source, now);
  } catch (error) {
    if (!isFail(error, 'TWO_WRITERS')) throw error;
    const gone = name === 'purgeLarge' ? 'large' : 'small';
    return { ...now, files: new Set([...now.files].filter((one) => one !== gone)) };
  }
}

it.each(all)('neither loses anything by what the other does: %s beside %s', async (first, second) => {
  const counts = await withSource(async (source) => {
    let image: Image = await freshImage({ k: 1, m: 1 }, 2);
    let now = nothing;
    for (const name of ['put', 'snapshot'] as const) {
      const done = await act(image, now, source, name);
      image = done.end;
      now = done.after;
    }
    const found = { schedules: 0, wrong: [] as string[] };
    const run = async (steps: number): Promise<number> => {
      const turns = createTurns();
      const shared = image.servers.copy();
      const open = () => openImage(image, { gate: () => turns.gate() }, shared);
      const [one, two] = [await open(), await open()];
      try {
        const input = { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 9 } as const;
        for (const world of [one, two]) await world.vault.handlers['vault.list'](input, testContext());
        // Both have written since the copy.
        let mine = await actions.other.run(one, source, now);
        let theirs = await actions.other.run(two, source, now);
        const [before, beforeToo] = [mine, theirs];
        const a = turns.start('first', () => attempt(one, source, first, before));
        a.catch(() => {});
        await turns.let('first', steps);
        const b = turns.start('second', () => attempt(two, source, second, beforeToo));
        b.catch(() => {});
        await turns.finish('second');
        [mine, theirs] = [await a, await b];
        found.schedules++;
        for (const [who, world, expected] of [
          ['the first', one, mine],
          ['the second', two, theirs],
        ] as const)
          for (const wrong of await wrongIn(world, expected)) found.wrong.push(`${steps} steps, ${who}: ${wrong}`);
      } catch (error) {
        found.wrong.push(`${steps} steps: ${error instanceof Error ? error.stack : String(error)}`);
      } finally {
        await one.close().catch(() => {});
        await two.close().catch(() => {});
      }
      return turns.used();
    };
    const most = await run(Number.MAX_SAFE_INTEGER);
    for (let steps = 0; steps < most; steps++) await run(steps);
    return found;
  });
  console.log(`two agents, ${first} beside ${second}: ${counts.schedules} interleavings, ${counts.wrong.length} wrong`);
  expect(counts.wrong).toEqual([]);
});
