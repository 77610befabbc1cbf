import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '#core/testing/silent-log.ts';
import { until } from '../testing/test-node.ts';
import { realTime } from '../time/real-time.ts';
import { openCable } from './cable-socket.ts';
import { createMeshSwitch } from './mesh-switch.ts';
import { createLan, macOf } from './testing/lan.ts';

const { setTimer } = realTime;

/** A stand-in for QEMU: the server, which lives longer than those who connect to it. */
describe.skipIf(process.platform === 'win32')('the socket to QEMU', () => {
  let dir: string;
  let path: string;
  let server: Server;
  let sockets: Socket[];
  const listen = (): Promise<void> => {
    server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => {});
    });
    return new Promise((resolve) => server.listen(path, resolve));
  };
  const close = (): Promise<unknown> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hy-cable-'));
    path = join(dir, 'mesh.sock');
    sockets = [];
  });
  afterEach(async () => {
    await close();
    await rm(dir, { recursive: true, force: true });
  });

  it('is connected as soon as it is there, and again when it was lost, and no more once closed', async () => {
    const log: string[] = [];
    const end = openCable({
      path,
      setTimer,
      plug: () => {
        log.push('plugged');
        return { data() {}, drained() {}, closed: () => void log.push('closed') };
      },
    });
    await listen();
    await until(() => log.length === 1);
    sockets[0]?.destroy();
    await until(() => log.length === 3);
    await close();
    await until(() => log.length === 4);
    await listen();
    await until(() => log.length === 5);
    end();
    await until(() => log.length === 6);
    expect(log).toEqual(['plugged', 'closed', 'plugged', 'closed', 'plugged', 'closed']);
    await until(() => sockets.every((socket) => socket.destroyed || socket.readableEnded || socket.resume() === null));
    expect(sockets).toHaveLength(3);
  });

  it('that sends without end does not keep others from their turn', async () => {
    await listen();
    let taken = 0;
    let turns = 0;
    const end = openCable({
      path,
      setTimer,
      plug: () => ({
        data: (_bytes, start, stop) => {
          taken += stop - start;
        },
        drained() {},
        closed() {},
      }),
    });
    await until(() => sockets.length === 1);
    const total = 8 * 1024 * 1024;
    sockets[0]?.write(new Uint8Array(total));
    const count = (): void => {
      turns++;
      if (taken < total) setImmediate(count);
    };
    count();
    await until(() => taken === total);
    expect(turns).toBeGreaterThanOrEqual(total / (128 * 1024));
    end();
  });

  it('follows its machine: joined once more, let go, and all at the end', async () => {
    await listen();
    const { lan } = createLan();
    const mesh = createMeshSwitch({ switch: lan, setTimer, log: silentLog });
    const machine = { machine: 'm1', socketPath: path, mac: '52:54:00:00:00:01', rules: ['tcp/22'] };
    expect(await mesh.attach(machine)).toEqual({ address: '4a1:2:3:4:5054:ff:fe00:1' });
    await until(() => sockets.length === 1 && lan.find('m1')?.plugged === true);
    await mesh.attach(machine);
    await until(() => sockets.length === 2 && lan.find('m1')?.plugged === true);
    await expect(mesh.attach({ ...machine, machine: 'm2' })).rejects.toThrow(/address/);
    await expect(mesh.attach({ ...machine, mac: 'x' })).rejects.toThrow(RangeError);
    await mesh.setRules('m1', ['tcp/80']);
    await mesh.setRules('nobody', []);
    expect(await mesh.counters('m1')).toMatchObject({ sent: { packets: 0 } });
    await mesh.detach('m1');
    expect([await mesh.counters('m1'), lan.find('m1')]).toEqual([null, undefined]);
    await mesh.attach(machine);
    mesh.close();
    expect(lan.find('m1')).toBeUndefined();
    expect(lan.addressOf(macOf(1))).toHaveLength(16);
  });
});
