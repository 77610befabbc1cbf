import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemRandom } from './crypto/random.ts';
import { type NewAgent, startNewAgent } from './testing/new-agent.ts';

/* Room that contacts keep for each other's vaults: three whole agents, each with a node of its own, joined over loopback. */

type Any = Record<string, never>;
const alone = { publicPeers: false, discovery: false };
const call = async (who: NewAgent, name: string, input: unknown) => (await who.call(name, input)) as Any;
const until = (look: () => Promise<unknown>) => expect.poll(look, { timeout: 30_000, interval: 50 });
/** A task, through to its end. */
async function task(who: NewAgent, name: string, input: unknown): Promise<Any> {
  const { task: id } = await call(who, name, input);
  type Task = { id: string; state: string; result?: Any; failure?: unknown };
  const now = async (): Promise<Task | undefined> =>
    ((await call(who, 'tasks.list', {})).tasks as unknown as Task[]).find((one) => one.id === (id as unknown));
  await until(async () => (await now())?.state).not.toBe('running');
  const ended = await now();
  if (ended?.state !== 'done') throw new Error(JSON.stringify(ended));
  return ended.result ?? ({} as Any);
}

let ann: NewAgent;
let ben: NewAgent;
let cleo: NewAgent;
/** Where a node listens, kept over restarts of its agent. */
const endpoints = new Map<NewAgent, string>();

async function join_(who: NewAgent, to: NewAgent | null): Promise<void> {
  await call(who, 'mesh.join', { ...alone, listen: true, port: 0 });
  const { listening } = await call(who, 'mesh.status', {});
  endpoints.set(who, `tcp://127.0.0.1:${listening}`);
  if (to !== null) await call(who, 'mesh.addPeer', { endpoint: endpoints.get(to) });
}
async function befriend(one: NewAgent, other: NewAgent): Promise<void> {
  const cards = await Promise.all([one, other].map((who) => call(who, 'contacts.myCard', {})));
  await call(one, 'contacts.add', { card: cards[1]?.link });
  await call(other, 'contacts.add', { card: cards[0]?.link });
}

beforeAll(async () => {
  const real = { realTimers: true };
  ann = await startNewAgent(1, { name: 'Ann', ...real });
  ben = await startNewAgent(2, { name: 'Ben', ...real });
  cleo = await startNewAgent(3, { name: 'Cleo', ...real });
  await join_(ann, null);
  await join_(ben, ann);
  await join_(cleo, ann);
  await befriend(ann, ben);
  await befriend(ann, cleo);
}, 120_000);
afterAll(() => Promise.all([ann, ben, cleo].map((who) => who?.stop())));

describe('room at a contact', () => {
  it('is asked for, seen, agreed to, and used by the vault; the vault survives the loss of its own directory', async () => {
    // Ben has offered before; Cleo is asked and has to say yes.
    await call(ben, 'vault.giveRoom', { contact: 'ann', gib: 1 });
    await until(async () => (await call(ann, 'vault.askRoom', { contact: 'ben', gib: 0.5 })).room).toMatchObject({
      state: 'agreed',
      agreed: 2 ** 29,
      name: 'Ben',
      used: false,
    });
    await until(async () => (await call(ann, 'vault.askRoom', { contact: 'cleo', gib: 0.5 })).room).toMatchObject({
      state: 'waits',
    });
    await expect(call(ann, 'vault.addPlace', { kind: 'friend', contact: 'cleo' })).rejects.toThrow();
    expect(await call(cleo, 'vault.hosting', {})).toMatchObject({
      asks: [{ name: 'Ann', bytes: 2 ** 29, now: 0 }],
      rooms: [],
    });
    await call(cleo, 'vault.giveRoom', { contact: 'ann', gib: 0.5 });

    const own = join(ann.home, 'places', 'own');
    await mkdir(join(ann.home, 'places'), { recursive: true });
    await call(ann, 'vault.setup', {
      paths: [own],
      places: [
        { kind: 'friend', contact: 'ben' },
        { kind: 'friend', contact: 'cleo' },
      ],
      credentials: [{}, {}],
      profile: { k: 2, m: 1 },
    });
    const { places } = await call(ann, 'vault.places', {});
    expect(places).toMatchObject([
      { health: 'ok', owner: '' },
      { kind: 'friend', health: 'ok', owner: 'ben', path: 'ben’s Hypha' },
      { kind: 'friend', health: 'ok', owner: 'cleo' },
    ]);
    expect(new Set((places as unknown as { device: string }[]).map(({ device }) => device)).size).toBe(3);
    const top = await mkdtemp(join(tmpdir(), 'hypha-friends-'));
    onTestFinished(() => rm(top, { recursive: true, force: true }));
    const source = join(top, 'letter.bin');
    const bytes = systemRandom(3_000_000);
    await writeFile(source, bytes);
    expect(await task(ann, 'vault.put', { paths: [source] })).toMatchObject({ skipped: [], files: 1 });
    expect(await call(ann, 'vault.status', {})).toMatchObject({ safety: 'safe', survivesDevices: 1 });
    const { rooms } = await call(ben, 'vault.hosting', {});
    expect(rooms).toMatchObject([{ name: 'Ann', bytes: 2 ** 29, until: null }]);
    expect((rooms as unknown as { used: number }[])[0]?.used).toBeGreaterThan(1_500_000);

    // The disk dies.
    await rm(own, { recursive: true, force: true });
    const out = join(top, 'out');
    await mkdir(out);
    await task(ann, 'vault.export', { items: ['/letter.bin'], to: out });
    expect(await readdir(out)).toEqual(['letter.bin']);
    expect(Buffer.from(bytes).equals(await readFile(join(out, 'letter.bin')))).toBe(true);
    await task(ann, 'vault.repair', {});
    expect(await task(ann, 'vault.verify', {})).toMatchObject({ missing: 0, corrupt: 0 });
    expect(await call(ann, 'vault.askedRooms', {})).toMatchObject({ rooms: [{ used: true }, { used: true }] });
  }, 120_000);

  it('is there again after either side was restarted', async () => {
    await ben.restart();
    const healthy = async () =>
      ((await call(ann, 'vault.places', {})).places as unknown as { health: string }[]).map(({ health }) => health);
    await until(healthy).toEqual(['ok', 'ok', 'ok']);
    await ann.restart();
    await until(healthy).toEqual(['ok', 'ok', 'ok']);
    expect(await task(ann, 'vault.verify', {})).toMatchObject({ missing: 0, corrupt: 0 });
  }, 120_000);

  it('is closed to whoever is no contact, and knows nothing of others', async () => {
    // Ben and Cleo do not know each other: the port is closed to them.
    const { publicKey } = await call(cleo, 'mesh.status', {});
    const stolen = { kind: 'friend', contact: 'cleo', hostKey: publicKey, room: 'ab'.repeat(16) };
    await expect(call(ben, 'vault.askRoom', { contact: 'cleo', gib: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const { found } = await call(ben, 'vault.testPlace', stolen);
    expect(found).toBe('silent');
  }, 60_000);

  it('tells of notice, so that the vault can move, and is gone when it is ended', async () => {
    await call(ben, 'vault.closeRoom', { contact: 'ann', days: 3 });
    const bens = async () =>
      (
        (await call(ann, 'vault.places', {})).places as unknown as { owner: string; health: string; problem?: object }[]
      ).find(({ owner }) => owner === 'ben');
    await until(bens).toMatchObject({ health: 'readonly', problem: { code: 'CLOSING' } });
    await until(async () => (await call(ben, 'vault.hosting', {})).rooms).toMatchObject([{ told: true }]);
    await call(ben, 'vault.reopenRoom', { contact: 'ann' });
    await until(bens).toMatchObject({ health: 'ok' });
    await call(ben, 'vault.endRoom', { contact: 'ann' });
    await until(bens).toMatchObject({ health: 'missing', problem: { code: 'REFUSED' } });
    expect(await readdir(join(ben.home, 'kept-for-contacts'))).toEqual([]);
    // What Ann stored is whole with the other two.
    expect(await call(ann, 'vault.status', {})).toMatchObject({ damaged: 0 });
  }, 60_000);
});
