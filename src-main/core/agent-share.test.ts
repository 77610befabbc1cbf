import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { GivenShare, ShareArrival, SharedItem, TakenShare, VaultItem } from '#shared/contract/vault.ts';
import { seededRandom } from './testing/fake-host.ts';
import { type MeshAgent, startMeshAgent } from './testing/mesh-agents.ts';
import { encodeAsking } from './vault/sharing/format/asking.ts';
import { callKeys, sealQuestion } from './vault/sharing/format/call.ts';
import { noise } from './vault/testing/harness.ts';

/* Sharing between whole agents, each with a mesh node of its own: Ann owns, Ben receives, Cat is another contact of Ann's. */

let ann: MeshAgent;
let ben: MeshAgent;
let cat: MeshAgent;
/** Outside all data directories: nothing is stored from there, or written there. */
let scratch = '';
let sources = 0;

const patience = { timeout: 45_000, interval: 100 };
const big = noise(5 * 1024 * 1024 + 321, 5);

async function meet(a: MeshAgent, b: MeshAgent): Promise<void> {
  for (const [who, other] of [
    [a, b],
    [b, a],
  ] as const) {
    const { link } = await other.call<{ link: string }>('contacts.myCard');
    await who.call('contacts.add', { card: link });
  }
}

/** Put files into a vault by their paths below its top. */
async function store(who: MeshAgent, directory: string, files: Record<string, Buffer | string>, clash = 'both') {
  const top = join(scratch, `${++sources}`, directory);
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(top, name, '..'), { recursive: true });
    await writeFile(join(top, name), content);
  }
  await who.task('vault.put', { paths: [top], clash });
}
const withMe = async (who: MeshAgent) => (await who.call<{ shares: TakenShare[] }>('vault.sharedWithMe')).shares;
const mine = (who: MeshAgent, ended = false) =>
  who.call<{ shares: GivenShare[]; arrivals: ShareArrival[] }>('vault.shares', { ended });
const look = (who: MeshAgent, share: string, item?: string) =>
  who.call<{ item: SharedItem; items: SharedItem[]; path: { name: string }[] }>('vault.lookShared', {
    share,
    ...(item === undefined ? {} : { item }),
  });
const share = async (input: Record<string, unknown>) =>
  (await ann.call<{ share: GivenShare }>('vault.share', { unverified: true, ...input })).share;
/** The invitation has come. */
const invited = (who: MeshAgent, id: string) =>
  expect.poll(async () => (await withMe(who)).some((one) => one.id === id), patience).toBe(true);
const itemOf = async (who: MeshAgent, folder: string, name: string): Promise<VaultItem | undefined> =>
  (await who.call<{ items: VaultItem[] }>('vault.list', { folder })).items.find((item) => item.name === name);

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-share-'));
  [ann, ben, cat] = await Promise.all([startMeshAgent('Ann', 1), startMeshAgent('Ben', 2), startMeshAgent('Cat', 3)]);
  await meet(ann, ben);
  await meet(ann, cat);
  const alone = { publicPeers: false, discovery: false };
  await ann.call('mesh.join', { ...alone, listen: true, port: 0 });
  const { listening } = await ann.call('mesh.status');
  for (const who of [ben, cat]) {
    await who.call('mesh.join', { ...alone, listen: false });
    await who.call('mesh.addPeer', { endpoint: `tcp://127.0.0.1:${listening}` });
  }
  for (const who of [ann, ben, cat]) await who.call('vault.setup', { profile: { k: 2, m: 1 } });
  await store(ann, 'trip', {
    'plan.txt': 'first plan',
    'photos/beach.jpg': big,
    'photos/empty.txt': '',
    'photos/more/ü – x.txt': 'deep',
  });
  await store(ann, 'private', { 'diary.txt': 'nobody else' });
}, 120_000);
afterAll(async () => {
  await Promise.all([ann.end(), ben.end(), cat.end()]);
  await rm(scratch, { recursive: true, force: true });
});

describe('sharing over the mesh', () => {
  let folder: GivenShare;

  it('asks for a compared safety number, or for saying that there is none', async () => {
    await expect(ann.call('vault.share', { item: '/trip', contact: 'Ben' })).rejects.toMatchObject({
      code: 'CONTACT_UNVERIFIED',
    });
    await expect(share({ item: '/trip', contact: 'Nobody' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('shares a folder: the receiver is invited, browses, reads by range and saves it', async () => {
    folder = await share({ item: '/trip', contact: 'Ben' });
    expect(folder).toMatchObject({ name: 'trip', kind: 'folder', access: 'read', who: 'Ben', path: '/trip' });
    await invited(ben, folder.id);
    expect(await withMe(ben)).toMatchObject([{ name: 'trip', who: 'Ann', access: 'read', state: 'open' }]);
    const top = await look(ben, folder.id);
    expect(top.items.map(({ name, kind }) => `${kind} ${name}`)).toEqual(['folder photos', 'file plan.txt']);
    const photos = await look(ben, folder.id, top.items[0]?.id);
    expect(photos.path.map(({ name }) => name)).toEqual(['trip', 'photos']);
    const beach = photos.items.find(({ name }) => name === 'beach.jpg');
    expect(beach?.size).toBe(big.length);
    const range = { offset: 1_500_000, length: 2_000_001 };
    const piece = await ben.read('vault.readShared', { share: folder.id, item: beach?.id, ...range });
    expect(piece.equals(big.subarray(range.offset, range.offset + range.length))).toBe(true);
    const saved = await ben.task('vault.saveShared', { share: folder.id, into: 'root' });
    expect(saved).toMatchObject({ files: 4, bytes: big.length + 14 });
    const copy = await ben.read('vault.read', { item: '/trip/photos/beach.jpg' });
    expect(copy.equals(big)).toBe(true);
    expect((await ben.read('vault.read', { item: '/trip/photos/more/ü – x.txt' })).toString()).toBe('deep');
  }, 90_000);

  it('writes it to a directory too, over nothing that is there', async () => {
    const to = join(scratch, 'out');
    await mkdir(join(to, 'trip'), { recursive: true });
    expect(await ben.task('vault.exportShared', { share: folder.id, to })).toMatchObject({ files: 4 });
    expect((await readdir(to)).sort()).toEqual(['trip', 'trip (2)']);
    expect(await readFile(join(to, 'trip (2)', 'plan.txt'), 'utf8')).toBe('first plan');
    expect((await readFile(join(to, 'trip (2)', 'photos', 'beach.jpg'))).equals(big)).toBe(true);
  }, 60_000);

  it('keeps to what was shared, and to whom', async () => {
    const diary = await itemOf(ann, '/private', 'diary.txt');
    const outside = look(ben, folder.id, diary?.id);
    await expect(outside).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ben.read('vault.readShared', { share: folder.id, item: diary?.id })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    const send = ben.task('vault.sendShared', { share: folder.id, item: '/trip/plan.txt' });
    await expect(send).rejects.toMatchObject({ code: 'READ_ONLY' });
    expect(await withMe(cat)).toEqual([]);
    await expect(look(cat, folder.id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('takes new versions and files from who may send them, and never over what they did not see', async () => {
    await ann.call('vault.changeShare', { share: folder.id, access: 'write' });
    await expect.poll(async () => (await withMe(ben))[0]?.access, patience).toBe('write');
    const plan = (await look(ben, folder.id)).items.find(({ name }) => name === 'plan.txt');
    await store(ben, 'work', { 'mine.txt': 'second plan, by Ben', 'new.bin': big });
    const first = { share: folder.id, item: '/work/mine.txt', replaces: plan?.id };
    expect(await ben.task('vault.sendShared', first)).toMatchObject({ how: 'version', item: { name: 'plan.txt' } });
    expect((await ann.read('vault.read', { item: '/trip/plan.txt' })).toString()).toBe('second plan, by Ben');
    // The one before is kept: in the bin, and in the history of the path.
    const { versions } = await ann.call<{ versions: { now: string; size: number }[] }>('vault.history', {
      item: '/trip/plan.txt',
    });
    expect(versions.map(({ now }) => now)).toEqual(['there', 'binned']);
    // Made from the version before: beside, not over it.
    expect(await ben.task('vault.sendShared', first)).toMatchObject({
      how: 'beside',
      item: { name: 'mine (from Ben).txt' },
    });
    const added = await ben.task('vault.sendShared', { share: folder.id, item: '/work/new.bin' });
    expect(added).toMatchObject({ how: 'new', bytes: big.length });
    expect((await ann.read('vault.read', { item: '/trip/new.bin' })).equals(big)).toBe(true);
    const { arrivals } = await mine(ann);
    expect(arrivals.map(({ name, who, how }) => `${who} ${how} ${name}`)).toEqual([
      'Ben new new.bin',
      'Ben beside mine (from Ben).txt',
      'Ben version plan.txt',
    ]);
  }, 90_000);

  it('shares one file, which stays shared when there is a new version of it', async () => {
    const one = await share({ item: '/trip/plan.txt', contact: 'Cat' });
    await invited(cat, one.id);
    expect((await cat.read('vault.readShared', { share: one.id })).toString()).toBe('second plan, by Ben');
    const third = join(scratch, 'third');
    await mkdir(third);
    await writeFile(join(third, 'plan.txt'), 'third plan');
    await ann.task('vault.put', { paths: [join(third, 'plan.txt')], into: '/trip', clash: 'replace' });
    expect((await cat.read('vault.readShared', { share: one.id })).toString()).toBe('third plan');
    await cat.call('vault.leaveShare', { share: one.id });
    expect(await withMe(cat)).toEqual([]);
    await ann.call('vault.revoke', { share: one.id });
  }, 60_000);

  it('answers no stranger, nobody else and nothing that is no question, and goes on', async () => {
    const { exposures } = await ann.call<{ exposures: { localPort: number; allow: string[] }[] }>('mesh.exposures');
    const port = exposures.find(({ allow }) => allow.includes('ben'))?.localPort ?? 0;
    const post = async (body: Uint8Array | string, headers: Record<string, string> = {}, method = 'POST') => {
      const answer = await fetch(`http://127.0.0.1:${port}/../../etc/passwd`, {
        method,
        headers,
        ...(method === 'POST' ? { body: Buffer.from(body) } : {}),
      });
      return [answer.status, (await answer.arrayBuffer()).byteLength];
    };
    // A question about Ben's share, sealed with another key than it has.
    const keys = callKeys(new Uint8Array(32), folder.id);
    const asking = encodeAsking({ ask: 'look', item: null, after: null });
    for (const generation of [1, 2, 3]) {
      const [status, length] = await post(sealQuestion(keys, folder.id, generation, asking, seededRandom(1)));
      expect([404, 409]).toContain(status);
      expect(length).toBe(0);
    }
    const random = seededRandom(99);
    for (const length of [1, 32, 33, 48, 49, 500, 70_000]) expect(await post(random(length))).toEqual([404, 0]);
    expect((await post(random(2 * 1024 * 1024)).catch(() => [413]))[0]).toBe(413);
    expect(await post('', {}, 'GET')).toEqual([405, 0]);
    const raw = connect(port, '127.0.0.1');
    raw.on('error', () => {});
    raw.end(random(3000));
    await once(raw, 'close');
    expect((await look(ben, folder.id)).item.name).toBe('trip');
  }, 60_000);

  it('goes on where it was after the way was cut', async () => {
    const beach = (await look(ben, folder.id)).items.find(({ name }) => name === 'new.bin');
    const before = await itemOf(ben, 'root', 'new.bin');
    expect(before).toBeUndefined();
    const saving = ben.task('vault.saveShared', { share: folder.id, items: [beach?.id] });
    // The node of the receiver ends in the middle, and with it every connection.
    await ben.call('mesh.configure', { joined: false });
    await ben.call('mesh.configure', { joined: true });
    expect(await saving).toMatchObject({ files: 1, bytes: big.length });
    expect((await ben.read('vault.read', { item: '/new.bin' })).equals(big)).toBe(true);
  }, 120_000);

  it('serves nothing while its owner is locked, and says so; afterwards all goes on', async () => {
    await ann.call('identity.lock');
    await expect(look(ben, folder.id)).rejects.toMatchObject({ code: 'OWNER_LOCKED' });
    await ann.call('identity.unlock', { passphrase: 'correct horse battery' });
    await expect
      .poll(
        () =>
          look(ben, folder.id).then(
            ({ item }) => item.name,
            () => '',
          ),
        patience,
      )
      .toBe('trip');
  }, 60_000);

  it('survives a new start of both sides', async () => {
    await ben.restart();
    await expect.poll(async () => (await withMe(ben)).map(({ name }) => name), patience).toEqual(['trip']);
    await expect
      .poll(
        () =>
          look(ben, folder.id).then(
            ({ item }) => item.name,
            () => '',
          ),
        patience,
      )
      .toBe('trip');
    await ann.stop();
    const away = look(ben, folder.id);
    await expect(away).rejects.toMatchObject({ code: 'NOT_REACHABLE', message: expect.stringContaining('last seen') });
    await ann.start();
    await ann.call('identity.unlock', { passphrase: 'correct horse battery' });
    await expect
      .poll(
        () =>
          look(ben, folder.id).then(
            ({ item }) => item.name,
            () => '',
          ),
        patience,
      )
      .toBe('trip');
  }, 120_000);

  it('ends when its owner takes it back, at once and for good', async () => {
    await ann.call('vault.revoke', { share: folder.id });
    await expect(look(ben, folder.id)).rejects.toMatchObject({
      code: expect.stringMatching(/^(SHARE_ENDED|NOT_REACHABLE)$/),
    });
    await expect.poll(async () => (await withMe(ben)).map(({ state }) => state), patience).toEqual(['ended']);
    await expect(look(ben, folder.id)).rejects.toMatchObject({ code: 'SHARE_ENDED' });
    expect((await mine(ann)).shares).toEqual([]);
    expect((await mine(ann, true)).shares.map(({ state }) => state)).toContain('ended');
    // What was saved stays.
    expect((await ben.read('vault.read', { item: '/trip/plan.txt' })).toString()).toBe('first plan');
  }, 60_000);

  it('ends by itself at its time, and for a contact that is blocked', async () => {
    const soon = await share({ item: '/trip', contact: 'Ben', expires: Date.now() + 4_000 });
    const other = await share({ item: '/private', contact: 'Cat' });
    await invited(ben, soon.id);
    await invited(cat, other.id);
    await expect
      .poll(
        () =>
          look(ben, soon.id).then(
            () => 'open',
            ({ code }: { code: string }) => code,
          ),
        patience,
      )
      .toMatch(/^(SHARE_ENDED|NOT_REACHABLE)$/);
    expect((await look(cat, other.id)).item.name).toBe('private');
    await ann.call('contacts.block', { contact: other.contact });
    await expect
      .poll(
        () =>
          look(cat, other.id).then(
            () => 'open',
            ({ code }: { code: string }) => code,
          ),
        patience,
      )
      .toMatch(/^(SHARE_ENDED|NOT_REACHABLE)$/);
    await ann.call('contacts.unblock', { contact: other.contact });
    await expect
      .poll(
        () =>
          look(cat, other.id).then(
            ({ item }) => item.name,
            () => '',
          ),
        patience,
      )
      .toBe('private');
  }, 180_000);
});
