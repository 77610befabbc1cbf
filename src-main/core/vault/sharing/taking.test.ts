import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { type Bench, openBench, testContext } from '../testing/harness.ts';
import { type ShareLetter, writeLetter } from './format/letter.ts';
import { strangersMost } from './store.ts';
import { somebody } from './testing/somebody.ts';

/* The receiver's side: Ben, to whom Ann writes. Who is known to Ben is made up. */

const [ann, ben] = [somebody(1, 'a'), somebody(2, 'b')];
let bench: Bench;
let take: (from: Uint8Array, letter: Uint8Array) => void;
let changed: () => void;
/** What Ben has of Ann: nothing, the short card, the whole card. */
let known: 'nothing' | 'short' | 'whole';

const withMe = async () => (await bench.vault.handlers['vault.sharedWithMe']({}, testContext())).shares;
const offer = (n: number): ShareLetter => ({
  ...{ what: 'offer', share: Buffer.alloc(16, n).toString('base64url'), generation: 1, revision: 0 },
  ...{ key: new Uint8Array(32).fill(n), kind: 'folder', name: `trip ${n}`, access: 'read', expires: null, at: 1 },
  ...{ device: ann.own.device, port: 9931 },
});
const letter = (n: number): Uint8Array => writeLetter(offer(n), ann.own, ben.known, systemRandom) ?? new Uint8Array();

beforeEach(async () => {
  known = 'nothing';
  bench = await openBench({
    sharing: {
      people: {
        find: () => 'ann',
        about: () => ({ name: 'Ann', verified: false, state: known === 'nothing' ? 'gone' : 'known' }),
        keys: () => (known === 'whole' ? ann.known : null),
        self: () => (bench?.keys.root() === null ? null : ben.own),
        ofDevice: (device) => (known !== 'nothing' && Buffer.compare(device, ann.own.device) === 0 ? 'ann' : null),
        onChange(listener) {
          changed = listener;
          return () => {};
        },
      },
      letters: {
        send() {},
        onLetter(listener) {
          take = listener;
          return () => {};
        },
      },
      ways: {
        offer: async (_, port) => ({ id: '1', port }),
        async withdraw() {},
        async open() {
          throw new Error('nobody is asked');
        },
      },
    },
  });
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(() => bench.close());

it('keeps an invitation of somebody who is not known yet until they are, also over a lock and a new start', async () => {
  take(ann.own.device, letter(1));
  bench.keys.set(null);
  take(ann.own.device, letter(2));
  bench.keys.set(new Uint8Array(32).fill(42));
  expect(await withMe()).toEqual([]);
  await bench.restart();
  // Added by a link that does not tell the keys: they come later.
  known = 'short';
  changed();
  take(ann.own.device, letter(3));
  expect(await withMe()).toEqual([]);
  known = 'whole';
  changed();
  await expect
    .poll(async () => (await withMe()).map(({ name }) => name).sort())
    .toEqual(['trip 1', 'trip 2', 'trip 3']);
  // Once.
  await bench.restart();
  expect(await withMe()).toHaveLength(3);
});

it('keeps so many letters of strangers and no more, and lets them keep none of a contact’s out', async () => {
  const first = letter(1);
  take(ann.own.device, first);
  for (let n = 0; n < strangersMost + 20; n++) take(systemRandom(32), systemRandom(500));
  for (let n = 0; n < 20; n++) take(ben.own.device, systemRandom(500));
  // The oldest gave way: whoever is added later is asked to share again.
  known = 'whole';
  changed();
  take(ann.own.device, letter(2));
  await expect.poll(async () => (await withMe()).map(({ name }) => name)).toEqual(['trip 2']);
});
