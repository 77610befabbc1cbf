import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { afterEach, describe, expect, it } from 'vitest';
import { addressOf } from '../identity/address.ts';
import { createDice } from '../testing/dice.ts';
import { echoRequest, startTestNode, type TestNode, until } from '../testing/test-node.ts';
import { encodeControl } from '../wire/control.ts';
import { subnetOf } from '../wire/prefix.ts';
import { createRouterId } from '../wire/router-id.ts';

/*
 * How much slower two honest nodes are served while others storm the router between them. All of them share one thread here, the
 * honest ends too, which get the news of the storm from the router: what the storm costs anybody shows.
 */

const running: TestNode[] = [];
const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

async function start(): Promise<TestNode> {
  const made = await startTestNode();
  running.push(made);
  return made;
}

/** Packets on the way at most; when so many arrived, the next go. */
const window = 32;

/** Move 300 kB, then ask and be answered 8 times. @returns the milliseconds that the fastest of 7 tries took */
async function served(a: TestNode, b: TestNode): Promise<number> {
  const packet = echoRequest(a.node.self.address, b.node.self.address, 1250);
  const small = echoRequest(a.node.self.address, b.node.self.address);
  const tries: number[] = [];
  const arrived = async (n: number): Promise<void> => {
    const before = b.got.length;
    // Nothing here waits on a timer: these have a millisecond at best.
    while (b.got.length < before + n) await new Promise((done) => setImmediate(done));
  };
  for (let attempt = 0; attempt < 7; attempt++) {
    const from = performance.now();
    for (let sent = 0; sent < 240; sent += window) {
      for (let i = 0; i < window; i++) a.node.send('ipv6', b.node.self.address, packet);
      await arrived(window);
    }
    for (let i = 0; i < 8; i++) {
      a.node.send('ipv6', b.node.self.address, small);
      await arrived(1);
    }
    tries.push(performance.now() - from);
    b.got.length = 0;
  }
  return Math.min(...tries);
}

/** Write heap after heap, as fast as the other side reads. @returns how often a whole one was written */
function storm(port: number, heaps: readonly Uint8Array[], first: number): { written: number } {
  const socket = connect(port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => {});
  socket.resume();
  const state = { written: 0 };
  const write = (): void => {
    if (socket.destroyed) return;
    socket.write(heaps[(first + state.written) % heaps.length] as Uint8Array, () => {
      state.written++;
      setImmediate(write);
    });
  };
  socket.once('connect', write);
  return state;
}

describe('the honest, while others storm the router between them,', () => {
  it('are served at most some times slower, and the storm is heard all the same', async () => {
    const [middle, a, b] = [await start(), await start(), await start()];
    for (const one of [a, b]) one.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: middle.port });
    await until(() => a.node.router.routesTo(b.node.self.subnet)?.selected != null);
    await served(a, b);
    const calm = await served(a, b);

    // 2,000 prefixes that come and go, each time by another source.
    const dice = createDice(5);
    const keys = Array.from({ length: 2_000 }, () => dice.bytes(32));
    const heaps = Array.from({ length: 60 }, (_, round) =>
      Buffer.concat(
        Array.from({ length: 200 }, (_, i) => {
          const key = keys[(round * 200 + i) % keys.length] as Uint8Array;
          const metric = (i + round) % 3 === 0 ? 0xffff : i;
          const [prefix, routerId] = [subnetOf(addressOf(key)), createRouterId(key, dice.bytes(6))];
          return encodeControl({ type: 'update', prefix, interval: 30_000, seqno: round, metric, routerId });
        }),
      ),
    );
    const storms = [0, 20, 40].map((first) => storm(middle.port, heaps, first));
    // In full swing.
    await until(() => storms.every(({ written }) => written > 3));
    const before = storms.map(({ written }) => written);
    const hard = await served(a, b);
    console.log(
      `300 kB and 8 pings: ${calm.toFixed(1)} -> ${hard.toFixed(1)} ms, ${(hard / calm).toFixed(1)} times as long`,
    );
    expect(hard / calm).toBeLessThan(12);
    // Held back, and not shut out.
    await until(() => storms.every(({ written }, i) => written > (before[i] as number)));
    await until(() => middle.node.router.size().prefixes > 1_500);
    // Nor is an honest newcomer.
    const late = await start();
    late.node.addPeer({ scheme: 'tcp', host: '127.0.0.1', port: middle.port });
    await until(() => a.node.router.routesTo(late.node.self.subnet)?.selected != null);
  });
});
