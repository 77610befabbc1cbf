import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Place, VaultStatus } from '#shared/contract/vault.ts';
import { systemRandom } from './crypto/random.ts';
import { type MeshAgent, pairMeshAgent, startMeshAgent } from './testing/mesh-agents.ts';

/* Room that one device of a person keeps for the vault of another: two whole agents, paired, over the mesh. */

let desk: MeshAgent;
let lap: MeshAgent;
let scratch = '';
const patience = { timeout: 60_000, interval: 100 };
const alone = { publicPeers: false, discovery: false };

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-own-room-'));
  desk = await startMeshAgent('desk', 1);
  lap = await pairMeshAgent(desk, 'lap', 2);
  await desk.call('mesh.join', { ...alone, listen: true, port: 0 });
  const { listening } = await desk.call<{ listening: number }>('mesh.status');
  await lap.call('mesh.join', { ...alone, listen: false });
  await lap.call('mesh.addPeer', { endpoint: `tcp://127.0.0.1:${listening}` });
}, 120_000);
afterAll(async () => {
  await Promise.all([desk, lap].map((who) => who?.end()));
  await rm(scratch, { recursive: true, force: true });
});

it('is asked for and agreed to, counts as a device of one owner, and saves what the first device loses', async () => {
  type Room = { room: { state: string; name: string } };
  const asked = () => desk.call<Room>('vault.askRoom', { contact: 'lap.me', gib: 0.5 });
  await expect.poll(async () => (await asked()).room, patience).toMatchObject({ state: 'waits', name: 'lap.me' });
  // What the first device is called on the other, which has only been told that it is there.
  const { asks } = await lap.call<{ asks: { name: string; bytes: number }[] }>('vault.hosting');
  expect(asks).toMatchObject([{ name: expect.stringMatching(/^[a-z0-9-]+\.me$/), bytes: 2 ** 29 }]);
  await lap.call('vault.giveRoom', { contact: asks[0]?.name, gib: 0.5 });

  const own = join(desk.home, 'places', 'own');
  await mkdir(join(desk.home, 'places'), { recursive: true });
  await desk.call('vault.setup', {
    paths: [own],
    places: [{ kind: 'friend', contact: 'lap.me' }],
    credentials: [{}],
    profile: { k: 1, m: 1 },
  });
  const places = async () => (await desk.call<{ places: Place[] }>('vault.places')).places;
  const [mine, other] = await places();
  expect(mine).toMatchObject({ health: 'ok', owner: '' });
  expect(other).toMatchObject({ kind: 'friend', health: 'ok', owner: '', path: 'your device lap' });
  expect(other?.device).not.toBe(mine?.device);

  const source = join(scratch, 'letter.bin');
  const bytes = systemRandom(2_000_000);
  await writeFile(source, bytes);
  await desk.task('vault.put', { paths: [source] });
  expect(await desk.call<VaultStatus>('vault.status')).toMatchObject({ safety: 'safe', survivesDevices: 1 });
  expect(await lap.call('vault.hosting')).toMatchObject({ rooms: [{ name: asks[0]?.name, connected: true }] });

  await rm(own, { recursive: true, force: true });
  expect(Buffer.from(bytes).equals(await desk.read('vault.read', { item: '/letter.bin' }))).toBe(true);

  // Its room is there again after it was away.
  await lap.restart();
  await expect.poll(async () => (await places())[1]?.health, patience).toBe('ok');
}, 180_000);

it('is kept for no device that was revoked', async () => {
  const { rooms } = await lap.call<{ rooms: { name: string }[] }>('vault.hosting');
  const ask = () => lap.call<{ room: { state: string } }>('vault.askRoom', { contact: rooms[0]?.name, gib: 0.25 });
  await expect.poll(async () => (await ask()).room.state, patience).toBe('waits');
  expect(await desk.call('vault.hosting')).toMatchObject({ asks: [{ name: 'lap.me' }] });

  const { devices } = await desk.call<{ devices: { id: string; current: boolean }[] }>('identity.devices');
  await desk.call('identity.revokeDevice', { device: devices.find(({ current }) => !current)?.id });
  await expect(desk.call('vault.giveRoom', { contact: 'lap.me', gib: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(desk.call('vault.askRoom', { contact: 'lap.me', gib: 1 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await lap.call('vault.withdrawRoom', { contact: rooms[0]?.name });
  expect((await ask()).room.state).toBe('away');
  // What it keeps is sealed and still saves files, until another place has it.
  expect((await desk.call<{ places: Place[] }>('vault.places')).places[1]?.health).toBe('ok');
}, 120_000);
