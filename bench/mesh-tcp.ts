import { type AddressInfo, connect, createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { TcpServer } from '#core/mesh/netstack/tcp-server.ts';
import { connectSocket } from '#core/mesh/netstack/tcp-socket.ts';
import { memoryPair } from '#core/mesh/netstack/testing/memory-link.ts';
import { addressB } from '#core/mesh/netstack/testing/pair.ts';
import type { Benchmark, Measurement } from './harness/benchmark.ts';

const CHUNK = 65_536;

export const benchmark: Benchmark = {
  name: 'mesh-tcp',
  about:
    'Send 256 MiB over the user-space TCP between two stacks of one process, against a pipe through the system’s loopback TCP.',
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
    const run = (dial: () => Duplex) => transfer(dial, (take) => void waiting.push(take), bytes);
    return {
      contests: [
        {
          name: 'one stream',
          ours: () => run(() => connectSocket(a, { address: addressB, port: 5201 })),
          rival: () => run(() => connect({ host: '127.0.0.1', port })),
        },
      ],
      notes: [
        'both ends in one process and thread; packets of 1400 bytes handed over in memory, without the mesh’s encryption',
        'the system’s loopback carries segments of 64 KiB and computes no checksums; ours computes and checks every one',
      ],
      async close() {
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
