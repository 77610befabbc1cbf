import { Resolver } from 'node:dns/promises';
import { createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import type { MessageId, RelayId } from '#shared/contract/mesh/index.ts';
import { startTestMesh, type TestMesh } from './testing/test-mesh.ts';
import { until } from './testing/test-node.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(options: Parameters<typeof startTestMesh>[0] = {}): Promise<TestMesh> {
  const agent = await startTestMesh(options);
  ends.push(() => agent.stop().catch(() => {}));
  return agent;
}

const alone = { publicPeers: false, discovery: false } as const;

async function join(agent: TestMesh): Promise<{ address: string; endpoint: string; publicKey: string | null }> {
  const status = await agent.mesh.handlers['mesh.join']({ ...alone, port: 0 }, agent.context);
  expect(status).toMatchObject({ state: 'on', detail: '' });
  const { address, publicKey, listening } = status;
  return { address: address ?? '', endpoint: `tcp://127.0.0.1:${listening}`, publicKey };
}

/** A joined to B, and both to nobody else. */
async function two() {
  const [a, b] = await Promise.all([start(), start()]);
  const [nodeA, nodeB] = [await join(a), await join(b)];
  await a.mesh.handlers['mesh.addPeer']({ endpoint: nodeB.endpoint }, a.context);
  await until(async () => (await a.mesh.handlers['mesh.status']({}, a.context)).peers.connected === 1);
  const [addressA, addressB] = [nodeA.address, nodeB.address];
  return { a, b, addressA, addressB, endpointB: nodeB.endpoint, keyA: nodeA.publicKey, keyB: nodeB.publicKey };
}

async function web(): Promise<number> {
  const server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as { port: number }).port;
}

async function items<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of stream) all.push(item);
  return all;
}

describe('the mesh of an agent', () => {
  it('is off until the person joins, and is as they left it after a restart', async () => {
    const agent = await start();
    const before = await agent.mesh.handlers['mesh.status']({}, agent.context);
    expect(before).toMatchObject({ state: 'off', listening: null, endpoints: [], startedAt: null });
    expect(before.address).toMatch(/^[45]/);
    await expect(
      async () => await agent.mesh.handlers['mesh.routes']({ find: '', all: false, limit: 10 }, agent.context),
    ).rejects.toMatchObject({ code: 'MESH_OFF' });
    const { address } = await join(agent);
    expect(address).toBe(before.address);
    const undone = { joined: false, publicPeers: true, discovery: true, port: 9651 };
    expect(agent.undone).toEqual([{ method: 'mesh.configure', input: undone }]);

    const again = await agent.restart();
    ends.push(() => again.stop());
    expect(await again.mesh.handlers['mesh.status']({}, again.context)).toMatchObject({ state: 'on', address });
    await again.mesh.handlers['mesh.leave']({}, again.context);
    expect(await again.mesh.handlers['mesh.status']({}, again.context)).toMatchObject({ state: 'off', address });
  });

  it('waits for an identity', async () => {
    const agent = await start({ secret: null });
    const joining = async () => await agent.mesh.handlers['mesh.join'](alone, agent.context);
    await expect(joining).rejects.toMatchObject({ code: 'NO_IDENTITY' });
    expect(await agent.mesh.handlers['mesh.status']({}, agent.context)).toMatchObject({ state: 'off', address: null });
    agent.setSecret(systemRandom(32));
    await join(agent);
    // Another identity is another node.
    const { address } = await agent.mesh.handlers['mesh.status']({}, agent.context);
    agent.setSecret(systemRandom(32));
    await until(async () => {
      const now = await agent.mesh.handlers['mesh.status']({}, agent.context);
      return now.state === 'on' && now.address !== address;
    });
  });

  it('connects to peers, shows them, routes and pings', async () => {
    const { a, b, addressB, endpointB } = await two();
    const again = async () => await a.mesh.handlers['mesh.addPeer']({ endpoint: endpointB }, a.context);
    await expect(again).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
    const { peers } = await a.mesh.handlers['mesh.peers']({}, a.context);
    expect(peers).toMatchObject([{ endpoint: endpointB, direction: 'outbound', origin: 'added', state: 'connected' }]);
    expect((await b.mesh.handlers['mesh.peers']({}, b.context)).peers).toMatchObject([{ origin: 'inbound' }]);

    const lines = await items(a.mesh.handlers['mesh.ping']({ target: addressB, count: 1 }, a.context));
    expect(lines).toMatchObject([{ sequence: 1, address: addressB, detail: '' }]);
    expect(lines[0]?.ms).toBeGreaterThan(0);
    const hops = await items(a.mesh.handlers['mesh.trace']({ target: addressB, maxHops: 5 }, a.context));
    expect(hops).toMatchObject([{ hop: 1, address: addressB }]);
    const routes = await a.mesh.handlers['mesh.routes']({ find: '', all: false, limit: 10 }, a.context);
    expect(routes).toMatchObject({ total: 1, routes: [{ address: addressB, via: endpointB, direct: true }] });
    const none = await a.mesh.handlers['mesh.routes']({ find: 'nothing', all: true, limit: 10 }, a.context);
    expect(none).toEqual({ total: 0, routes: [] });

    await a.mesh.handlers['mesh.removePeer']({ endpoint: endpointB }, a.context);
    expect(a.undone.at(-1)).toEqual({ method: 'mesh.addPeer', input: { endpoint: endpointB } });
    await until(async () => (await b.mesh.handlers['mesh.peers']({}, b.context)).peers.length === 0);
  });

  it('brings a service of a known person here, from the start on', async () => {
    const { a, b, addressA, keyA, keyB } = await two();
    const port = await web();
    const offer = { localPort: port, port: 80, allow: ['ann.hypha'] };
    const early = async () => await b.mesh.handlers['mesh.expose'](offer, b.context);
    await expect(early).rejects.toMatchObject({ code: 'NOT_FOUND' });
    b.know('ann', keyA);
    const { exposure } = await b.mesh.handlers['mesh.expose'](offer, b.context);
    expect(exposure).toMatchObject({ port: 80, localPort: port, allow: ['ann'], state: 'open', detail: '' });
    // Who was meant holds while locked, when nobody's name is known.
    b.forgetNames();
    const { exposures } = await b.mesh.handlers['mesh.exposures']({}, b.context);
    expect(exposures).toMatchObject([{ allow: [addressA], state: 'open', detail: '' }]);
    const stranger = async () => await a.mesh.handlers['mesh.forward']({ target: 'bob.hypha', port: 80 }, a.context);
    await expect(stranger).rejects.toMatchObject({ code: 'NOT_FOUND' });
    a.know('bob', keyB);
    const { forward } = await a.mesh.handlers['mesh.forward']({ target: 'bob.hypha', port: 80 }, a.context);
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${forward.localPort}${path}`)).text();
    expect(await get('/one')).toBe('you asked for /one');
    const { forwards } = await a.mesh.handlers['mesh.forwards']({}, a.context);
    expect(forwards[0]?.received).toBeGreaterThan(10);

    // At the port it had.
    const after = await a.restart();
    ends.push(() => after.stop());
    expect(await get('/two')).toBe('you asked for /two');
    const id = forward.id as RelayId;
    await after.mesh.handlers['mesh.unforward']({ forward: id }, after.context);
    await expect(get('/three')).rejects.toThrow();
    expect(after.undone).toEqual([
      { method: 'mesh.forward', input: { target: '@id-of-bob', port: 80, localPort: forward.localPort } },
    ]);

    b.know('ann', keyA);
    b.undone.length = 0;
    await b.mesh.handlers['mesh.unexpose']({ exposure: exposure.id }, b.context);
    // By person: undone, it is for nobody else who has the name by then.
    expect(b.undone).toEqual([{ method: 'mesh.expose', input: { port: 80, localPort: port, allow: ['@id-of-ann'] } }]);
    expect(await b.mesh.handlers['mesh.exposures']({}, b.context)).toEqual({ exposures: [] });
    await expect(
      async () => await b.mesh.handlers['mesh.unexpose']({ exposure: exposure.id }, b.context),
    ).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says what stands in the way of reaching somebody', async () => {
    const lonely = await start();
    const ask = async (agent: TestMesh, target: string, port?: number) => {
      const told = await agent.mesh.handlers['mesh.diagnose']({ target, port }, agent.context);
      return [told.reachable, ...told.findings.map(({ code, ok }) => `${code} ${ok}`)];
    };
    expect(await ask(lonely, '400::1')).toEqual([false, 'NODE false']);
    await join(lonely);
    expect(await ask(lonely, 'nobody')).toEqual([false, 'NODE true', 'NAME false']);
    expect(await ask(lonely, '400::1')).toEqual([false, 'NODE true', 'PEERS false']);

    const { a, b, addressA, addressB } = await two();
    expect((await ask(a, addressB)).slice(0, 5)).toEqual([true, 'NODE true', 'PEERS true', 'ROUTE true', 'PING true']);
    expect((await ask(a, '400::1')).at(-1)).toBe('ROUTE false');
    const lost = items(a.mesh.handlers['mesh.ping']({ target: '400::1', count: 1 }, a.context));
    await expect(lost).rejects.toMatchObject({ code: 'NO_ANSWER' });
    expect((await ask(a, addressB, 80)).at(-1)).toBe('SERVICE false');
    await b.mesh.handlers['mesh.expose']({ localPort: await web(), port: 80, allow: [addressA] }, b.context);
    expect((await ask(a, addressB, 80)).at(-1)).toBe('SERVICE true');
    await b.mesh.handlers['mesh.configure']({ answerPings: false }, b.context);
    await until(async () => (await a.mesh.handlers['mesh.status']({}, a.context)).peers.connected === 1);
    expect(await ask(a, addressB)).toContain('PING false');
    // Whoever asks for a port is told of that.
    const serves = await ask(a, addressB, 80);
    expect([serves[0], serves.includes('PING false'), serves.at(-1)]).toEqual([true, true, 'SERVICE true']);
    // What this node says itself is no hop, and no arrival.
    const way = items(a.mesh.handlers['mesh.trace']({ target: '400::1', maxHops: 1 }, a.context));
    await expect(way).rejects.toMatchObject({ code: 'NO_ANSWER', message: expect.stringContaining('400::1') });
    // Nobody knows before the first unlock who was meant, and that they are unknown is not said.
    a.forgetNames();
    const named = async () => await a.mesh.handlers['mesh.forward']({ target: 'bob', port: 80 }, a.context);
    await expect(named).rejects.toMatchObject({ code: 'LOCKED' });
    const told = await a.mesh.handlers['mesh.diagnose']({ target: 'bob' }, a.context);
    expect(told.findings.at(-1)).toMatchObject({ code: 'NAME', text: 'No names are known before Hypha is unlocked.' });
  }, 60_000);

  it('keeps the SOCKS proxy’s port and password', async () => {
    const agent = await start();
    const off = { on: false, url: null, port: null, user: null, password: null };
    expect(await agent.mesh.handlers['mesh.socks']({}, agent.context)).toMatchObject(off);
    await expect(
      async () => await agent.mesh.handlers['mesh.setSocks']({ on: true }, agent.context),
    ).rejects.toMatchObject({
      code: 'MESH_OFF',
    });
    await join(agent);
    const on = await agent.mesh.handlers['mesh.setSocks']({ on: true }, agent.context);
    expect(on.url).toBe(`socks5h://hypha:${on.password}@127.0.0.1:${on.port}`);
    expect(on).toMatchObject({ on: true, state: 'open', detail: '' });
    // Nothing listens without a node: it is wanted and not there, and opens again as it was.
    const socks = async () => await agent.mesh.handlers['mesh.socks']({}, agent.context);
    await agent.mesh.handlers['mesh.leave']({}, agent.context);
    const detail = 'It opens when the mesh node runs.';
    expect(await socks()).toMatchObject({ on: true, state: 'waiting', detail, url: null });
    await agent.mesh.handlers['mesh.join']({}, agent.context);
    expect(await socks()).toEqual(on);
    const again = await agent.restart();
    ends.push(() => again.stop());
    expect(await again.mesh.handlers['mesh.socks']({}, again.context)).toEqual(on);
    expect(await again.mesh.handlers['mesh.setSocks']({ on: false }, again.context)).toMatchObject(off);
  });

  it('keeps to a private network, whose members alone it connects to', async () => {
    const [a, b, c] = await Promise.all([start(), start(), start()]);
    const key = 'ab'.repeat(32);
    for (const agent of [a, b]) {
      await join(agent);
      const status = await agent.mesh.handlers['mesh.usePrivateNetwork']({ name: 'our-net', key }, agent.context);
      expect(status).toMatchObject({ state: 'on', settings: { privateNetwork: 'our-net' } });
    }
    const missing = async () => await a.mesh.handlers['mesh.usePrivateNetwork']({ name: 'other', key: '' }, a.context);
    await expect(missing).rejects.toMatchObject({ code: 'KEY_MISSING' });
    await join(c);
    const { listening } = await b.mesh.handlers['mesh.status']({}, b.context);
    const endpoint = `tcp://127.0.0.1:${listening}`;
    await a.mesh.handlers['mesh.addPeer']({ endpoint }, a.context);
    await c.mesh.handlers['mesh.addPeer']({ endpoint }, c.context);
    await until(async () => (await b.mesh.handlers['mesh.peers']({}, b.context)).peers.some(({ rtt }) => rtt !== null));
    expect((await a.mesh.handlers['mesh.peers']({}, a.context)).peers).toMatchObject([{ transport: 'tls' }]);
    expect((await b.mesh.handlers['mesh.routes']({ find: '', all: true, limit: 10 }, b.context)).total).toBe(1);
  });

  it('carries messages to people who are offline when they come back, and takes none from strangers', async () => {
    const { a, b, addressA, addressB, endpointB, keyA } = await two();
    const send = (agent: TestMesh, to: string, text: string, more: { topic?: string; replyTo?: MessageId } = {}) =>
      agent.mesh.handlers['mesh.send']({ to, text, topic: '', days: 7, ...more }, agent.context);
    const inbox = async (agent: TestMesh) => {
      const wanted = { box: 'in', unread: false, limit: 100 } as const;
      return (await agent.mesh.handlers['mesh.messages'](wanted, agent.context)).messages;
    };
    const stranger = await start();
    await join(stranger);
    await stranger.mesh.handlers['mesh.addPeer']({ endpoint: endpointB }, stranger.context);
    await until(async () => (await stranger.mesh.handlers['mesh.status']({}, stranger.context)).peers.connected === 1);
    await send(stranger, addressB, 'buy this');
    await items(stranger.mesh.handlers['mesh.ping']({ target: addressB, count: 1 }, stranger.context));

    b.know('ann', keyA);
    const { message: sent } = await send(a, addressB, 'from a friend');
    expect(sent).toMatchObject({ box: 'out', address: addressB, text: 'from a friend', state: 'waiting' });
    const outState = async (id: MessageId) =>
      (await a.mesh.handlers['mesh.message']({ id, at: 0 }, a.context)).message.state;
    await until(async () => (await outState(sent.id)) === 'received');

    const [got, ...more] = await inbox(b);
    expect(more).toEqual([]);
    if (got === undefined) throw new Error('nothing came');
    expect(got).toMatchObject({ name: 'ann', text: 'from a friend', state: 'new', address: addressA });
    expect(await b.mesh.handlers['mesh.markRead']({ ids: [got.id] }, b.context)).toEqual({ marked: 1 });
    await until(async () => (await outState(sent.id)) === 'seen');
    await send(b, addressA, 'an answer', { replyTo: got.id });
    await until(async () => (await inbox(a)).length === 1);
    expect((await inbox(a))[0]).toMatchObject({ text: 'an answer', replyTo: sent.id });

    // B is away, A is restarted, B comes back: it arrives once.
    const gone = await b.mesh.handlers['mesh.leave']({}, b.context);
    expect(gone.state).toBe('off');
    await send(a, addressB, 'while you were away', { topic: 'news' });
    const again = await a.restart();
    ends.push(() => again.stop());
    await b.mesh.handlers['mesh.join']({}, b.context);
    await until(async () => (await inbox(b)).length === 2);
    expect((await inbox(b))[0]).toMatchObject({ text: 'while you were away', topic: 'news' });
    const all = await again.mesh.handlers['mesh.messages']({ box: 'all', unread: false, limit: 10 }, again.context);
    expect(all.messages.map(({ text }) => text)).toEqual(['while you were away', 'an answer', 'from a friend']);
    for (const { id } of all.messages) await again.mesh.handlers['mesh.deleteMessage']({ id }, again.context);
    const none = await again.mesh.handlers['mesh.messages']({ box: 'all', unread: false, limit: 10 }, again.context);
    expect(none).toEqual({ messages: [], unread: 0, next: null });
  }, 60_000);

  it('keeps rules for topics, and lets programs use the topics they are given', async () => {
    const agent = await start();
    await join(agent);
    const rules = await agent.mesh.handlers['mesh.setTopic']({ topic: 'news', allow: ['everybody'] }, agent.context);
    expect(rules).toEqual({ strangers: false, topics: [{ topic: 'news', allow: ['everybody'] }] });
    expect(agent.undone.at(-1)).toEqual({ method: 'mesh.setTopic', input: { topic: 'news', allow: ['default'] } });
    const unknown = async () =>
      await agent.mesh.handlers['mesh.setTopic']({ topic: 'x', allow: ['bob'] }, agent.context);
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(
      (await agent.mesh.handlers['mesh.setTopic']({ topic: 'news', allow: ['default'] }, agent.context)).topics,
    ).toEqual([]);

    const api = await agent.mesh.handlers['mesh.setHttpApi']({ on: true, topics: ['bot'], port: 0 }, agent.context);
    // Not by fetch, which says like a browser where it comes from.
    const ask = (method: string) =>
      new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
        const path = '/api/v1/admin';
        request({ host: '127.0.0.1', port: api.port, path, method }, async (response) => {
          resolve({ status: response.statusCode, text: await text(response) });
        })
          .on('error', reject)
          .end();
      });
    const { subnet } = await agent.mesh.handlers['mesh.status']({}, agent.context);
    expect(JSON.parse((await ask('GET')).text)).toMatchObject({ nodeSubnet: subnet });
    expect((await ask('POST')).status).toBe(405);
    const again = await agent.restart();
    ends.push(() => again.stop());
    const kept = await again.mesh.handlers['mesh.httpApi']({}, again.context);
    expect(kept).toMatchObject({ on: true, topics: ['bot'], detail: '' });
    const off = await again.mesh.handlers['mesh.setHttpApi']({ on: false, topics: [], port: 0 }, again.context);
    expect(off).toMatchObject({ on: false, port: null });
  });

  it('answers names of people for other programs, at a port that stays', async () => {
    const agent = await start();
    const friend = await join(await start());
    agent.know('ann', friend.publicKey);
    const set = (wanted: { on: boolean; port?: number; upstream?: string }) =>
      agent.mesh.handlers['mesh.setNameServer'](wanted, agent.context);
    const { port } = await set({ on: true });
    const resolver = new Resolver({ timeout: 2_000, tries: 2 });
    resolver.setServers([`127.0.0.1:${port}`]);
    expect(await resolver.resolve6('ann.hypha')).toEqual([friend.address]);
    await expect(resolver.resolve6('bob.hypha')).rejects.toMatchObject({ code: 'ENOTFOUND' });
    await expect(async () => await set({ on: true, upstream: '300.1.1.1' })).rejects.toMatchObject({
      code: 'BAD_INPUT',
    });
    expect(await resolver.resolve6('ann.hypha')).toEqual([friend.address]);
    const taken = await web();
    await expect(async () => await set({ on: true, port: taken })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    const again = await agent.restart();
    ends.push(() => again.stop());
    expect(await again.mesh.handlers['mesh.nameServer']({}, again.context)).toMatchObject({
      on: true,
      port,
      detail: '',
    });
    await again.mesh.handlers['mesh.setNameServer']({ on: false }, again.context);
    await expect(resolver.resolve6('ann.hypha')).rejects.toThrow();
  });

  it('gets the whole card of whoever gave their short one, and shows neither question nor answer', async () => {
    const [ann, bob] = await Promise.all([start({ person: 'ann' }), start({ person: 'bob' })]);
    const [, nodeB] = [await join(ann), await join(bob)];
    await ann.mesh.handlers['mesh.addPeer']({ endpoint: nodeB.endpoint }, ann.context);
    ann.waitFor('bob', nodeB.publicKey);
    await until(() => ann.cards.length > 0);
    expect(ann.cards).toEqual(['card of bob']);
    expect(bob.cards).toEqual([]);
    for (const one of [ann, bob]) {
      const { messages, unread } = await one.mesh.handlers['mesh.messages'](
        { box: 'all', unread: false, limit: 10 },
        one.context,
      );
      expect([messages, unread]).toEqual([[], 0]);
    }
  });

  it('talks to other agents in sessions, and to contacts who once did in nothing else', async () => {
    const { a, b, addressB, keyB } = await two();
    a.know('bob', keyB);
    const session = async (agent: TestMesh) =>
      (await agent.mesh.handlers['mesh.sessions']({}, agent.context)).sessions.find((one) => one.address === addressB);
    await until(async () => {
      // One that is lost while the session begins is asked again.
      await items(a.mesh.handlers['mesh.ping']({ target: 'bob', count: 1 }, a.context)).catch(() => []);
      return (await session(a))?.established === true;
    });
    expect(await session(a)).toMatchObject({ publicKey: keyB, name: 'bob', required: true });
    const told = await a.mesh.handlers['mesh.diagnose']({ target: 'bob' }, a.context);
    expect(told.findings.at(-1)).toMatchObject({ code: 'SESSION', ok: true });

    // The other way round nobody is known, and nothing is required.
    const [toA] = (await b.mesh.handlers['mesh.sessions']({}, b.context)).sessions;
    expect(toA).toMatchObject({ established: true, required: false });

    // It holds over a restart, and until the person gives it up.
    const again = await a.restart();
    ends.push(() => again.stop());
    await until(async () => (await again.mesh.handlers['mesh.status']({}, again.context)).peers.connected === 1);
    const [line] = await items(again.mesh.handlers['mesh.ping']({ target: 'bob', count: 1 }, again.context));
    expect(line?.ms).toBeGreaterThan(0);
    expect(await session(again)).toMatchObject({ established: true, required: true });
    await again.mesh.handlers['mesh.configure']({ requireSessions: false }, again.context);
    expect(await session(again)).toMatchObject({ required: false });
  });
});
