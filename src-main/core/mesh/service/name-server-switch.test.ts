import { createSocket } from 'node:dgram';
import { expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { createNameServerSwitch } from './name-server-switch.ts';
import type { MeshStore, StoredNameServer } from './store.ts';

/** Whether the port can be had. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket('udp4');
    socket.once('error', () => resolve(false));
    socket.bind({ address: '127.0.0.1', port, exclusive: true }, () => socket.close(() => resolve(true)));
  });

it('leaves one responder or none behind, whatever was said at once', async () => {
  let stored: StoredNameServer | null = null;
  const ports: number[] = [];
  const store = {
    nameServer: () => stored,
    putNameServer(next: StoredNameServer) {
      stored = next;
      ports.push(next.port);
    },
  } as unknown as MeshStore;
  const lookup = { find: () => null, nameOf: () => null };
  const responder = createNameServerSwitch({ store, host: createFakeHost(), log: silentLog, lookup });
  const set = (on: boolean) => responder.set({ on, port: 0, upstream: undefined });
  await Promise.all([set(true), set(true), responder.start(), set(true)]);
  const { port } = responder.view();
  expect(await isFree(port ?? 0)).toBe(false);
  const before = new Set(ports.filter((one) => one !== port));
  expect(await Promise.all([...before].map(isFree))).toEqual([...before].map(() => true));
  await Promise.all([set(true), responder.stop()]);
  expect(await isFree(ports.at(-1) ?? 0)).toBe(true);
});
