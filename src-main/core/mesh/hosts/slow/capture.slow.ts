import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../testing/test-node.ts';
import { fetched, forward, ping, texts } from '../testing/asking.ts';
import type { MeshHost } from '../testing/host.ts';
import { command, whyNoNamespaces } from '../testing/namespaces.ts';
import { createWorld, type World } from '../testing/world.ts';

/* What somebody sees who listens on a cable, by Wireshark's tshark and dumpcap: well-formed TCP, and nothing to read. */
const dumpcap = ['/usr/bin/dumpcap', '/usr/sbin/dumpcap'].find((file) => existsSync(file));
const why = dumpcap === undefined ? 'tshark is not installed' : await whyNoNamespaces();
if (why !== '') console.log(`skipped: a capture on a cable, because ${why}`);

let world: World;
let directory: string;
let capture: ChildProcess | null = null;
beforeEach(async () => {
  if (why !== '') return;
  world = await createWorld();
  directory = await mkdtemp(join(tmpdir(), 'hypha-capture-'));
});
afterEach(async () => {
  capture?.kill('SIGKILL');
  await world?.end();
  if (directory !== undefined) await rm(directory, { recursive: true, force: true });
});

describe.skipIf(why !== '')('who listens on a cable', () => {
  it('sees whole TCP, and nothing of messages, names or pages', async () => {
    const [a, b, c] = (await world.hosts('a', 'b', 'c')) as [MeshHost, MeshHost, MeshHost];
    const [ab, bc] = [await world.net.cable(a.place, b.place), await world.net.cable(b.place, c.place)];
    const file = join(directory, 'cable.pcapng');
    const words = ['netns', 'exec', b.place.name, dumpcap ?? '', '-q', '-i', ab.ends[1].interface, '-w', file];
    const listening = spawn('ip', words, { stdio: 'ignore' });
    capture = listening;
    await until(() => existsSync(file));
    await Promise.all([a, b, c].map((host) => host.join()));
    for (const host of [a, c]) await host.call('mesh.configure', { strangers: true });
    await a.call('mesh.addPeer', { endpoint: `tcp://${ab.ends[1].address}:9651` });
    await c.call('mesh.addPeer', { endpoint: `tcp://${bc.ends[0].address}:9651` });
    await until(async () => (await ping(a, c)) !== null);
    await a.call('mesh.send', { to: c.address, text: 'the text of the message', topic: 'the topic of it' });
    await until(async () => (await texts(c)).length === 1);
    const port = await forward(a, c, await c.ask<number>('web'));
    expect(await fetched(a, port, 300_000)).toMatchObject({ whole: true });
    await until(async () => (await stat(file)).size > 300_000);
    const ended = new Promise((done) => listening.once('exit', done));
    listening.kill('SIGINT');
    await ended;

    const frames = (await command('tshark', '-r', file, '-Y', 'tcp.port == 9651')).trim().split('\n');
    expect(frames.length).toBeGreaterThan(20);
    const wrong = '_ws.malformed || tcp.checksum.status == 0 || _ws.expert.severity == error';
    expect((await command('tshark', '-r', file, '-Y', wrong)).trim()).toBe('');
    const seen = (await readFile(file)).toString('latin1');
    for (const word of ['the text', 'the topic', 'HTTP/1.1', 'GET /', '127.0.0.1']) expect(seen).not.toContain(word);
  });
});
