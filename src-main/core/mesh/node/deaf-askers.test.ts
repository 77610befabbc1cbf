import { afterEach, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { until } from '../testing/test-node.ts';
import { realTime } from '../time/real-time.ts';
import { encodeControl } from '../wire/control.ts';
import { createMeshNode, type MeshNode } from './mesh-node.ts';
import type { ConnectionHandler, PeerConnection, Transport } from './transport.ts';

/* Peers who ask without end and never read the answers, over connections whose systems take nothing. */

const running: MeshNode[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.stop()));
});

interface Asker {
  readonly handler: ConnectionHandler;
  waiting: number;
  open: boolean;
}

/** @returns a way to connect to the node, as somebody who never reads */
function deafWorld() {
  let accept: ((connection: PeerConnection) => ConnectionHandler | null) | null = null;
  const transport: Transport = {
    connect: () => Promise.reject(new Error('nobody there')),
    listen(_host, _port, accepted) {
      accept = accepted;
      return Promise.resolve({ port: 1, close: () => Promise.resolve() });
    },
  };
  const come = (): Asker => {
    const state = { waiting: 0, open: true };
    const connection: PeerConnection = {
      remote: 'test',
      local: 'test',
      staticCost: 10,
      write(bytes) {
        state.waiting += bytes.length;
        return false;
      },
      buffered: () => state.waiting,
      close() {
        if (!state.open) return;
        state.open = false;
        queueMicrotask(() => handler?.closed());
      },
      pause() {},
      resume() {},
    };
    const handler = accept?.(connection) ?? null;
    if (handler === null) throw new Error('not let in');
    return Object.assign(state, { handler });
  };
  return { transport, come };
}

it('holds a bounded amount for all who ask and never read, and keeps the one who asks little', async () => {
  const controlInWait = 200_000;
  const { transport, come } = deafWorld();
  const node = createMeshNode({
    secret: systemRandom(32),
    random: systemRandom,
    ...realTime,
    transport,
    log: silentLog,
    deliver() {},
    controlInWait,
  });
  running.push(node);
  await node.listen('', 0);
  const modest = come();
  const ask = encodeControl({ type: 'route-request', generation: 0, prefix: node.self.subnet });
  const many = new Uint8Array(Buffer.concat(Array.from({ length: 50 }, () => ask)));
  const askers = Array.from({ length: 10 }, come);
  let most = 0;
  await until(() => {
    for (const one of askers) if (one.open) one.handler.data(many, 0, many.length);
    const open = askers.filter((one) => one.open);
    most = Math.max(
      most,
      open.reduce((sum, one) => sum + one.waiting, 0),
    );
    return open.length < 5;
  });
  expect(most).toBeLessThanOrEqual(controlInWait);
  expect(modest.open).toBe(true);
  expect(node.peers().length).toBe(1 + askers.filter((one) => one.open).length);
});
