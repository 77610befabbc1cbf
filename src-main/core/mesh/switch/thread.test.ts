import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { parseAddress } from '../identity/ipv6-text.ts';
import { encodeFrame } from '../netstack/ethernet/frame.ts';
import { encodeStreamFrame, StreamFramer } from '../netstack/ethernet/stream-framing.ts';
import { startTestMesh } from '../testing/test-mesh.ts';
import { until } from '../testing/test-node.ts';
import { icmp } from './testing/lan.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** The whole domain with its thread; a socket stands for QEMU. */
it.skipIf(process.platform === 'win32')(
  'machines stay with the mesh through its being joined, left and joined again',
  async () => {
    const dir = await mkdtemp(join(tmpdir(), 'hy-thread-'));
    ends.push(() => rm(dir, { recursive: true, force: true }));
    const sockets: Socket[] = [];
    const echoes: Uint8Array[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      const framer = new StreamFramer();
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        for (const frame of framer.push(chunk) ?? [])
          if (frame[54] === 129) echoes.push(Uint8Array.from(frame.subarray(14)));
      });
    });
    const socketPath = join(dir, 'mesh.sock');
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    ends.push(async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    const agent = await startTestMesh();
    ends.push(() => agent.stop());
    const { machines, handlers } = agent.mesh;
    const mac = '52:54:00:00:00:01';
    const joinMesh = () => handlers['mesh.join']({ publicPeers: false, discovery: false, port: 0 }, agent.context);

    expect(machines.place(mac)).toBeNull();
    expect(await machines.attach({ machine: 'm1', socketPath, mac, rules: [] })).toEqual({ address: null });
    expect(sockets).toHaveLength(0);
    const { address: own } = await joinMesh();
    await until(() => sockets.length === 1);
    const place = machines.place(mac);
    const [source, node] = [parseAddress(place?.address ?? ''), parseAddress(own ?? '')];
    if (source === null || node === null) throw new Error('no address');
    expect(place?.address).toMatch(/:5054:ff:fe00:1$/);
    expect(source.subarray(0, 8)).toEqual(node.subarray(0, 8));

    const ping = (socket: Socket | undefined): void => {
      const packet = icmp({ source, destination: node }, 128, 0x0007_0001);
      socket?.write(encodeStreamFrame(encodeFrame(new Uint8Array(6), new Uint8Array(6), packet)));
    };
    ping(sockets[0]);
    await until(() => echoes.length === 1);
    expect(echoes[0]?.slice(8, 24)).toEqual(node);
    await until(async () => (await machines.counters('m1'))?.received.packets === 1);
    expect(await machines.counters('m1')).toMatchObject({ sent: { packets: 1 }, dropped: {} });
    await machines.setRules('m1', ['tcp/22']);

    await handlers['mesh.leave']({}, agent.context);
    await until(() => sockets[0]?.readableEnded === true || sockets[0]?.destroyed === true);
    expect([machines.place(mac), await machines.counters('m1')]).toEqual([null, null]);
    await joinMesh();
    await until(() => sockets.length === 2);
    expect(machines.place(mac)).toEqual(place);
    ping(sockets[1]);
    await until(() => echoes.length === 2);
    await machines.detach('m1');
    await until(() => sockets[1]?.readableEnded === true || sockets[1]?.destroyed === true);
    expect(await machines.counters('m1')).toBeNull();
  },
);
