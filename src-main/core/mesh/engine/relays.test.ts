import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { dialSocket } from '../netstack/tcp-socket.ts';
import { memoryPair } from '../netstack/testing/memory-link.ts';
import { addressA, addressB } from '../netstack/testing/pair.ts';
import { until } from '../testing/test-node.ts';
import { createRelays } from './relays.ts';

let server: Server | null = null;
afterEach(() => void server?.close());

it('lets connections of those go on who may connect also by the new list, and breaks off all others at once', async () => {
  const { a, b } = memoryPair();
  server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const relays = createRelays(b, async () => []);
  const dial = () =>
    dialSocket(a, { address: addressB, port: 80, signal: new AbortController().signal, timeout: 5_000 });
  const her = { address: addressA, length: 128 };
  const other = { address: addressB, length: 128 };
  try {
    await relays.expose('web', 80, port, [her], []);
    const stream = await dial();
    stream.on('error', () => {});
    const echo = async (text: string): Promise<string> => {
      stream.write(text);
      const [answer] = (await once(stream, 'data')) as [Uint8Array];
      return Buffer.from(answer).toString();
    };
    expect(await echo('one')).toBe('one');
    await relays.admit('web', [her, other], [{ address: addressB, length: 64 }]);
    expect(await echo('two')).toBe('two');
    expect(relays.traffic()).toMatchObject({ web: { connections: 1 } });
    await relays.admit('web', 'everybody', [{ address: addressA, length: 64 }]);
    await until(() => stream.destroyed);
    await expect(dial()).rejects.toMatchObject({ code: 'REFUSED' });
    await relays.admit('web', 'everybody', []);
    (await dial()).destroy();
    // What is not offered is not opened by being told of.
    await relays.close('web');
    await relays.admit('web', 'everybody', []);
    await expect(dial()).rejects.toMatchObject({ code: 'REFUSED' });
  } finally {
    await relays.stop();
  }
});
