import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { OwnDevice, OwnDevices, VaultItem } from '#shared/contract/vault.ts';
import { type MeshAgent, pairMeshAgent, passphrase, startMeshAgent } from './testing/mesh-agents.ts';
import { noise } from './vault/testing/harness.ts';

/* The same files on several devices of one person: whole agents, paired, each with a vault and a mesh node of its own. */

let desk: MeshAgent;
let lap: MeshAgent;
let nas: MeshAgent;
let scratch = '';
let sources = 0;
let listening = 0;
const ids = new Map<MeshAgent, string>();

const patience = { timeout: 60_000, interval: 100 };
const alone = { publicPeers: false, discovery: false };

const view = (who: MeshAgent) => who.call<OwnDevices>('vault.devices');
const seenAt = async (who: MeshAgent, whom: MeshAgent): Promise<OwnDevice | undefined> =>
  (await view(who)).devices.find(({ id }) => id === ids.get(whom));
const stateAt = (who: MeshAgent, whom: MeshAgent) =>
  expect.poll(async () => (await seenAt(who, whom))?.state, patience);

async function put(who: MeshAgent, into: string, files: Record<string, Buffer | string>, clash = 'replace') {
  const top = join(scratch, `${++sources}`);
  await mkdir(top);
  for (const [name, content] of Object.entries(files)) await writeFile(join(top, name), content);
  await who.task('vault.put', { paths: Object.keys(files).map((name) => join(top, name)), into, clash });
}
async function tree(who: MeshAgent, folder = 'root', path = ''): Promise<string[]> {
  const { items } = await who.call<{ items: VaultItem[] }>('vault.list', { folder, limit: 1000 });
  const below = await Promise.all(
    items.map(async ({ id, kind, name }) =>
      kind === 'folder' ? [`${path}${name}/`, ...(await tree(who, id, `${path}${name}/`))] : [`${path}${name}`],
    ),
  );
  return below.flat().sort();
}
const text = (who: MeshAgent, path: string): Promise<string | null> =>
  who.read('vault.read', { item: path }).then(
    (bytes) => bytes.toString(),
    () => null,
  );
const same = (path: string, wanted: string, ...all: MeshAgent[]) =>
  Promise.all(all.map((who) => expect.poll(() => text(who, path), patience).toBe(wanted)));
/** All have the same names, and nothing is to come. */
const alike = (...all: MeshAgent[]) =>
  expect
    .poll(async () => {
      const trees = await Promise.all(all.map((who) => tree(who)));
      const views = await Promise.all(all.map(view));
      return [
        new Set(trees.map((one) => one.join('\n'))).size,
        ...views.map(({ waiting, reading }) => waiting.files + reading.files),
      ];
    }, patience)
    .toEqual([1, ...all.map(() => 0)]);

async function goOnMesh(who: MeshAgent): Promise<void> {
  await who.call('mesh.join', { ...alone, listen: false });
  await who.call('mesh.addPeer', { endpoint: `tcp://127.0.0.1:${listening}` });
}
async function accept(one: MeshAgent, two: MeshAgent): Promise<void> {
  const codes: string[] = [];
  for (const [who, whom] of [
    [one, two],
    [two, one],
  ] as const) {
    await expect.poll(async () => (await seenAt(who, whom))?.code ?? null, patience).not.toBeNull();
    codes.push((await seenAt(who, whom))?.code ?? '');
  }
  expect(codes[0]).toBe(codes[1]);
  await one.call('vault.acceptDevice', { device: ids.get(two), code: codes[0] });
  await two.call('vault.acceptDevice', { device: ids.get(one), code: codes[0] });
}
async function remember(who: MeshAgent): Promise<void> {
  const { devices } = await who.call<{ devices: { id: string; current: boolean }[] }>('identity.devices');
  ids.set(who, devices.find(({ current }) => current)?.id ?? '');
}
/** Everybody's connections of this one are gone, as when its cable is pulled. */
const unplug = (who: MeshAgent) => who.call('mesh.configure', { joined: false });
const plug = (who: MeshAgent) => who.call('mesh.configure', { joined: true });

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'hypha-own-devices-'));
  desk = await startMeshAgent('desk', 1);
  lap = await pairMeshAgent(desk, 'lap', 2);
  await desk.call('mesh.join', { ...alone, listen: true, port: 0 });
  listening = (await desk.call<{ listening: number }>('mesh.status')).listening;
  await goOnMesh(lap);
  for (const who of [desk, lap]) {
    await remember(who);
    await who.call('vault.setup', { profile: { k: 2, m: 1 } });
  }
}, 120_000);
afterAll(async () => {
  await Promise.all([desk, lap, nas].map((who) => who?.end()));
  await rm(scratch, { recursive: true, force: true });
});

describe('several devices of one person', () => {
  it('keep their files to themselves until both were turned on and accepted', async () => {
    await put(desk, 'root', { 'from desk.txt': 'written at the desk' });
    await put(lap, 'root', { 'from lap.txt': 'written on the lap' });
    expect(await view(desk)).toMatchObject({ on: false, devices: [{ name: 'lap', accepted: false, code: null }] });
    await desk.call('vault.devicesOn');
    await stateAt(desk, lap).toBe('off');
    await lap.call('vault.devicesOn');
    await stateAt(desk, lap).toBe('waits');
    expect(await tree(lap)).toEqual(['from lap.txt']);
    await expect(desk.call('vault.acceptDevice', { device: 'lap', code: '1'.repeat(30) })).rejects.toMatchObject({
      code: 'WRONG_CODE',
    });
  }, 90_000);

  it('say of one without the person’s keys that it has no vault', async () => {
    const box = await pairMeshAgent(desk, 'box', 4, false);
    onTestFinished(() => box.end());
    await goOnMesh(box);
    const atDesk = async () => (await view(desk)).devices.find(({ name }) => name === 'box')?.state;
    await expect.poll(atDesk, patience).toBe('keyless');
    const id = (await view(desk)).devices.find(({ name }) => name === 'box')?.id;
    await desk.call('identity.revokeDevice', { device: id });
  }, 90_000);

  it('have the same files once they were', async () => {
    await accept(desk, lap);
    await stateAt(desk, lap).toMatch(/same|coming/);
    await same('/from desk.txt', 'written at the desk', desk, lap);
    await same('/from lap.txt', 'written on the lap', desk, lap);
    await alike(desk, lap);
    await stateAt(desk, lap).toBe('same');
  }, 90_000);

  it('follow each other while both are on', async () => {
    await desk.call('vault.makeFolder', { parent: 'root', name: 'papers' });
    await put(desk, '/papers', { 'plan.txt': 'one' });
    await same('/papers/plan.txt', 'one', lap);
    await put(lap, '/papers', { 'plan.txt': 'two, from the lap' });
    await same('/papers/plan.txt', 'two, from the lap', desk);
    await lap.call('vault.rename', { item: '/papers', name: 'Papers' });
    await same('/Papers/plan.txt', 'two, from the lap', desk, lap);
    await desk.call('vault.bin', { items: ['/from lap.txt'] });
    await alike(desk, lap);
    expect(await tree(lap)).toEqual(['Papers/', 'Papers/plan.txt', 'from desk.txt']);
  }, 90_000);

  it('lose nothing of what was done on both while they were apart', async () => {
    await put(desk, '/Papers', { 'a.txt': 'a', 'b.txt': 'b', 'c.txt': 'c' });
    await same('/Papers/c.txt', 'c', lap);
    await unplug(lap);
    // Edited on both; renamed on one and edited on the other; deleted on one and edited on the other; new on both.
    await put(desk, '/Papers', { 'a.txt': 'a of the desk', 'c.txt': 'c, which is still needed', 'new.txt': 'desk' });
    await put(lap, '/Papers', { 'a.txt': 'a of the lap', 'b.txt': 'b, edited', 'new.txt': 'lap' });
    await desk.call('vault.rename', { item: '/Papers/b.txt', name: 'b2.txt' });
    await lap.call('vault.bin', { items: ['/Papers/c.txt'] });
    await plug(lap);
    await alike(desk, lap);
    const names = (await tree(desk)).filter((name) => name.startsWith('Papers/')).map((name) => name.slice(7));
    const texts = async (who: MeshAgent) =>
      Object.fromEntries(
        await Promise.all(names.filter(Boolean).map(async (name) => [name, await text(who, `/Papers/${name}`)])),
      ) as Record<string, string | null>;
    const [here, there] = [await texts(desk), await texts(lap)];
    expect(there).toEqual(here);
    expect(Object.values(here)).toEqual(
      expect.arrayContaining(['a of the desk', 'a of the lap', 'b, edited', 'c, which is still needed', 'desk', 'lap']),
    );
    expect(here['b2.txt']).toBe('b, edited');
  }, 120_000);

  it('catch up after one was off, and go on in the middle of a file without asking twice for what came', async () => {
    const big = noise(20 * 1024 * 1024 + 99, 7);
    await lap.stop();
    await put(desk, 'root', { 'while away.txt': 'written while the lap was off', 'big.bin': big });
    await lap.start();
    await lap.call('identity.unlock', { passphrase });
    await same('/while away.txt', 'written while the lap was off', lap);
    const received = async () => (await view(lap)).current.find(({ name }) => name.endsWith('big.bin'))?.received ?? 0;
    await expect.poll(received, { timeout: 60_000, interval: 5 }).toBeGreaterThan(2 * 1024 * 1024);
    const before = (await view(lap)).received;
    await lap.restart();
    await expect
      .poll(
        async () => (await lap.read('vault.read', { item: '/big.bin' }).catch(() => null))?.equals(big) ?? false,
        patience,
      )
      .toBe(true);
    expect((await view(lap)).received).toBeLessThan(big.length - before + 1024 * 1024);
  }, 180_000);

  it('take in a third one that was accepted at one of them, and let nobody stay who is revoked', async () => {
    nas = await pairMeshAgent(desk, 'nas', 3);
    await goOnMesh(nas);
    await remember(nas);
    await nas.call('vault.setup', { profile: { k: 2, m: 1 } });
    await nas.call('vault.devicesOn');
    await accept(desk, nas);
    await same('/from desk.txt', 'written at the desk', nas);
    await alike(desk, lap, nas);
    // Accepted at the desk only.
    await stateAt(lap, nas).toBe('same');
    await desk.call('identity.revokeDevice', { device: ids.get(nas) });
    await expect.poll(async () => await seenAt(lap, nas), patience).toBeUndefined();
    await put(desk, 'root', { 'secret.txt': 'for those that are left' });
    await put(lap, 'root', { 'secret too.txt': 'from the lap' });
    await same('/secret.txt', 'for those that are left', lap);
    await same('/secret too.txt', 'from the lap', desk);
    // The one that was revoked is on, unlocked, and has the phrase: it was not let in meanwhile.
    expect((await tree(nas)).filter((name) => name.includes('secret'))).toEqual([]);
  }, 180_000);
});
