import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { toHex } from '#core/crypto/encoding.ts';
import { systemRandom } from '#core/crypto/random.ts';
import { parseAddress } from '../identity/ipv6-text.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import { encodeFrame } from '../netstack/ethernet/frame.ts';
import { encodeStreamFrame, StreamFramer } from '../netstack/ethernet/stream-framing.ts';
import type { People } from '../service/ports.ts';
import { until } from '../testing/test-node.ts';
import { icmp } from './testing/lan.ts';
import { startSwitchNode } from './testing/node.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end();
});

/** A socket in QEMU's place, with a guest behind it that answers pings. @returns its path */
async function startGuest(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'hy-open-'));
  ends.push(() => rm(dir, { recursive: true, force: true }));
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    const framer = new StreamFramer();
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      for (const frame of framer.push(chunk) ?? []) {
        const packet = Uint8Array.from(frame.subarray(14));
        if (packet[6] !== 58 || packet[40] !== 128) continue;
        const turned = { source: packet.subarray(24, 40), destination: packet.subarray(8, 24) };
        const word = new DataView(packet.buffer).getUint32(44);
        const reply = icmp(turned, 129, word, packet.subarray(48));
        socket.write(encodeStreamFrame(encodeFrame(new Uint8Array(6), new Uint8Array(6), reply)));
      }
    });
  });
  const path = join(dir, 'mesh.sock');
  await new Promise<void>((resolve) => server.listen(path, resolve));
  ends.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return path;
}

/** A node of somebody, and what its key is. */
async function startNode(people?: People) {
  const secret = systemRandom(32);
  const node = await startSwitchNode(secret, people);
  ends.push(() => node.stop());
  return { ...node, secret, key: toHex(createNodeIdentity(secret, systemRandom).publicKey) };
}

it.skipIf(process.platform === 'win32')(
  'a machine is open to its contact under each of their devices, until they are blocked or gone',
  async () => {
    const ann = { known: true, blocked: false, keys: [] as string[] };
    const contacts = () => (ann.known ? [{ contact: 'c1', label: 'ann', meshKeys: ann.keys, verified: true }] : []);
    const owner = await startNode({
      names: () => (ann.blocked ? [] : contacts()),
      peers: () => contacts().map((one) => ({ ...one, blocked: ann.blocked })),
      ownDevices: () => [],
      onChange: () => () => {},
    });
    const [phone, desk, stranger] = [await startNode(), await startNode(), await startNode()];
    for (const other of [phone, desk, stranger]) other.engine.addPeer(`tcp://127.0.0.1:${owner.port}`);
    await until(async () => (await owner.engine.routes()).filter(({ cost }) => cost !== null).length >= 3);

    ann.keys = [phone.key];
    await owner.peopleChanged();
    const mac = '52:54:00:00:00:01';
    const rules = [owner.mesh.keepRule('icmp from ann')];
    const { address } = await owner.mesh.attach({ machine: 'm1', socketPath: await startGuest(), mac, rules });
    const to = parseAddress(address ?? '');
    if (to === null) throw new Error('no address');
    const reaches = ({ engine }: typeof owner, timeout = 5_000): Promise<string> =>
      engine.ping(to, { timeout }).then(
        ({ kind }) => kind,
        () => 'silence',
      );
    // The guest's cable is plugged in a moment later.
    await until(async () => (await reaches(owner, 200)) === 'reply');
    await until(async () => (await reaches(phone, 200)) === 'reply');
    expect([await reaches(desk), await reaches(stranger)]).toEqual(['unreachable', 'unreachable']);

    ann.keys = [phone.key, desk.key];
    await owner.peopleChanged();
    expect([await reaches(phone), await reaches(desk), await reaches(stranger)]).toEqual([
      ...['reply', 'reply', 'unreachable'],
    ]);

    ann.blocked = true;
    await owner.peopleChanged();
    // From whom is blocked nothing is taken: not even that they are kept out is told.
    expect([await reaches(phone, 300), await reaches(desk, 300)]).toEqual(['silence', 'silence']);
    ann.blocked = false;
    await owner.peopleChanged();
    expect(await reaches(desk)).toBe('reply');
    ann.known = false;
    await owner.peopleChanged();
    expect([await reaches(phone), await reaches(desk)]).toEqual(['unreachable', 'unreachable']);
  },
);
