import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { ReplyDecoder } from '../resp/decode.ts';
import type { Reply } from '../resp/reply.ts';

/** What to answer: bytes as they go out, null for silence. `socket` to do worse. */
export type Script = (words: Uint8Array[], socket: Socket) => string | Uint8Array | null;

export interface ScriptedServer {
  readonly port: number;
  /** Connections taken so far. */
  readonly connections: () => number;
  /** Break every connection now. */
  cut(): void;
  close(): Promise<void>;
}

/** A server on loopback that reads commands as any does and answers as told. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const sockets = new Set<Socket>();
  let taken = 0;
  const server = createServer((socket) => {
    taken++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    const decoder = new ReplyDecoder((command) => {
      const words = (command as readonly Reply[]).map((word) => word as Uint8Array);
      const answer = script(words, socket);
      if (answer !== null && !socket.destroyed) socket.write(answer);
    });
    socket.on('data', (chunk) => decoder.push(chunk));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => taken,
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}

export const bulk = (bytes: Uint8Array | string): Uint8Array =>
  Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), Buffer.from(bytes), Buffer.from('\r\n')]);
