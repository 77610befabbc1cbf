import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { transportConformance } from '#shared/rpc/conformance.ts';
import type { Transport } from '#shared/rpc/transport.ts';
import { byteStreamTransport } from '#shared/rpc/transports/byte-stream.ts';
import { messagePortTransport } from '#shared/rpc/transports/message-port.ts';
import { webSocketTransport } from '#shared/rpc/transports/web-socket.ts';

const runner = {
  describe,
  it,
  equal: (actual: unknown, expected: unknown) => expect(actual).toEqual(expected),
};

async function socketPair(): Promise<{ near: Socket; far: Socket; dispose: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hypha-transport-'));
  const path =
    process.platform === 'win32' ? `\\\\.\\pipe\\${folder.replaceAll(/[^a-z0-9]/gi, '-')}` : join(folder, 's');
  const server = createNetServer().listen(path);
  await once(server, 'listening');
  const near = connect(path);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'connect')])) as unknown as [[Socket]];
  return {
    near,
    far,
    async dispose() {
      near.destroy();
      far.destroy();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function webSocketPair() {
  const http = createServer();
  const server = new WebSocketServer({ server: http });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const near = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const [[far]] = (await Promise.all([once(server, 'connection'), once(near, 'open')])) as unknown as [[WebSocket]];
  return {
    near,
    far,
    async dispose() {
      near.terminate();
      far.terminate();
      server.close();
      http.close();
    },
  };
}

transportConformance(
  'local socket',
  async () => {
    const { near, far, dispose } = await socketPair();
    return { client: byteStreamTransport(near), server: byteStreamTransport(far), dispose };
  },
  runner,
);

transportConformance(
  'WebSocket',
  async () => {
    const { near, far, dispose } = await webSocketPair();
    return { client: webSocketTransport(near), server: webSocketTransport(far), dispose };
  },
  runner,
);

transportConformance(
  'port between threads',
  async () => {
    const { port1, port2 } = new MessageChannel();
    return { client: messagePortTransport(port1), server: messagePortTransport(port2), dispose: async () => {} };
  },
  runner,
);

/** How the transport ended after it was fed `bytes`, or `open` when it waits for more or took them as frames. */
function outcome(transport: Transport): Promise<string | null> {
  return new Promise((resolve) => transport.listen({ frame() {}, closed: resolve }));
}

describe('bytes that are no frames', () => {
  it('end a local socket, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const { near, far, dispose } = await socketPair();
        const ended = outcome(byteStreamTransport(far));
        near.on('error', () => {});
        near.end(bytes);
        const reason = await ended;
        expect([null, 'a message over the size limit arrived', 'a message that is no frame arrived']).toContain(reason);
        await dispose();
      }),
      { numRuns: 50 },
    );
  });

  it('end a WebSocket, text too', async () => {
    const inputs = [Uint8Array.of(0xc1), Uint8Array.of(0xdd, 0xff, 0xff, 0xff, 0xff), Uint8Array.of(), 'text'];
    for (const input of inputs) {
      const { near, far, dispose } = await webSocketPair();
      const ended = outcome(webSocketTransport(far));
      near.send(input);
      expect(await ended).toMatch(/no frame|not binary/);
      await dispose();
    }
  });

  it('that are too many end a WebSocket', async () => {
    const { near, far, dispose } = await webSocketPair();
    const ended = outcome(webSocketTransport(far, 1024));
    near.send(new Uint8Array(1025));
    expect(await ended).toMatch(/no frame/);
    await dispose();
  });
});
