import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLink } from '../testing/silent-link.ts';
import { startTestNode, type TestNode, until } from '../testing/test-node.ts';
import { createPlaces } from './places.ts';
import { createPrivateTransport } from './private-network.ts';

const running: TestNode[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

/** How many of these find a place. */
function placed(addresses: readonly string[], limits: Parameters<typeof createPlaces>[0]): number {
  const places = createPlaces(limits);
  return addresses.filter((address) => places.take(address) !== null).length;
}

const times = (n: number, name: (i: number) => string): string[] => Array.from({ length: n }, (_, i) => name(i));

describe('places', () => {
  it('are few for one IPv4 address, however it is written, and others have theirs', () => {
    const one = times(50, (i) => (i % 2 === 0 ? '192.0.2.1' : '::ffff:192.0.2.1'));
    expect(placed(one, { perAddress: 8 })).toBe(8);
    expect(placed([...one, ...times(50, (i) => `192.0.2.${i + 2}`)], { perAddress: 8 })).toBe(58);
  });

  it('are few for one /64, and for the /48 around it', () => {
    expect(
      placed(
        times(50, (i) => `2001:db8:1:2::${(i + 1).toString(16)}`),
        { perAddress: 8 },
      ),
    ).toBe(8);
    expect(
      placed(
        times(500, (i) => `2001:db8:1:${i.toString(16)}::1`),
        { perAddress: 8 },
      ),
    ).toBe(32);
    expect(
      placed(
        times(500, (i) => `2001:db8:${i.toString(16)}::1`),
        { perAddress: 8 },
      ),
    ).toBe(500);
  });

  it('are not for link-local addresses alone, of which anybody near has many', () => {
    const near = times(900, (i) => `fe80::${(i + 1).toString(16)}%eth0`);
    expect(placed(near, { total: 100 })).toBe(25);
    expect(
      placed(
        times(30, () => 'fe80::1%eth0'),
        { total: 100, perAddress: 5 },
      ),
    ).toBe(5);
    expect(
      placed(
        times(900, (i) => `169.254.${i >> 8}.${i & 255}`),
        { total: 100 },
      ),
    ).toBe(25);
  });

  it('are for programs of this computer without a quota, unless one is wanted', () => {
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1']) {
      expect(
        placed(
          times(300, () => address),
          {},
        ),
      ).toBe(300);
      expect(
        placed(
          times(300, () => address),
          { perLoopback: 7 },
        ),
      ).toBe(7);
    }
  });

  it('end with the last, are given back once, and go to nobody without an address', () => {
    const places = createPlaces({ total: 3, perAddress: 2 });
    const taken = ['192.0.2.1', '192.0.2.1', '192.0.2.2'].map((address) => places.take(address));
    expect(places.take('192.0.2.3')).toBeNull();
    taken[0]?.();
    taken[0]?.();
    expect(places.taken()).toBe(2);
    for (const nobody of ['', 'fe80', 'localhost']) expect(places.take(nobody)).toBeNull();
    expect(places.take('192.0.2.1')).not.toBeNull();
    expect(places.take('192.0.2.1')).toBeNull();
  });
});

/** A connection from a given address of the loopback; ended or not, it is what the other side made of it. */
async function from(address: string, port: number): Promise<Socket> {
  const socket = await silentLink(port, address);
  sockets.push(socket);
  return socket;
}

async function start(options: Parameters<typeof startTestNode>[0]): Promise<TestNode> {
  const made = await startTestNode(options);
  running.push(made);
  return made;
}

describe('a node with a quota for each address', () => {
  it.each([true, false])(
    'lets nobody take all places, and gives them again (shared reads: %s)',
    async (sharedReads) => {
      const node = await start({ sharedReads, maxInbound: 50, places: { perLoopback: 5 } });
      const greedy = await Promise.all(times(60, () => '127.0.7.1').map((address) => from(address, node.port)));
      await until(() => greedy.filter((socket) => socket.destroyed).length === 55);
      expect(node.node.peers()).toHaveLength(5);
      const others = times(20, (i) => `127.0.8.${i + 1}`);
      await Promise.all(others.map((address) => from(address, node.port)));
      await until(() => node.node.peers().length === 25);
      for (const socket of greedy) socket.destroy();
      await until(() => node.node.peers().length === 20);
      await from('127.0.7.1', node.port);
      await until(() => node.node.peers().length === 21);
    },
  );

  it('counts handshakes that are never finished', async () => {
    const transport = createPrivateTransport({ name: 'family', key: new Uint8Array(32).fill(7) });
    const node = await start({ transport, places: { perLoopback: 5 } });
    const silent = await Promise.all(times(30, () => '127.0.7.1').map((address) => from(address, node.port)));
    await until(() => silent.filter((socket) => socket.destroyed).length === 25);
    expect(node.node.peers()).toEqual([]);
    const friend = await start({ transport });
    friend.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: node.port });
    await until(() => node.node.peers().length === 1);
  });
});
