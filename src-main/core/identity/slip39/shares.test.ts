import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CallContext } from '#core/broker/handlers.ts';
import { phraseFromEntropy } from '#core/crypto/phrase.ts';
import { createFakeHost, type FakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createIdentity, type Identity } from '../index.ts';

const passphrase = 'correct horse battery';
const words = phraseFromEntropy(new Uint8Array(32).fill(5));
const context: CallContext = {
  caller: { connection: 'c1', face: 'ui', name: 'test', person: true },
  signal: new AbortController().signal,
  undo: () => {},
};
let directory: string;
let host: FakeHost;
let identity: Identity;
const open = async (seed = 7): Promise<void> => {
  host = createFakeHost({ seed });
  const calibrate = async () => ({ passes: 1, memoryKiB: 64 * 1024 });
  identity = createIdentity({ host, log: silentLog, emit: () => {}, directory, deviceName: 'bench', calibrate });
  await identity.start();
};
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-shares-'));
  await open();
  await identity.handlers['identity.restore']({ words, name: 'Ada', passphrase }, context);
});
afterEach(async () => {
  await identity.stop();
  await rm(directory, { recursive: true, force: true });
});

const make = (threshold: number, count: number) =>
  identity.handlers['shares.make']({ threshold, count, passphrase }, context);
/** As a person does: see a share, write it down, type three of its words. */
async function writeAll(threshold: number, count: number): Promise<string[]> {
  const { set } = await make(threshold, count);
  const paper: string[] = [];
  for (let number = 1; number <= count; number++) {
    const shown = await identity.handlers['shares.show']({ set, number }, context);
    paper.push(shown.words.join(' '));
    const answers = shown.check.map((index) => ({ index, word: shown.words[index] ?? '' }));
    const { next } = await identity.handlers['shares.written']({ set, number, answers }, context);
    expect(next).toBe(number === count ? null : number + 1);
    // Written down: it is not shown a second time.
    await expect(async () => identity.handlers['shares.show']({ set, number }, context)).rejects.toMatchObject({
      code: 'SHARES_GONE',
    });
  }
  return paper;
}
const status = () => identity.handlers['shares.status']({}, context);

it('gives the same person back on another computer, from so many shares in any order, typed anyhow', async () => {
  const person = identity.person()?.id;
  const paper = await writeAll(2, 3);
  expect(await status()).toMatchObject({ made: { count: 3, threshold: 2 }, open: null });
  const root = identity.personKeys()?.vaultRoot.slice();
  // What a share says is in no file.
  for (const name of await readdir(directory)) {
    const text = await readFile(join(directory, name), 'latin1');
    for (const share of paper) expect(text).not.toContain(share.slice(0, 30));
  }
  expect(await identity.vaultRootOf({ shares: paper.slice(1) })).toEqual(root);
  expect(await identity.vaultRootOf({ words })).toEqual(root);
  await identity.stop();
  await rm(directory, { recursive: true });
  await open(8);
  const typed = [paper[2] ?? '', (paper[0] ?? '').toUpperCase().replaceAll(' ', ',\n 1. ')];
  expect(await identity.handlers['shares.check']({ shares: typed.slice(1) }, context)).toEqual({
    groupsNeeded: 1,
    groups: [{ needed: 2, have: 1 }],
    enough: false,
  });
  expect(await identity.handlers['shares.check']({ shares: typed }, context)).toMatchObject({ enough: true });
  await identity.handlers['shares.restore']({ shares: typed, name: 'Ada', passphrase: 'another passphrase' }, context);
  expect(identity.person()?.id).toBe(person);
  expect(identity.isUnlocked()).toBe(true);
}, 60_000);

it('shows one share at a time, and only to who has the passphrase and writes down', async () => {
  await expect(
    identity.handlers['shares.make']({ threshold: 2, count: 2, passphrase: 'wrong' }, context),
  ).rejects.toMatchObject({ code: 'WRONG_PASSPHRASE' });
  const { set, next } = await make(2, 2);
  expect(next).toBe(1);
  const show = async (number: number, of = set) => identity.handlers['shares.show']({ set: of, number }, context);
  const first = await show(1);
  // Not the next before this one is written down; this one again after a reload.
  await expect(show(2)).rejects.toMatchObject({ code: 'SHARES_GONE' });
  expect(await show(1)).toEqual(first);
  const answers = first.check.map((index) => ({ index, word: 'academic' }));
  await expect(async () =>
    identity.handlers['shares.written']({ set, number: 1, answers }, context),
  ).rejects.toMatchObject({ code: 'WORDS_WRONG' });
  // Others than were asked for prove nothing.
  const [a, b] = first.check;
  const twice = [a, b, b].map((index = 0) => ({ index, word: first.words[index] ?? '' }));
  await expect(async () =>
    identity.handlers['shares.written']({ set, number: 1, answers: twice }, context),
  ).rejects.toMatchObject({ code: 'WORDS_WRONG' });
  // Whoever locks, or stays away for an hour, gives the set up.
  identity.lock();
  await expect(show(1)).rejects.toMatchObject({ code: 'SHARES_GONE' });
  expect(await status()).toEqual({ made: null, open: null });
  const again = await make(2, 2);
  host.advance(61 * 60_000);
  await expect(show(1, again.set)).rejects.toMatchObject({ code: 'SHARES_GONE' });
}, 60_000);

it('says which share is wrong, and that shares of two sets do not go together', async () => {
  const one = await writeAll(2, 3);
  const other = await writeAll(2, 3);
  const check = async (shares: string[]) => identity.handlers['shares.check']({ shares }, context);
  const swap = (share = '') => share.replace(/^(\S+) (\S+) (\S+) (\S+)/, '$1 $2 $4 $3');
  await expect(check([one[0] ?? '', swap(one[1])])).rejects.toMatchObject({ code: 'BAD_SHARES', data: { share: 2 } });
  await expect(check([`${one[0]} zucchini`])).rejects.toMatchObject({ message: expect.stringContaining('the list') });
  await expect(check([(one[0] ?? '').split(' ').slice(1).join(' ')])).rejects.toMatchObject({ code: 'BAD_SHARES' });
  await expect(check([one[0] ?? '', other[1] ?? ''])).rejects.toMatchObject({
    message: 'These shares are of different sets.',
  });
  await expect(identity.vaultRootOf({ shares: one.slice(0, 1) })).rejects.toMatchObject({
    message: 'One more share is needed.',
  });
  const restore = identity.handlers['shares.restore'];
  await expect(
    restore({ shares: [one[0] ?? '', other[0] ?? ''], name: 'A', passphrase }, context),
  ).rejects.toMatchObject({
    code: 'BAD_SHARES',
  });
}, 60_000);
