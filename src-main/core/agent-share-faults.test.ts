import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GivenShare, SharedItem, TakenShare, VaultItem } from '#shared/contract/vault.ts';
import { type ChildAgent, startChildAgent } from './testing/child-agent.ts';
import { noise } from './vault/testing/harness.ts';

/*
 * Sharing that is killed on either side, that runs into a full disk, and that loses its contact in the middle: two whole agents, each in a
 * process of its own, whose data directories lie on small file systems where that can be had.
 */

let ann: ChildAgent;
let ben: ChildAgent;
let scratch = '';
let homes: { ann: string; ben: string };
let mounted = false;
/** A folder of Ann's that Ben may read and write. */
let folder: GivenShare;
const patience = { timeout: 60_000, interval: 100 };
const tally = { stored: 0, faults: 0, lost: 0, wrong: 0 };

const contents = new Map([
  ['one.bin', noise(4_500_001, 3)],
  ['two.bin', noise(3_000_002, 5)],
  ['small.txt', noise(40, 7)],
]);
const sent = noise(4_500_003, 9);

const items = async (who: ChildAgent, where: string): Promise<VaultItem[]> =>
  (await who.call<{ items: VaultItem[] }>('vault.list', { folder: where })).items;
const look = async (): Promise<SharedItem[]> =>
  (await ben.call<{ items: SharedItem[] }>('vault.lookShared', { share: folder.id })).items;
/** Ann answers, as soon as she can be reached. */
const reachable = () => vi.waitFor(async () => expect((await look()).length).toBeGreaterThan(0), patience);
const save = (onProgress?: (done: number) => void) =>
  ben.call<{ files: number }>('vault.saveShared', { share: folder.id, into: 'root' }, onProgress);
const send = (onProgress?: (done: number) => void) =>
  ben.call<{ how: string }>('vault.sendShared', { share: folder.id, item: '/sent.bin' }, onProgress);
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'done',
    (error: { code: string }) => error.code,
  );
/** Resolves when so much of a task is done; `begin` starts it. */
async function inTheMiddle(begin: (progress: (done: number) => void) => Promise<unknown>, bytes = 1_500_000) {
  let reached = (): void => {};
  const middle = new Promise<void>((resolve) => {
    reached = resolve;
  });
  const end = outcome(begin((done) => done >= bytes && reached()));
  await Promise.race([middle, end]);
  tally.faults++;
  return end;
}
/** Folders that were looked at, and are whole. */
const looked = new Set<string>();
/** What Ben has of Ann's files is whole, whatever it is; and his places hold what they should. */
async function bensAreWhole(all: boolean): Promise<void> {
  const tops = (await items(ben, 'root')).filter(({ kind, id }) => kind === 'folder' && !looked.has(id));
  const seen = new Set<string>();
  for (const top of tops) {
    looked.add(top.id);
    for (const file of await items(ben, top.id)) {
      const bytes = contents.get(file.name) ?? sent;
      seen.add(file.name);
      const now = await ben.read('vault.read', { item: file.id }).catch(() => null);
      if (now === null) tally.lost++;
      else if (!now.equals(bytes)) tally.wrong++;
    }
  }
  if (all) for (const name of contents.keys()) if (!seen.has(name)) tally.lost++;
  await isSound(ben);
}
async function annsAreWhole(): Promise<void> {
  for (const file of await items(ann, folder.item)) {
    const bytes = contents.get(file.name) ?? sent;
    const now = await ann.read('vault.read', { item: file.id }).catch(() => null);
    if (now === null) tally.lost++;
    else if (!now.equals(bytes)) tally.wrong++;
  }
  await isSound(ann);
}
const isSound = async (who: ChildAgent): Promise<void> =>
  expect(await who.call('vault.verify')).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-share-faults-'));
  homes = { ann: join(scratch, 'ann'), ben: join(scratch, 'ben') };
  for (const home of Object.values(homes)) mkdirSync(home);
  try {
    for (const home of Object.values(homes)) {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=500m', 'tmpfs', home], { stdio: 'ignore' });
      mounted = true;
    }
  } catch {
    console.log('disks are not filled: a small one can only be mounted as root on Linux');
  }
  [ann, ben] = await Promise.all([startChildAgent(homes.ann, 'Ann', 1), startChildAgent(homes.ben, 'Ben', 2)]);
  const [a, b] = await Promise.all([ann, ben].map((who) => who.call<{ link: string }>('contacts.myCard')));
  await ann.call('contacts.add', { card: b?.link });
  await ben.call('contacts.add', { card: a?.link });
  const alone = { publicPeers: false, discovery: false };
  await ann.call('mesh.join', { ...alone, listen: true, port: 0 });
  const { listening } = await ann.call<{ listening: number }>('mesh.status');
  // Where it is found again after a new start.
  await ann.call('mesh.configure', { port: listening });
  await ben.call('mesh.join', { ...alone, listen: false });
  await ben.call('mesh.addPeer', { endpoint: `tcp://127.0.0.1:${listening}` });
  for (const who of [ann, ben]) await who.call('vault.setup', { profile: { k: 2, m: 1 } });
  const top = join(scratch, 'shared');
  mkdirSync(top);
  for (const [name, bytes] of contents) await writeFile(join(top, name), bytes);
  await ann.call('vault.put', { paths: [top], clash: 'both' });
  await writeFile(join(scratch, 'sent.bin'), sent);
  await ben.call('vault.put', { paths: [join(scratch, 'sent.bin')], clash: 'both' });
  tally.stored = contents.size + 1;
  const input = { item: '/shared', contact: 'Ben', access: 'write', unverified: true };
  folder = (await ann.call<{ share: GivenShare }>('vault.share', input)).share;
  await vi.waitFor(
    async () => expect((await ben.call<{ shares: TakenShare[] }>('vault.sharedWithMe')).shares).toHaveLength(1),
    patience,
  );
  await reachable();
}, 120_000);
afterAll(async () => {
  await Promise.all([ann?.stop(), ben?.stop()]);
  for (const home of mounted ? Object.values(homes) : []) {
    try {
      execFileSync('umount', ['-l', home], { stdio: 'ignore' });
    } catch {
      // The second was not mounted.
    }
  }
  await rm(scratch, { recursive: true, force: true });
  const { stored, faults, lost, wrong } = tally;
  console.log(
    `sharing: objects stored ${stored}, faults injected ${faults}, objects lost ${lost}, wrong bytes served ${wrong}`,
  );
});

describe('killed in the middle', () => {
  it('the receiver has whole files or none, and gets the rest when it asks again', async () => {
    const saving = await inTheMiddle(save);
    await ben.kill();
    expect(await saving).toMatch(/^(KILLED|done)$/);
    await ben.start();
    await bensAreWhole(false);
    await reachable();
    await save();
    await bensAreWhole(true);
    expect(tally).toMatchObject({ lost: 0, wrong: 0 });
  }, 120_000);

  it('the owner loses nothing, and the receiver goes on when she is back, or says that she is away', async () => {
    const saving = await inTheMiddle(save);
    await ann.kill();
    await ann.start();
    expect(await saving).toMatch(/^(done|NOT_REACHABLE)$/);
    await annsAreWhole();
    await bensAreWhole(false);
    await reachable();
    await save();
    await bensAreWhole(true);
    expect(tally).toMatchObject({ lost: 0, wrong: 0 });
  }, 240_000);

  it('what is sent to the owner arrives whole and once, whoever is killed', async () => {
    for (const who of [ben, ann]) {
      const before = (await items(ann, folder.item)).length;
      const sending = await inTheMiddle(send);
      await who.kill();
      await who.start();
      const first = await sending;
      await reachable();
      await annsAreWhole();
      if (first !== 'done') await send();
      const after = await items(ann, folder.item);
      // The one that was cut short may have arrived without its sender hearing of it.
      expect(after.length - before).toBeGreaterThanOrEqual(1);
      expect(after.length - before).toBeLessThanOrEqual(first === 'done' ? 1 : 2);
      await annsAreWhole();
    }
    expect(tally).toMatchObject({ lost: 0, wrong: 0 });
  }, 300_000);
});

describe('a disk that is full', () => {
  const fill = (home: string): (() => Promise<void>) => {
    const path = join(home, 'filler');
    const file = openSync(path, 'a');
    for (const size of [1 << 20, 1 << 12]) {
      try {
        while (writeSync(file, Buffer.alloc(size, 1)) === size);
      } catch {
        // Full, down to blocks of this size.
      }
    }
    closeSync(file);
    tally.faults++;
    return () => rm(path);
  };

  it('at the receiver, and at the owner who is sent something: said as it is, nothing lost, and it goes on with room', async (context) => {
    if (!mounted) return context.skip();
    const emptyBen = fill(homes.ben);
    expect(await outcome(save())).toBe('DISK_FULL');
    await bensAreWhole(false);
    await emptyBen();
    await ben.call('vault.places');
    await save();
    const emptyAnn = fill(homes.ann);
    const before = (await items(ann, folder.item)).length;
    expect(await outcome(send())).toBe('OWNER_FULL');
    expect((await items(ann, folder.item)).length).toBe(before);
    // She reads and serves all the same.
    await save();
    await emptyAnn();
    await ann.call('vault.places');
    await send();
    await bensAreWhole(true);
    await annsAreWhole();
    expect(tally).toMatchObject({ lost: 0, wrong: 0 });
  }, 120_000);
});

it('a contact who is removed in the middle gets no more and keeps whole files only; put back, goes on', async () => {
  const before = (await items(ben, 'root')).length;
  let done = 0;
  const saving = await inTheMiddle((progress) =>
    save((now) => {
      done = now;
      progress(now);
    }),
  );
  await ann.call('contacts.remove', { contact: folder.contact });
  // Nothing that was asked for from here on is answered; who asks gives up in his own time, or when he has enough.
  expect(await outcome(ben.call('vault.lookShared', { share: folder.id }))).toMatch(/^(NOT_REACHABLE|SHARE_ENDED)$/);
  const whole = done >= [...contents.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  const { tasks } = await ben.call<{ tasks: { id: string; state: string }[] }>('tasks.list');
  for (const { id } of tasks.filter(({ state }) => state === 'running')) await ben.call('tasks.cancel', { task: id });
  expect(await saving).toMatch(whole ? /^done$/ : /^(CANCELLED|cancelled|NOT_REACHABLE|SHARE_ENDED)$/);
  await bensAreWhole(false);
  await annsAreWhole();
  await ann.call('contacts.restore', { contact: folder.contact });
  await reachable();
  await save();
  await bensAreWhole(true);
  expect((await items(ben, 'root')).length).toBeGreaterThan(before);
  expect(tally).toMatchObject({ lost: 0, wrong: 0 });
}, 240_000);
