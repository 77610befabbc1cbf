import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import onboarding from '#shared/i18n/en/onboarding.json' with { type: 'json' };
import type { VaultDeps } from '../index.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';

let bench: Bench;
let outside: string;
let places: string[];
const settings: object[] = [];
const deps = (): Partial<VaultDeps> => ({
  preferences: {
    read: () => ({ person: 'Ada', language: 'de', theme: 'dark' }),
    async write(given) {
      settings.push(given);
    },
  },
  async rootOf(typed) {
    return new Uint8Array(32).fill('words' in typed && typed.words[0] === 'right' ? 42 : 43);
  },
});
beforeEach(async () => {
  settings.length = 0;
  outside = await mkdtemp(join(tmpdir(), 'hypha-outside-'));
  places = ['a', 'b', 'c', 'd'].map((name) => join(outside, name));
  bench = await openBench(deps());
  await h()['vault.setup']({ profile: { k: 2, m: 1 }, paths: places }, testContext());
  await put('f', noise(300_000, 1));
  await put('g', noise(10, 2));
});
afterEach(async () => {
  await bench.close();
  await rm(outside, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const put = async (name: string, bytes: Uint8Array): Promise<void> => {
  await writeFile(join(outside, name), bytes);
  await h()['vault.put']({ paths: [join(outside, name)], into: 'root', clash: 'both' }, testContext());
};
const read = (name: string) => readAll(h()['vault.read']({ item: `/${name}`, offset: 0 }, testContext()));
const kit = () => h()['vault.kit']({}, testContext());
/** The laptop is gone; another one, with the words typed in. */
const burn = async (more: Partial<VaultDeps> = {}): Promise<void> => {
  await bench.close();
  bench = await openBench({ ...deps(), ...more });
};
const recover = (text: string, more: { othersLost?: boolean } = {}) =>
  h()['vault.recover']({ kit: text, ...more }, testContext());
const words = (first: string) => [first, ...Array.from({ length: 23 }, () => 'word')];
const rehearse = (more: object = {}) => h()['vault.rehearse']({ files: 20, ...more }, testContext());
const tree = async (path: string): Promise<string[]> => (await readdir(path, { recursive: true })).sort();

it('takes the vault up again on an empty computer, also with as many places gone as may go', async () => {
  await h()['vault.configureSnapshots']({ every: 30, hours: 1, days: 1, weeks: 1, months: 1 }, testContext());
  const { text, fingerprint, needed, places: listed, elsewhere } = await kit();
  expect({ needed, elsewhere }).toEqual({ needed: 2, elsewhere: 0 });
  expect(listed.map(({ where, opens, here }) => [where, opens, here])).toEqual(
    places.map((path) => [path, 'nothing', true]),
  );
  expect(text).toContain('ATTENTION: only 0 of the places');
  // What is on paper for years names the button as it is called.
  expect(text).toContain(`choose "${onboarding.who.restore}" on the first page`);
  await rm(places[1] ?? '', { recursive: true });
  await burn();
  const view = await h()['vault.readKit']({ kit: text }, testContext());
  expect(view).toMatchObject({ fingerprint, person: 'Ada', needed: 2 });
  const done = await recover(text);
  expect(done).toMatchObject({
    status: { state: 'ready', files: 2 },
    missing: [{ where: places[1], why: 'Nothing is there.' }],
  });
  expect(done.settings).toEqual([
    { key: 'language', value: 'de' },
    { key: 'theme', value: 'dark' },
    { key: 'snapshots', value: 'every 30 minutes' },
  ]);
  expect(settings).toEqual([{ language: 'de', theme: 'dark' }]);
  expect((await h()['vault.snapshots']({}, testContext())).policy.every).toBe(30);
  expect(Buffer.compare(await read('f'), noise(300_000, 1))).toBe(0);
  expect((await h()['vault.places']({}, testContext())).places).toHaveLength(4);
  // The one that is lost is missed, not made anew.
  expect((await readdir(outside)).sort()).toEqual(['a', 'c', 'd', 'f', 'g']);
});

it('does nothing where too few places are left, with other words, or with a kit that is damaged', async () => {
  const { text, lines } = await kit();
  await burn();
  const typing = lines.map((line, i) =>
    i === 2 ? line.replace(/^(\d+) (.)/, (_, n, c) => `${n} ${c === 'a' ? 'b' : 'a'}`) : line,
  );
  await expect(recover(typing.join('\n'))).rejects.toMatchObject({ code: 'BAD_KIT', data: { line: 3 } });
  await expect(recover('no kit')).rejects.toMatchObject({ code: 'BAD_KIT' });
  await expect(recover(lines.slice(0, -1).join('\n'))).rejects.toMatchObject({ code: 'BAD_KIT' });
  bench.keys.set(new Uint8Array(32).fill(9));
  await expect(recover(text)).rejects.toMatchObject({ code: 'KIT_OF_ANOTHER' });
  bench.keys.set(null);
  await expect(recover(text)).rejects.toMatchObject({ code: 'LOCKED' });
  bench.keys.set(new Uint8Array(32).fill(42));
  for (const path of places.slice(0, 3)) await cp(path, `${path}-kept`, { recursive: true });
  for (const path of places.slice(0, 3)) await rm(path, { recursive: true });
  await expect(recover(text)).rejects.toMatchObject({
    code: 'NOT_ENOUGH_PLACES',
    message: expect.stringContaining('Nothing is there.'),
  });
  expect((await h()['vault.status']({}, testContext())).state).toBe('none');
  for (const path of places.slice(0, 3)) await cp(`${path}-kept`, path, { recursive: true });
  // Other things at the address of one of them do no harm either.
  await rm(places[3] ?? '', { recursive: true });
  await writeFile(places[3] ?? '', 'a file');
  expect(await recover(text)).toMatchObject({ status: { state: 'ready', files: 2 }, missing: [{ where: places[3] }] });
});

it('knows whether the last kit is still right', async () => {
  const recovery = () => h()['vault.recovery']({}, testContext());
  expect(await recovery()).toEqual({ kit: null, rehearsal: null });
  const { fingerprint } = await kit();
  expect(await recovery()).toMatchObject({ kit: { fingerprint, stale: false } });
  await h()['vault.addPlace']({ path: join(outside, 'e') }, testContext());
  expect(await recovery()).toMatchObject({ kit: { fingerprint, stale: true } });
  await bench.restart();
  expect(await recovery()).toMatchObject({ kit: { fingerprint, stale: true } });
});

it('rehearses recovery, says what it proved, and touches nothing', async () => {
  await h()['vault.takeSnapshot']({ name: 'now' }, testContext());
  const { text } = await kit();
  // What is to be on the places is there before the look.
  await bench.restart();
  const before = await Promise.all(places.map(tree));
  const one = await rehearse();
  expect(one).toMatchObject({
    ...{ ok: true, problem: '', keys: 'session', kit: 'current', computerLost: false, needed: 2 },
    ...{ files: 2, tried: 2, bytes: 300_010, wrong: 0, behind: false, snapshot: { number: 1, ok: true } },
  });
  expect(one.lacking.join(' ')).toContain('That you have your words was not proved');
  const two = await rehearse({ kit: text, words: words('right'), files: 1 });
  expect(two).toMatchObject({ ok: true, keys: 'words', kit: 'given', tried: 1 });
  expect(two.lacking.join(' ')).not.toContain('not proved');
  await expect(rehearse({ words: words('wrong') })).rejects.toMatchObject({ code: 'KIT_OF_ANOTHER' });
  expect((await h()['vault.recovery']({}, testContext())).rehearsal).toEqual(two);
  expect(await Promise.all(places.map(tree))).toEqual(before);
  expect(await readdir(join(bench.home, 'vault'))).not.toContain('rehearsal');
});

it('says in a rehearsal what a real recovery would miss', async () => {
  // The list of files can be read, and of each file one piece of three is left at most.
  // (The smaller file lies in one piece, which may be the one that is left.) Nothing runs meanwhile: what is lost one by one is made again elsewhere at once.
  await bench.vault.stop();
  for (const path of places.slice(0, 3)) await rm(join(path, 'p'), { recursive: true, force: true });
  await bench.vault.start();
  expect(await rehearse()).toMatchObject({ ok: false, problem: expect.stringMatching(/^[12] of 2 files/) });
  await rm(places[0] ?? '', { recursive: true });
  const damaged = await rehearse();
  expect(damaged.places.map(({ state, why }) => [state, why])).toEqual([
    ['missing', 'Nothing is there.'],
    ['used', ''],
    ['used', ''],
    ['used', ''],
  ]);
  await rm(places[1] ?? '', { recursive: true });
  await rm(places[2] ?? '', { recursive: true });
  expect(await rehearse()).toMatchObject({ ok: false, problem: expect.stringMatching(/^Only 1 of the places/) });
});

it('a rehearsal that was killed leaves nothing after the next start, and one at a time is enough', async () => {
  await bench.vault.stop();
  await cp(join(bench.home, 'vault'), join(bench.home, 'rehearsal-copy'), { recursive: true });
  await cp(join(bench.home, 'rehearsal-copy'), join(bench.home, 'vault', 'rehearsal'), { recursive: true });
  await bench.vault.start();
  expect(await readdir(join(bench.home, 'vault'))).not.toContain('rehearsal');
  const [first, second] = await Promise.allSettled([rehearse(), rehearse()]);
  expect(first.status).toBe('fulfilled');
  expect(second).toMatchObject({ status: 'rejected', reason: { code: 'BUSY' } });
  const stopped = testContext();
  stopped.aborter.abort();
  await expect(h()['vault.rehearse']({ files: 3 }, stopped)).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await readdir(join(bench.home, 'vault'))).not.toContain('rehearsal');
});
