import { connect, createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import type { Delivery } from '../forward/ports.ts';
import { addressText } from '../identity/ipv6-text.ts';
import { until } from '../testing/test-node.ts';
import { realTime } from '../time/real-time.ts';
import { type EngineThread, startEngineThread } from './engine-thread.ts';
import type { EngineConfig, EngineStarted } from './protocol.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

interface Rig {
  readonly thread: EngineThread;
  readonly started: EngineStarted;
  readonly got: Delivery[];
  readonly names: Map<string, Uint8Array>;
}

async function rig(config: Partial<EngineConfig> = {}): Promise<Rig> {
  const got: Delivery[] = [];
  const names = new Map<string, Uint8Array>();
  const thread = startEngineThread({
    log: silentLog,
    setTimer: realTime.setTimer,
    events: {
      delivered: (delivery) => void got.push(delivery),
      undelivered() {},
      session() {},
      changed() {},
      accepted() {},
      resolve: async (name) => [names.get(name) ?? []].flat(),
    },
    died: (error) => {
      throw error;
    },
  });
  ends.push(() => thread.close());
  const started = await thread.call.start({
    secret: systemRandom(32),
    listen: { host: '127.0.0.1', port: 0 },
    discovery: false,
    privateNetwork: null,
    answerPings: true,
    ...config,
  });
  return { thread, started, got, names };
}

/** A service on loopback that answers every line in capitals. */
async function service(): Promise<{ port: number }> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('data', (bytes) => socket.write(bytes.toString().toUpperCase()));
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => server.close(resolve)));
  return { port: (server.address() as { port: number }).port };
}

function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let got = '';
    const socket = connect(port, '127.0.0.1', () => socket.end(text));
    socket.on('data', (bytes) => {
      got += bytes.toString();
    });
    socket.on('end', () => resolve(got));
    socket.on('error', reject);
  });
}

/** Two nodes that know each other through a third. */
async function three(): Promise<[Rig, Rig, Rig]> {
  const [a, b, c] = await Promise.all([rig(), rig(), rig({ answerPings: false })]);
  const middle = `tcp://127.0.0.1:${b.started.listening}`;
  expect(await a.thread.call.addPeer(middle)).toBe(true);
  expect(await c.thread.call.addPeer(middle)).toBe(true);
  await until(async () => (await b.thread.call.status()).peers.length === 2);
  return [a, b, c];
}

describe('the mesh thread', () => {
  it('pings, brings services here and offers them across a node in the middle', async () => {
    const [a, b, c] = await three();
    const { port } = await service();
    const answer = await a.thread.call.ping(b.started.address, { timeout: 10_000 });
    expect(answer).toMatchObject({ kind: 'reply', from: b.started.address });
    // Two hops away, and it was told not to answer.
    const near = await a.thread.call.ping(c.started.address, { hopLimit: 2, timeout: 10_000 });
    expect(near.kind).toBe('hop-limit');
    // Routers speak in the name of their subnet.
    expect(near.from.subarray(0, 8)).toEqual(b.started.address.subarray(0, 8));
    await expect(a.thread.call.ping(c.started.address, { timeout: 50 })).rejects.toMatchObject({ code: 'TIMED_OUT' });

    await c.thread.call.expose('web', 80, port, [{ address: a.started.address, length: 128 }], []);
    a.names.set('c.hypha', c.started.address);
    const local = await a.thread.call.forward('to-c', { host: 'c.hypha', port: 80 }, 0);
    expect(await talk(local, 'hello')).toBe('HELLO');
    expect(await a.thread.call.probe(c.started.address, 80, 10_000)).toBeGreaterThan(0);
    await until(async () => (await a.thread.call.relays())['to-c']?.connections === 0);
    expect(await a.thread.call.relays()).toMatchObject({ 'to-c': { sent: 5, received: 5 } });

    // Not on the list: the port looks closed.
    await expect(b.thread.call.probe(c.started.address, 80, 10_000)).rejects.toMatchObject({ code: 'REFUSED' });
    // Nor is who is denied, whatever is said of everybody.
    await c.thread.call.expose('web', 80, port, 'everybody', [{ address: b.started.address, length: 64 }]);
    await expect(b.thread.call.probe(c.started.address, 80, 10_000)).rejects.toMatchObject({ code: 'REFUSED' });
    expect(await a.thread.call.probe(c.started.address, 80, 10_000)).toBeGreaterThan(0);
    await c.thread.call.closeRelay('web');
    await expect(a.thread.call.probe(c.started.address, 80, 10_000)).rejects.toMatchObject({ code: 'REFUSED' });

    const routes = await a.thread.call.routes();
    const toC = routes.find(({ publicKey }) => Buffer.from(publicKey).equals(c.started.publicKey));
    expect(toC).toMatchObject({ selected: true, direct: false, length: 64 });
    const status = await a.thread.call.status();
    expect(status.received).toBeGreaterThan(0);
    expect(status.sent).toBeGreaterThan(0);
  });

  it('sends large packets to a neighbour, and small ones when the way there comes to lead over others, within a connection', async () => {
    const [a, b, c] = await three();
    /** Counts what comes, whose every byte says where it is, and at the half of it does something. */
    let run = { size: 0, got: 0, wrong: 0, half: () => {} };
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (bytes) => {
        for (let i = 0; i < bytes.length; i += 997) if (bytes[i] !== (((run.got + i) / 16) & 255)) run.wrong++;
        const before = run.got;
        run.got += bytes.length;
        if (before < run.size / 2 && run.got >= run.size / 2) run.half();
      });
      socket.on('end', () => socket.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => new Promise((resolve) => server.close(resolve)));
    const direct = `tcp://127.0.0.1:${c.started.listening}`;
    await a.thread.call.addPeer(direct);
    const toC = async () =>
      (await a.thread.call.routes()).find(
        (one) => one.selected && Buffer.from(one.publicKey).equals(c.started.publicKey),
      );
    await until(async () => (await toC())?.direct === true);
    await c.thread.call.expose('sink', 7, (server.address() as { port: number }).port, 'everybody', []);
    const local = await a.thread.call.forward('sink', { host: addressText(c.started.address), port: 7 }, 0);
    const carry = async (size: number, half: () => void): Promise<void> => {
      run = { size, got: 0, wrong: 0, half };
      const socket = connect(local, '127.0.0.1');
      socket.end(Uint8Array.from({ length: size }, (_, i) => (i / 16) & 255));
      socket.resume();
      await new Promise((resolve, reject) => socket.once('close', resolve).once('error', reject));
      expect(run).toMatchObject({ got: size, wrong: 0 });
    };
    const size = 8_000_000;
    const before = (await c.thread.call.status()).received;
    await carry(size, () => {});
    // Small packets cost an eighth on top of what they carry.
    expect(((await c.thread.call.status()).received - before) / size).toBeLessThan(1.06);
    let cut: Promise<unknown> | null = null;
    await carry(size, () => {
      cut = a.thread.call.removePeer(direct);
    });
    expect(await cut).toBe(true);
    expect(await toC()).toMatchObject({ direct: false });
    expect((await b.thread.call.status()).received).toBeGreaterThan(size / 10);
  });

  it('carries payloads of messages to the other thread', async () => {
    const [a, , c] = await three();
    a.thread.send(c.started.address, new Uint8Array([1, 2, 3]));
    await until(() => c.got.length === 1);
    expect(c.got[0]).toMatchObject({ type: 'message', source: a.started.address, payload: new Uint8Array([1, 2, 3]) });
  });

  it('takes another port when the one asked for is taken, and says so', async () => {
    const { port } = await service();
    const { started } = await rig({ listen: { host: '127.0.0.1', port } });
    expect(started.listening).not.toBe(port);
    expect(started.detail).toContain(String(started.listening));
  });

  it('tries the port it had instead before any other, and another where that is taken too', async () => {
    const [taken, free] = await Promise.all([service(), service()]);
    const listen = { host: '127.0.0.1', port: taken.port, instead: free.port };
    const both = await rig({ listen });
    expect([taken.port, free.port]).not.toContain(both.started.listening);
    await both.thread.call.stop();
    const { started } = await rig({ listen: { ...listen, instead: both.started.listening } });
    expect(started.listening).toBe(both.started.listening);
  });

  it('says why a peer cannot be connected to', async () => {
    const { thread } = await rig();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    await new Promise((resolve) => server.close(resolve));
    await thread.call.addPeer(`tcp://127.0.0.1:${port}`);
    await until(async () => (await thread.call.status()).dialling[0]?.reason === 'refused');
  });

  it('says that the mesh is off before the start and after the end', async () => {
    const { thread, started } = await rig();
    await thread.call.stop();
    await expect(thread.call.ping(started.address, {})).rejects.toMatchObject({ code: 'MESH_OFF' });
    expect(await thread.call.relays()).toEqual({});
    expect(addressText(started.address)).toMatch(/^[45]/);
  });

  it('tells who waits when the thread dies', async () => {
    const [a, , c] = await three();
    const waiting = a.thread.call.ping(c.started.address, { timeout: 60_000 });
    const told = expect(waiting).rejects.toMatchObject({ code: 'MESH_OFF' });
    await a.thread.close();
    await told;
  });
});
