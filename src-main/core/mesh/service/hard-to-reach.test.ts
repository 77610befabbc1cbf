import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { startTestMesh, type TestMesh } from '../testing/test-mesh.ts';
import { until } from '../testing/test-node.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

async function start(): Promise<TestMesh> {
  const agent = await startTestMesh();
  ends.push(() => agent.stop().catch(() => {}));
  return agent;
}

const alone = { publicPeers: false, discovery: false } as const;
const join = (agent: TestMesh, port = 0) => agent.mesh.handlers['mesh.join']({ ...alone, port }, agent.context);
const statusOf = (agent: TestMesh) => agent.mesh.handlers['mesh.status']({}, agent.context);

/** Holds a port at every address of this computer. */
async function take(): Promise<{ port: number; free(): Promise<void> }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, () => resolve()));
  const free = () => new Promise<void>((resolve) => server.close(() => resolve()));
  ends.push(free);
  return { port: (server.address() as { port: number }).port, free };
}

async function reasonFor(agent: TestMesh, endpoint: string): Promise<string> {
  await agent.mesh.handlers['mesh.addPeer']({ endpoint }, agent.context);
  let reason: string | null | undefined = null;
  await until(async () => {
    const { peers } = await agent.mesh.handlers['mesh.peers']({}, agent.context);
    reason = peers.find((peer) => peer.endpoint === endpoint)?.reason;
    return typeof reason === 'string';
  });
  return reason ?? '';
}

describe('a peer that cannot be connected to', () => {
  it('is shown with the reason', async () => {
    const agent = await start();
    await join(agent);
    const { port, free } = await take();
    expect(await reasonFor(agent, `tcp://127.0.0.1:${port}`)).toBe('It ended the connection at once.');
    await free();
    // Another spelling is another peer.
    expect(await reasonFor(agent, `tcp://127.0.0.2:${port}`)).toBe('Nobody accepts connections there.');
  });

  it('is not taken at all where its address stands for many or for none', async () => {
    const agent = await start();
    const { handlers, checks } = agent.mesh;
    for (const host of ['0.0.0.0', '[::]', '224.0.0.1', '[ff02::1]', '255.255.255.255', '127.255.255.255']) {
      const endpoint = `tcp://${host}:9651`;
      const adding = async () => await handlers['mesh.addPeer']({ endpoint }, agent.context);
      await expect(adding).rejects.toMatchObject({ code: 'NOT_ONE_HOST' });
      // Also before anybody is asked.
      expect(() => checks['mesh.addPeer']?.({ endpoint })).toThrow('is not the address of another');
    }
    expect((await handlers['mesh.peers']({}, agent.context)).peers).toEqual([]);
  });

  it('is shown with the reason in a private network', async () => {
    const [a, b, open] = await Promise.all([start(), start(), start()]);
    for (const agent of [a, b, open]) await join(agent);
    const use = (agent: TestMesh, key: string) =>
      agent.mesh.handlers['mesh.usePrivateNetwork']({ name: 'our-net', key: key.repeat(32) }, agent.context);
    await use(a, 'ab');
    await use(b, 'cd');
    const endpointOf = async (agent: TestMesh) => `tcp://127.0.0.1:${(await statusOf(agent)).listening}`;
    expect(await reasonFor(a, await endpointOf(b))).toBe('It does not accept this network’s key.');
    expect(await reasonFor(a, await endpointOf(open))).toBe('It ended the connection at once.');
    // Who is on the public mesh is turned away without a word, and is told no less.
    expect(await reasonFor(open, await endpointOf(a))).toBe('It ended the connection at once.');
  }, 30_000);
});

describe('a node whose port is taken', () => {
  it('is found at the same other port after each start', async () => {
    const { port, free } = await take();
    const first = await start();
    const { listening, detail } = await join(first, port);
    expect(detail).toContain(String(listening));
    expect(listening).not.toBe(port);
    const second = await first.restart();
    ends.push(() => second.stop().catch(() => {}));
    expect(await statusOf(second)).toMatchObject({ state: 'on', listening });
    // The one that is wanted comes first.
    await free();
    const third = await second.restart();
    ends.push(() => third.stop().catch(() => {}));
    expect(await statusOf(third)).toMatchObject({ state: 'on', listening: port, detail: '' });
  });
});
