import { type AddressInfo, connect, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { addressText } from '#core/mesh/identity/ipv6-text.ts';
import { TcpServer } from '#core/mesh/netstack/tcp-server.ts';
import { connectSocket } from '#core/mesh/netstack/tcp-socket.ts';
import { memoryPair } from '#core/mesh/netstack/testing/memory-link.ts';
import { addressB } from '#core/mesh/netstack/testing/pair.ts';
import type { Benchmark, Measurement } from './harness/benchmark.ts';
import type { EnginePart } from './harness/mesh/engine-part.ts';
import { startPart } from './harness/mesh/part.ts';
import type { ThreadPart } from './harness/mesh/thread-part.ts';

const CHUNK = 65_536;

export const benchmark: Benchmark = {
  name: 'mesh-tcp',
  about:
    'Send 256 MiB over the user-space TCP, between two nodes and between two stacks of one process, against the system’s loopback TCP.',
  better: 'higher',
  rival: 'node:net',
  runs: 5,
  warmUp: true,
  async prepare(options) {
    const bytes = Math.ceil((options.size ?? 268_435_456) / CHUNK) * CHUNK;
    const { a, b } = memoryPair();
    const waiting: ((stream: Duplex) => void)[] = [];
    const accept = (stream: Duplex): void => waiting.shift()?.(stream);
    const ours = new TcpServer(b, { port: 5201 }, accept);
    const theirs = createServer(accept);
    await new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve));
    const { port } = theirs.address() as AddressInfo;
    const nodes = await twoNodes(port);
    const agents = await twoAgents();
    const run = (dial: () => Duplex) => transfer(dial, (take) => void waiting.push(take), bytes);
    return {
      contests: [
        {
          name: 'two nodes',
          ours: async () => {
            const before = await nodes.cpu();
            const measured = await run(() => connect({ host: '127.0.0.1', port: nodes.port }));
            const after = await nodes.cpu();
            const used = after.map((one, i) => `${(one - (before[i] ?? 0)).toFixed(1)} s`).join(', ');
            return { ...measured, notes: { ...measured.notes, 'CPU of sending and receiving node': used } };
          },
          rival: () => run(() => connect({ host: '127.0.0.1', port })),
        },
        {
          name: 'streams between two agents',
          ours: () => agents.transfer(bytes),
          rival: () => run(() => connect({ host: '127.0.0.1', port })),
        },
        {
          name: 'two stacks in memory',
          ours: () => run(() => connectSocket(a, { address: addressB, port: 5201 })),
          rival: () => run(() => connect({ host: '127.0.0.1', port })),
        },
      ],
      notes: [
        'two nodes: each a process; through a forward of the one and an exposed port of the other, in a session between them (post-quantum handshake, AES-256-GCM); source and sink are a third process',
        'streams between two agents: as the pieces of a vault go to a contact: from a main thread to the mesh thread of its process, and on the other side back to the main one',
        'two stacks in memory: one process and thread; packets of 1400 bytes handed over, without the mesh’s encryption',
        'the system’s loopback carries segments of 64 KiB and computes no checksums; ours computes and checks every one',
      ],
      async close() {
        await nodes.close();
        await agents.close();
        ours.closeAllConnections();
        ours.close();
        await new Promise((resolve) => theirs.close(resolve));
      },
    };
  },
};

/** Send `bytes` from a new connection to its other end; the time is from the first write to the last byte read. */
async function transfer(
  dial: () => Duplex,
  onAccept: (take: (stream: Duplex) => void) => void,
  bytes: number,
): Promise<Measurement> {
  const accepted = new Promise<Duplex>((resolve) => onAccept(resolve));
  const client = dial();
  const server = await accepted;
  const chunk = Buffer.alloc(CHUNK, 7);
  const start = performance.now();
  const arrived = new Promise<number>((resolve, reject) => {
    let got = 0;
    server.on('data', (part: Buffer) => {
      got += part.length;
    });
    server.once('end', () => resolve(got));
    server.once('error', reject);
    client.once('error', reject);
  });
  for (let sent = 0; sent < bytes; sent += CHUNK) {
    if (!client.write(chunk)) await new Promise((resolve) => client.once('drain', resolve));
  }
  client.end();
  if ((await arrived) !== bytes) throw new Error('Not all bytes arrived.');
  const seconds = (performance.now() - start) / 1000;
  client.destroy();
  server.destroy();
  return { seconds, notes: { 'Mbit/s': ((bytes * 8) / seconds / 1e6).toFixed(0) } };
}

/** Two nodes with a link between them; the one brings the other's local port to its own loopback. */
async function twoNodes(local: number) {
  const [here, there] = await Promise.all([
    startPart<EnginePart>('engine-part.ts'),
    startPart<EnginePart>('engine-part.ts'),
  ]);
  const both = [here, there];
  const close = async (): Promise<void> => {
    await Promise.all(both.map((part) => part.kill()));
  };
  try {
    const [, { port: listening, address }] = await Promise.all([here.ask('start'), there.ask('start')]);
    await here.ask('peer', listening);
    await there.ask('expose', local);
    await here.ask('reach', address);
    const port = await here.ask('forward', addressText(address), local);
    const cpu = () => Promise.all(both.map(async (part) => (await part.ask('usage')).cpu));
    return { port, cpu, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Two agents' meshes with a link between them. */
async function twoAgents() {
  const both = await Promise.all([startPart<ThreadPart>('thread-part.ts'), startPart<ThreadPart>('thread-part.ts')]);
  const [here, there] = both;
  const close = async (): Promise<void> => {
    await Promise.all(both.map((part) => part.kill()));
  };
  const cpu = () => Promise.all(both.map(async (part) => (await part.ask('usage')).cpu));
  try {
    const [{ address: from }, { port, address }] = await Promise.all([here.ask('start'), there.ask('start')]);
    await here.ask('peer', port);
    await there.ask('listen', from);
    await here.ask('reach', address);
    return {
      close,
      async transfer(bytes: number): Promise<Measurement> {
        const before = await cpu();
        await there.ask('expect', bytes);
        const seconds = await here.ask('send', address, bytes);
        const after = await cpu();
        const used = after.map((one, i) => `${(one - (before[i] ?? 0)).toFixed(1)} s`).join(', ');
        return {
          seconds,
          notes: {
            'Mbit/s': ((bytes * 8) / seconds / 1e6).toFixed(0),
            'CPU of sending and receiving agent': used,
          },
        };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
