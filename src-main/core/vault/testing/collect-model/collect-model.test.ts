import { describe, expect, it } from 'vitest';
import type { ActionName } from './actions.ts';
import { interleave, type Pair } from './interleave.ts';
import { explore } from './sequences.ts';

/*
 * Collection eats nothing that lives (docs/formats/vault.md, "Freeing space"), checked by trying everything up to a bound with the real
 * store. `HYPHA_COLLECT_DEPTH=3` tries all sequences of three, and all interleavings with two changes of turn: hours.
 */
const depth = Number(process.env.HYPHA_COLLECT_DEPTH ?? 2);
const minutes = depth > 2 ? 600 : 5;

/** Without the flag: after storing something, for there is nothing to collect else. */
const bounded = (path: readonly ActionName[]): boolean => depth > 2 || path[0] === 'put';

describe('collection, the computer switched off at every durable step', () => {
  it(
    `eats nothing that lives and leaves nothing, in every sequence of ${depth}`,
    async () => {
      const { sequences, crashes, wrong } = await explore(depth, bounded);
      console.log(`collection: ${sequences} sequences, switched off ${crashes} times, ${wrong.length} wrong`);
      expect(wrong).toEqual([]);
    },
    minutes * 60_000,
  );
});

const stored: readonly ActionName[] = ['put', 'other'];
const pairs: readonly Pair[] = [
  { before: stored, first: 'purgeLarge', second: 'purgeSmall' },
  { before: stored, first: 'purgeLarge', second: 'twin' },
  { before: [...stored, 'snapshot', 'purgeLarge'], first: 'forget', second: 'purgeSmall' },
];
const more: readonly Pair[] = [
  { before: stored, first: 'twin', second: 'purgeLarge' },
  { before: stored, first: 'repair', second: 'purgeLarge' },
  { before: stored, first: 'purgeLarge', second: 'repair' },
  { before: stored, first: 'purgeLarge', second: 'snapshot' },
  { before: stored, first: 'snapshot', second: 'purgeLarge' },
  { before: [...stored, 'snapshot', 'purgeSmall'], first: 'forget', second: 'bringBack' },
  { before: [...stored, 'snapshot', 'purgeSmall'], first: 'bringBack', second: 'purgeLarge' },
  { before: [...stored, 'snapshot', 'purgeSmall'], first: 'forget', second: 'twin' },
];

describe('two calls at once', () => {
  for (const pair of depth > 2 ? [...pairs, ...more] : pairs) {
    it(
      `${pair.first} with ${pair.second}, in every interleaving with ${depth > 2 ? 'two changes' : 'one change'} of turn`,
      async () => {
        const { schedules, crashes, wrong } = await interleave([pair], depth > 2 ? 2 : 1);
        console.log(`${pair.first} with ${pair.second}: ${schedules} interleavings, switched off ${crashes} times`);
        expect(wrong).toEqual([]);
      },
      minutes * 60_000,
    );
  }
});
