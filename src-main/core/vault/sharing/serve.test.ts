import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ItemId } from '#shared/model/ids.ts';
import { noise, readAll, testContext } from '../testing/harness.ts';
import type { Answer } from './format/asking.ts';
import { incomingIdleMs } from './incoming.ts';
import { contact, type Owner, openOwner } from './testing/owner.ts';

/* The owner's side against receivers that speak the protocol and mean no good. */

const MiB = 1024 * 1024;
let owner: Owner;
let scratch: string;
let uploads = 0;

const h = () => owner.bench.vault.handlers;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-owner-'));
  owner = await openOwner();
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterAll(async () => {
  await owner.close();
  await rm(scratch, { recursive: true, force: true });
});

async function folder(name: string, files: readonly string[] = []): Promise<void> {
  await mkdir(join(scratch, name));
  for (const file of files) await writeFile(join(scratch, name, file), file);
  await h()['vault.put']({ paths: [join(scratch, name)], into: 'root', clash: 'both' }, testContext());
}
const uploadId = (n: number): string => {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(n);
  return bytes.toString('base64url');
};
type Offer = Awaited<ReturnType<Owner['share']>>;
/** What is sent up to the last byte, and not more. */
async function sent(offer: Offer, bytes: Buffer, name: string, replaces: ItemId | null = null) {
  const upload = uploadId(++uploads);
  const what = { into: null, modified: 1, name, replaces, size: bytes.length };
  const began = await owner.ask({ ask: 'send', upload, ...what }, offer);
  for (let at = 0; at < bytes.length; at += MiB)
    await owner.ask({ ask: 'piece', upload, offset: at, bytes: bytes.subarray(at, at + MiB) }, offer);
  return { upload, began, done: () => owner.ask({ ask: 'done', upload }, offer) };
}
const entries = (answer: unknown): Extract<Answer, { say: 'looked' }>['entries'] =>
  (answer as Extract<Answer, { say: 'looked' }>).entries;
const look = async (offer: Offer, after: string | null = null) =>
  owner.ask({ ask: 'look', item: null, after }, offer) as Promise<Extract<Answer, { say: 'looked' }>>;

it('takes no more through a share than its room, also when all of it comes at one time', async () => {
  await folder('room');
  const offer = await owner.share('/room', { room: 3 * MiB });
  const one = await sent(offer, noise(2 * MiB, 1), 'one');
  const two = await sent(offer, noise(2 * MiB, 2), 'two');
  expect(two.began).toEqual({ say: 'no', code: 'DISK_FULL' });
  expect(await one.done()).toMatchObject({ say: 'arrived', how: 'new' });
  const three = await sent(offer, noise(MiB, 3), 'three');
  expect(await three.done()).toMatchObject({ say: 'arrived' });
  expect((await owner.shares()).shares.find(({ id }) => id === offer.share)?.room).toBe(0);
});

it('counts what was sent and given up: whoever sends and stops without end fills no places', async () => {
  await folder('junk');
  const offer = await owner.share('/junk', { room: 3 * MiB });
  const one = await sent(offer, noise(2 * MiB, 6), 'one');
  await owner.ask({ ask: 'stop', upload: one.upload }, offer);
  expect((await sent(offer, noise(2 * MiB, 7), 'two')).began).toEqual({ say: 'no', code: 'DISK_FULL' });
  expect(await (await sent(offer, noise(MiB, 8), 'three')).done()).toMatchObject({ say: 'arrived' });
});

it('lets of two new versions of one file, made from the same one, neither take the place of the other', async () => {
  await folder('both', ['plan.txt']);
  const offer = await owner.share('/both');
  const [plan] = entries(await look(offer));
  const one = await sent(offer, Buffer.alloc(0), 'plan.txt', plan?.id);
  const two = await sent(offer, Buffer.alloc(0), 'plan.txt', plan?.id);
  // In one turn of the loop, so that both are seen to fit before either is there.
  await owner.together(
    [one, two].map(({ upload }) => ({ ask: 'done', upload }) as const),
    offer,
  );
  // Asked again, it says what became of it.
  const ends = [await one.done(), await two.done()];
  expect(ends.map((end) => (end as Extract<Answer, { say: 'arrived' }>).how).sort()).toEqual(['beside', 'version']);
  expect(entries(await look(offer)).map(({ name }) => name)).toEqual(['plan (from Ben).txt', 'plan.txt']);
});

it('gives up what nobody goes on sending, without anybody asking', async () => {
  await folder('idle');
  const offer = await owner.share('/idle', { room: 4 * MiB });
  const upload = uploadId(++uploads);
  const what = { into: null, modified: 1, name: 'half', replaces: null, size: 3 * MiB };
  await owner.ask({ ask: 'send', upload, ...what }, offer);
  await owner.ask({ ask: 'piece', upload, offset: 0, bytes: noise(MiB, 4) }, offer);
  const before = owner.bench.host.timers();
  owner.bench.host.advance(incomingIdleMs);
  expect(owner.bench.host.timers()).toBeLessThan(before);
  expect(await owner.ask({ ask: 'piece', upload, offset: MiB, bytes: noise(MiB, 5) }, offer)).toEqual({
    ...{ say: 'no', code: 'INCOMPLETE' },
  });
  // Nothing of it is in the vault.
  expect(entries(await look(offer))).toEqual([]);
});

it('shares something with somebody once, however often that is asked at one time', async () => {
  await folder('once');
  const ask = async (): Promise<string> => {
    try {
      await h()['vault.share']({ item: '/once', contact, access: 'read', unverified: true, room: 0 }, testContext());
      return 'shared';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  expect((await Promise.all([ask(), ask(), ask()])).sort()).toEqual(['ALREADY_EXISTS', 'ALREADY_EXISTS', 'shared']);
});

it('shows a large folder page by page, each name once, also while it changes', async () => {
  const names = Array.from({ length: 1203 }, (_, i) => `Photo ${i}.jpg`);
  await folder('many', names);
  const offer = await owner.share('/many');
  const first = await look(offer);
  expect(first).toMatchObject({ total: 1203, more: true });
  const second = await look(offer, first.entries.at(-1)?.name);
  // One that was shown goes, and one comes that belongs before what was shown.
  await h()['vault.bin']({ items: [first.entries[3]?.id as ItemId] }, testContext());
  await writeFile(join(scratch, 'a first one'), '');
  await h()['vault.put']({ paths: [join(scratch, 'a first one')], into: '/many', clash: 'both' }, testContext());
  const third = await look(offer, second.entries.at(-1)?.name);
  expect(third).toMatchObject({ total: 1203, more: false });
  expect([first, second, third].flatMap((page) => page.entries.map(({ name }) => name))).toEqual(names);
  expect(entries(await look(offer))[0]?.name).toBe('a first one');
});

it('takes no time that nothing can show, from whoever says one', async () => {
  await folder('times');
  const offer = await owner.share('/times');
  const what = { into: null, name: 'mad', replaces: null, size: 0 };
  const upload = uploadId(++uploads);
  expect(await owner.ask({ ask: 'send', upload, ...what, modified: Number.MAX_SAFE_INTEGER }, offer)).toEqual({
    ...{ say: 'no', code: 'BAD_INPUT' },
  });
});

it('serves nobody who is no contact any more, and says in the list that it does not', async () => {
  await folder('gone', ['a.txt']);
  const offer = await owner.share('/gone');
  owner.meet('gone');
  expect(await owner.ask({ ask: 'look', item: null, after: null }, offer)).toBe('unknown');
  expect((await owner.shares()).shares.find(({ id }) => id === offer.share)?.state).toBe('blocked');
  owner.meet('known');
  expect(await look(offer)).toMatchObject({ say: 'looked' });
  // Their keys are others now: the key of before is good for nothing, and they are told the new one.
  owner.meet('known', true);
  await expect.poll(() => owner.last().generation).toBe(2);
  expect(await owner.ask({ ask: 'look', item: null, after: null }, offer)).toBe('renewed');
  const read = {
    ask: 'read',
    item: entries(await look(owner.last()))[0]?.id as ItemId,
    offset: 0,
    length: 10,
  } as const;
  expect(await owner.ask(read)).toMatchObject({ say: 'bytes' });
  expect((await readAll(h()['vault.read']({ item: '/gone/a.txt', offset: 0 }, testContext()))).toString()).toBe(
    'a.txt',
  );
});
