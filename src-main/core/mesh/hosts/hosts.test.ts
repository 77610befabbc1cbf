import { spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../testing/test-node.ts';
import { connected, fetched, forward, heard, hearsMore, ping, texts, wayTo } from './testing/asking.ts';
import type { MeshHost } from './testing/host.ts';
import { whyNoNamespaces } from './testing/namespaces.ts';
import { createWorld, type World } from './testing/world.ts';

/*
 * The mesh between computers: each with its own network, joined by cables that can be pulled out (testing/namespaces.ts). What
 * takes minutes is in slow/.
 */
const why = await whyNoNamespaces();
if (why !== '') console.log(`skipped: the mesh between hosts, because ${why}`);

let world: World;
beforeEach(async () => {
  if (why === '') world = await createWorld();
});
afterEach(() => world?.end());

describe.skipIf(why !== '')('hosts', () => {
  it('on one cable find each other with no peer added', async () => {
    const [a, b] = (await world.hosts('a', 'b')) as [MeshHost, MeshHost];
    await world.net.cable(a.place, b.place);
    await a.join({ discovery: true });
    await b.join({ discovery: true });
    await until(async () => (await ping(a, b)) !== null);
    const { peers } = await a.call('mesh.peers', {});
    expect(peers).toMatchObject([{ origin: 'found', state: 'connected' }]);
    expect(peers[0]?.endpoint).toMatch(/^tcp:\/\/\[fe80::.*%to-b-1\]:9651$/);
  });

  it('reach each other over the ones between, and by another way when a cable is pulled out', async () => {
    const [a, b, c, d] = (await world.hosts('a', 'b', 'c', 'd')) as [MeshHost, MeshHost, MeshHost, MeshHost];
    const [ab, bc] = [await world.net.cable(a.place, b.place), await world.net.cable(b.place, c.place)];
    const [ad, dc] = [await world.net.cable(a.place, d.place), await world.net.cable(d.place, c.place)];
    await Promise.all([a, b, c, d].map((host) => host.join()));
    await a.call('mesh.addPeer', { endpoint: `tcp://${ab.ends[1].address}:9651` });
    await c.call('mesh.addPeer', { endpoint: `tcp://${bc.ends[0].address}:9651` });
    await until(async () => (await ping(a, c)) !== null);
    expect(await wayTo(a, c)).toEqual([b.address, c.address]);

    // Messages both ways, and a web server's pages.
    for (const host of [a, c]) await host.call('mesh.configure', { strangers: true });
    await a.call('mesh.send', { to: c.address, text: 'there' });
    await c.call('mesh.send', { to: a.address, text: 'and back' });
    await until(async () => (await texts(a)).length === 1 && (await texts(c)).length === 1);
    expect([await texts(a), await texts(c)]).toEqual([['and back'], ['there']]);
    const web = await forward(a, c, await c.ask<number>('web'));
    expect(await fetched(a, web, 100_000)).toMatchObject({ length: 100_000, whole: true });

    // A connection that lives through it.
    await a.ask('talk', { port: await forward(a, c, await c.ask<number>('echo')) });
    await a.call('mesh.addPeer', { endpoint: `tcp://${ad.ends[1].address}:9651` });
    await c.call('mesh.addPeer', { endpoint: `tcp://${dc.ends[0].address}:9651` });
    await until(async () => (await connected(a, 2)) && (await connected(c, 2)));
    await hearsMore(a);
    const usesB = (await wayTo(a, c))[0] === b.address;
    const cable = usesB ? bc : dc;
    const since = performance.now();
    await cable.ends[usesB ? 0 : 1].plug('down');
    // What was on the way is lost: the first echo after the silence says that the other way is found.
    let silence = 0;
    await until(async () => {
      silence = (await heard(a)).longest;
      return silence > 500;
    });
    await hearsMore(a);
    console.log(`healed after ${(performance.now() - since).toFixed(0)} ms; silence ${silence.toFixed(0)} ms`);
    expect(await heard(a)).toMatchObject({ open: true });
    expect(await wayTo(a, c)).toEqual([(usesB ? d : b).address, c.address]);

    await cable.ends[usesB ? 0 : 1].plug('up');
    await until(() => connected(c, 2));
    await hearsMore(a);
    expect(await heard(a)).toMatchObject({ open: true });
    expect(await fetched(a, web, 100_000)).toMatchObject({ length: 100_000, whole: true });
  });

  it('carry a transfer whole over a cable that loses and reorders', async () => {
    const [a, b] = (await world.hosts('a', 'b')) as [MeshHost, MeshHost];
    const { ends } = await world.net.cable(a.place, b.place);
    let how = '';
    for (const end of ends) how = await end.spoil();
    await Promise.all([a, b].map((host) => host.join()));
    await a.call('mesh.addPeer', { endpoint: `tcp://${ends[1].address}:9651` });
    await until(async () => (await ping(a, b)) !== null);
    const port = await forward(a, b, await b.ask<number>('web'));
    const size = 5_000_000;
    const got = await fetched(a, port, size);
    expect(got).toMatchObject({ length: size, whole: true });
    console.log(`5 MB over a cable ${how}: ${(got.ms / 1000).toFixed(1)} s`);
  });

  it('carry transfers whole over a way that reorders, loses and doubles packets', async () => {
    const [a, b] = (await world.hosts('a', 'b')) as [MeshHost, MeshHost];
    const between = await world.net.place('m');
    const [near, far] = [await world.net.cable(a.place, between), await world.net.cable(between, b.place)];
    await Promise.all([a, b].map((host) => host.join()));
    const program = fileURLToPath(new URL('./testing/shuffle-process.ts', import.meta.url));
    const words = ['netns', 'exec', between.name, process.execPath, '--no-warnings', program, far.ends[1].address];
    const child = spawn('ip', words, { stdio: ['pipe', 'pipe', 'inherit'] });
    world.keep({ stop: async () => void child.kill('SIGKILL') });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    await until(() => lines.length === 1);
    await a.call('mesh.addPeer', { endpoint: `tcp://${near.ends[1].address}:9651` });
    await until(async () => (await ping(a, b)) !== null);
    const port = await forward(a, b, await b.ask<number>('web'));
    const size = 5_000_000;
    const got = await fetched(a, port, size);
    expect(got).toMatchObject({ length: size, whole: true });
    child.stdin.write('how many?\n');
    await until(() => lines.length === 2);
    const { packets, passed } = JSON.parse(lines[1] ?? '') as { packets: number; passed: number };
    expect(passed).toBeGreaterThan(packets / 10);
    expect(packets).toBeGreaterThan(size / 16_384);
    console.log(`5 MB, ${passed} of ${packets} packets out of order: ${(got.ms / 1000).toFixed(1)} s`);
  });

  it('follow a computer from one network to another, and a peer’s name to another address', async () => {
    const [laptop, peer] = (await world.hosts('laptop', 'peer')) as [MeshHost, MeshHost];
    const home = await world.net.cable(laptop.place, peer.place);
    await laptop.place.setNames({ 'peer.example': home.ends[1].address });
    await Promise.all([laptop, peer].map((host) => host.join()));
    await laptop.call('mesh.addPeer', { endpoint: 'tcp://peer.example:9651' });
    await until(async () => (await ping(laptop, peer)) !== null);

    await home.ends[0].plug('down');
    await until(() => connected(laptop, 0));
    const since = performance.now();
    const away = await world.net.cable(laptop.place, peer.place);
    await laptop.place.setNames({ 'peer.example': away.ends[1].address });
    await until(() => connected(laptop, 1));
    console.log(`connected ${(performance.now() - since).toFixed(0)} ms after the other network came`);
    await until(async () => (await ping(laptop, peer)) !== null);
    // The old link is gone at the other end too: its cable's end lost its carrier.
    await until(() => connected(peer, 1));
  });

  it('that were parted and meet again deliver what waited, once', async () => {
    const [a, b, c] = (await world.hosts('a', 'b', 'c')) as [MeshHost, MeshHost, MeshHost];
    const [ab, bc] = [await world.net.cable(a.place, b.place), await world.net.cable(b.place, c.place)];
    await Promise.all([a, b, c].map((host) => host.join()));
    for (const host of [a, c]) await host.call('mesh.configure', { strangers: true });
    await a.call('mesh.addPeer', { endpoint: `tcp://${ab.ends[1].address}:9651` });
    await c.call('mesh.addPeer', { endpoint: `tcp://${bc.ends[0].address}:9651` });
    await until(async () => (await ping(a, c)) !== null);
    await bc.ends[1].plug('down');
    await until(() => connected(c, 0));
    const sent = ['one', 'two', 'three'];
    for (const text of sent) {
      await a.call('mesh.send', { to: c.address, text: `${text} to c` });
      await c.call('mesh.send', { to: a.address, text: `${text} to a` });
    }
    expect(await ping(a, c)).toBeNull();
    expect(await texts(c)).toEqual([]);
    const since = performance.now();
    await bc.ends[1].plug('up');
    const box = async (host: MeshHost) => (await host.call('mesh.messages', { box: 'out' })).messages;
    await until(async () => [...(await box(a)), ...(await box(c))].every(({ state }) => state === 'received'));
    console.log(`six messages delivered ${(performance.now() - since).toFixed(0)} ms after the cable was back`);
    expect((await texts(c)).toSorted()).toEqual(sent.map((text) => `${text} to c`).toSorted());
    expect((await texts(a)).toSorted()).toEqual(sent.map((text) => `${text} to a`).toSorted());
  });
});
