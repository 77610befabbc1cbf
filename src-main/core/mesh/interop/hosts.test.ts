import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heard, hearsMore, ping, texts, wayTo } from '../hosts/testing/asking.ts';
import { type DaemonHost, startDaemonHost } from '../hosts/testing/daemon-host.ts';
import type { MeshHost } from '../hosts/testing/host.ts';
import { type Cable, command, type Place, whyNoNamespaces } from '../hosts/testing/namespaces.ts';
import { createWorld, type World } from '../hosts/testing/world.ts';
import { until } from '../testing/test-node.ts';

/*
 * An agent's whole mesh domain and real Mycelium daemons (v0.7, MYCELIUM_BIN), each on a computer of its own made of a network
 * namespace. The daemon at the end has its network interface: its kernel answers.
 */
const binary = process.env.MYCELIUM_BIN ?? '';
const why = binary === '' ? 'MYCELIUM_BIN names none' : await whyNoNamespaces();
if (why !== '') console.log(`skipped: hosts with a Mycelium daemon, because ${why}`);

let world: World;
const programs: ChildProcess[] = [];
beforeEach(async () => {
  if (why === '') world = await createWorld();
});
afterEach(async () => {
  for (const program of programs.splice(0)) program.kill('SIGKILL');
  await world?.end();
});

const program = fileURLToPath(new URL('../hosts/testing/end-process.ts', import.meta.url));
/** A program in a namespace. @returns the lines that it prints, and a promise of the first */
async function run(place: Place, ...words: string[]): Promise<string[]> {
  const args = ['netns', 'exec', place.name, process.execPath, '--no-warnings', program, ...words];
  const child = spawn('ip', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  programs.push(child);
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await until(() => lines.length > 0);
  return lines;
}

/** Two daemons between a start and an end, by cables: either carries everything. */
async function diamond(start: Place) {
  const { net } = world;
  const places = [await net.place('m'), await net.place('n'), await net.place('end')] as const;
  const near = [await net.cable(start, places[0]), await net.cable(start, places[1])] as const;
  const far = [await net.cable(places[0], places[2]), await net.cable(places[1], places[2])] as const;
  const middles = await Promise.all(
    [places[0], places[1]].map(async (place) => world.keep(await startDaemonHost(binary, place))),
  );
  const to = (cable: Cable, end: 0 | 1): string => `tcp://${cable.ends[end].address}:9651`;
  const end = world.keep(await startDaemonHost(binary, places[2], [to(far[0], 0), to(far[1], 0)]));
  await run(places[2], 'serve');
  return { middles: middles as [DaemonHost, DaemonHost], end, peers: [to(near[0], 1), to(near[1], 1)] };
}

describe.skipIf(why !== '')('hosts with Mycelium daemons', () => {
  it('between and at the end: ping, trace, messages, SOCKS, and another way when one daemon is killed', async () => {
    const [a] = (await world.hosts('a')) as [MeshHost];
    const { middles, end, peers } = await diamond(a.place);
    await a.join();
    await a.call('mesh.configure', { strangers: true });
    for (const endpoint of peers) await a.call('mesh.addPeer', { endpoint });
    await until(async () => (await ping(a, end)) !== null);
    const used = async (): Promise<number> => {
      const [first] = await wayTo(a, end);
      return middles.findIndex(({ address }) => address === first);
    };
    expect((await wayTo(a, end)).at(-1)).toBe(end.address);

    // Messages both ways, by the daemon's HTTP API there.
    await a.call('mesh.send', { to: end.address, text: 'hello, daemon' });
    let got: unknown = null;
    await until(async () => {
      got = await end.get('/messages?peek=false&timeout=0');
      return got !== null;
    });
    expect(got).toMatchObject({ srcPk: a.publicKey, payload: btoa('hello, daemon') });
    await end.post('/messages', { dst: { pk: a.publicKey }, payload: btoa('hello, agent') });
    await until(async () => (await texts(a)).length === 1);
    expect(await texts(a)).toEqual(['hello, agent']);

    // The kernel at the end answers to curl through our SOCKS proxy.
    const { url } = await a.call('mesh.setSocks', { on: true });
    const page = await command(
      'ip',
      ...['netns', 'exec', a.place.name, 'curl', '-sS', '--max-time', '60', '--proxy', url ?? ''],
      `http://[${end.address}]/page`,
    );
    expect(page).toBe('you asked for /page');

    const { forward: echo } = await a.call('mesh.forward', { target: end.address, port: 7 });
    await a.ask('talk', { port: echo.localPort ?? 0 });
    await hearsMore(a);
    const victim = await used();
    await heard(a);
    await middles[victim]?.stop();
    const silent = Math.max(await hearsMore(a), await hearsMore(a), await hearsMore(a));
    console.log(`with an agent at the start: silent for ${silent.toFixed(0)} ms after a daemon was killed`);
    expect(await heard(a)).toMatchObject({ open: true });
    await until(async () => (await used()) === 1 - victim);
  });

  it('alone: the same, for comparison', async () => {
    const start = await world.net.place('start');
    const { middles, end, peers } = await diamond(start);
    const from = world.keep(await startDaemonHost(binary, start, peers));
    await until(async () => {
      const routes = (await from.get('/admin/routes/selected')) as { subnet: string }[];
      return routes.length >= 2;
    });
    const lines = await run(start, 'talk', end.address);
    const routes = (await from.get('/admin/routes/selected')) as { subnet: string; nextHop: string }[];
    const groups = end.address.split(':').slice(0, 2).join(':');
    const hop = routes.find(({ subnet }) => subnet.startsWith(groups))?.nextHop ?? '';
    const victim = peers.findIndex((peer) => hop.includes(peer.replace('tcp://', '').replace(':9651', '')));
    expect(victim, hop).toBeGreaterThanOrEqual(0);
    lines.length = 0;
    await middles[victim]?.stop();
    await until(() => lines.length > 60);
    const silent = Math.max(...lines.map(Number));
    console.log(`daemons alone: silent for ${silent} ms after a daemon was killed`);
  });
});
