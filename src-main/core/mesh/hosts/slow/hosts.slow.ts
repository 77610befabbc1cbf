import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../testing/test-node.ts';
import { connected, forward, heard, hearsMore, ping, texts, wayTo } from '../testing/asking.ts';
import type { MeshHost } from '../testing/host.ts';
import { whyNoNamespaces } from '../testing/namespaces.ts';
import { createWorld, type World } from '../testing/world.ts';

/*
 * What takes a peer's patience, 43 s and more, between hosts in network namespaces:
 * HYPHA_SLOW=1 npx vitest run --project node src-main/core/mesh/hosts/slow
 */
const why = await whyNoNamespaces();
if (why !== '') console.log(`skipped: what takes long between hosts, because ${why}`);
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

let world: World;
beforeEach(async () => {
  if (why === '') world = await createWorld();
});
afterEach(() => world?.end());

describe.skipIf(why !== '')('hosts, in the long run', () => {
  it('come back by themselves from a sleep longer than their peers’ patience', async () => {
    const [laptop, peer] = (await world.hosts('laptop', 'peer')) as [MeshHost, MeshHost];
    const { ends } = await world.net.cable(laptop.place, peer.place);
    await Promise.all([laptop, peer].map((host) => host.join()));
    for (const host of [laptop, peer]) await host.call('mesh.configure', { strangers: true });
    await laptop.call('mesh.addPeer', { endpoint: `tcp://${ends[1].address}:9651` });
    await until(async () => (await ping(laptop, peer)) !== null);
    laptop.sleep();
    await peer.call('mesh.send', { to: laptop.address, text: 'while you slept' });
    await until(() => connected(peer, 0));
    await pause(10_000);
    const since = performance.now();
    laptop.wake();
    await until(async () => (await ping(peer, laptop)) !== null);
    console.log(`reached again ${(performance.now() - since).toFixed(0)} ms after it woke`);
    await until(async () => (await texts(laptop)).length === 1);
    console.log(`had its message ${(performance.now() - since).toFixed(0)} ms after it woke`);
  });

  it('find another way when one breaks without a word', async () => {
    const [a, b, c, d] = (await world.hosts('a', 'b', 'c', 'd')) as [MeshHost, MeshHost, MeshHost, MeshHost];
    const [ab, bc] = [await world.net.cable(a.place, b.place), await world.net.cable(b.place, c.place)];
    const [ad, dc] = [await world.net.cable(a.place, d.place), await world.net.cable(d.place, c.place)];
    await Promise.all([a, b, c, d].map((host) => host.join()));
    for (const { ends } of [ab, ad]) await a.call('mesh.addPeer', { endpoint: `tcp://${ends[1].address}:9651` });
    for (const { ends } of [bc, dc]) await c.call('mesh.addPeer', { endpoint: `tcp://${ends[0].address}:9651` });
    await until(async () => (await connected(a, 2)) && (await connected(c, 2)) && (await ping(a, c)) !== null);
    await a.ask('talk', { port: await forward(a, c, await c.ask<number>('echo')) });
    await hearsMore(a);
    const usesB = (await wayTo(a, c))[0] === b.address;
    const since = performance.now();
    for (const end of (usesB ? bc : dc).ends) await end.mute();
    await until(async () => (await heard(a)).longest > 5_000);
    await hearsMore(a);
    console.log(`healed ${((performance.now() - since) / 1000).toFixed(1)} s after a silent cut`);
    expect(await heard(a)).toMatchObject({ open: true });
    expect(await wayTo(a, c)).toEqual([(usesB ? d : b).address, c.address]);
  });
});
