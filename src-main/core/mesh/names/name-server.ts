import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type Server, type Socket } from 'node:net';
import { concatBytes } from '#core/crypto/bytes.ts';
import type { Logger } from '#core/host.ts';
import { numbers } from './dns-message.ts';
import { respond } from './responder.ts';
import { askUpstream, type Upstream } from './upstream.ts';
import type { NameLookup } from './zone.ts';

export interface NameServerDeps {
  readonly log: Logger;
  readonly random: (n: number) => Uint8Array;
  readonly lookup: NameLookup;
  /** 0 for any free one. */
  readonly port: number;
  /** Where names that are not ours are asked for; null forwards nothing. */
  readonly upstream: Upstream | null;
}

export interface NameServer {
  /** The port on 127.0.0.1, the same for UDP and TCP. */
  readonly port: number;
  stop(): Promise<void>;
}

/** A computer's own programs need few; more is a loop or an attack. */
const connectionsMost = 64;
const forwardsMost = 64;
const idleMs = 10_000;
/** Bytes of answers that a connection may leave unread. */
const unreadMost = 256 * 1024;
/** Queries of one connection that wait for the upstream. */
const pipelinedMost = 8;

/**
 * The name responder on loopback: UDP and TCP on one port. A port that is taken is refused, not replaced, as whoever set
 * the system up to ask there would ask somebody else.
 */
export async function startNameServer(deps: NameServerDeps): Promise<NameServer> {
  const { lookup, upstream, log, random } = deps;
  let forwards = 0;
  const connections = new Set<Socket>();

  async function answer(bytes: Uint8Array, over: 'udp' | 'tcp'): Promise<Uint8Array | null> {
    const response = respond(bytes, { over, lookup, upstream: upstream !== null });
    if (response.kind === 'silence') return null;
    if (response.kind === 'answer') return response.bytes;
    if (upstream === null || forwards >= forwardsMost) return response.failure;
    forwards++;
    try {
      return (await askUpstream(bytes, over, upstream, random)) ?? response.failure;
    } finally {
      forwards--;
    }
  }

  const udp = createSocket('udp4');
  udp.on('message', (message, from) => {
    void answer(new Uint8Array(message), 'udp')
      .then((reply) => reply && udp.send(reply, from.port, from.address))
      .catch((error: unknown) => log.debug({ error }, 'a name could not be answered'));
  });
  const tcp = createServer((socket) => {
    if (connections.size >= connectionsMost) return void socket.destroy();
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
    serve(socket, (bytes) => answer(bytes, 'tcp'));
  });

  try {
    await bindBoth(udp, tcp, deps.port);
  } catch (error) {
    tcp.close();
    closeUdp(udp);
    throw error;
  }
  // From here on an error of one datagram (a port that nobody listens on any more) is not the end.
  udp.on('error', (error) => log.debug({ error }, 'a datagram was not sent'));
  tcp.on('error', (error) => log.warn({ error }, 'the name responder does not accept connections'));
  udp.unref();
  tcp.unref();
  return {
    port: udp.address().port,
    async stop() {
      for (const socket of connections) socket.destroy();
      closeUdp(udp);
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

const triesMost = 20;

/** The same port for both: a free one of UDP may be taken in TCP, then another is tried. */
async function bindBoth(udp: UdpSocket, tcp: Server, port: number): Promise<void> {
  const host = '127.0.0.1';
  for (let tries = 1; ; tries++) {
    const found = await new Promise<number>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ host, port, exclusive: true }, () => {
        tcp.off('error', reject);
        const address = tcp.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
    try {
      await new Promise<void>((resolve, reject) => {
        udp.once('error', reject);
        udp.bind({ address: host, port: found, exclusive: true }, () => {
          udp.off('error', reject);
          resolve();
        });
      });
      return;
    } catch (error) {
      await new Promise<void>((resolve) => tcp.close(() => resolve()));
      if (port !== 0 || tries >= triesMost) throw error;
    }
  }
}

function closeUdp(socket: UdpSocket): void {
  try {
    socket.close();
  } catch {
    // It was never open.
  }
}

/** One connection: queries after a length of two bytes (RFC 7766), answered as they are done, a few at a time. */
function serve(socket: Socket, answer: (bytes: Uint8Array) => Promise<Uint8Array | null>): void {
  let got = new Uint8Array(0);
  let open = 0;
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const take = (): void => {
    while (got.length >= 2 && open < pipelinedMost) {
      const length = ((got[0] ?? 0) << 8) | (got[1] ?? 0);
      if (got.length < length + 2) return;
      const query = got.slice(2, length + 2);
      got = got.slice(length + 2);
      open++;
      void answer(query)
        .then((reply) => {
          // Who sends what deserves no answer over a connection has nothing to say.
          if (reply === null || socket.writableLength > unreadMost) socket.destroy();
          else if (!socket.destroyed) socket.write(concatBytes(numbers(reply.length), reply));
        })
        .catch(() => socket.destroy())
        .finally(() => {
          open--;
          take();
          // Not read on while answers are waited for, so that what is kept of a connection stays bounded.
          if (open < pipelinedMost) socket.resume();
        });
    }
    if (open >= pipelinedMost) socket.pause();
  };
  socket.on('data', (data) => {
    got = new Uint8Array(concatBytes(got, new Uint8Array(data)));
    take();
  });
}
