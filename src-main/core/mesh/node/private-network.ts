import { connect, createServer, type TLSSocket } from 'node:tls';
import { equalBytes } from '#core/crypto/equal.ts';
import { noAnswer } from './dial-reason.ts';
import { attach, keeper, listenOn, wrap } from './stream-connection.ts';
import type { Transport } from './transport.ts';

/*
 * Private networks: links between those who hold one key, TLS 1.3 with an external PSK over TCP and no certificates. It is a
 * gate and nothing else; inside, the protocol is the public one. The network's name goes over the wire in clear.
 *
 * OpenSSL ties an external PSK to SHA-256, hence the two suites.
 */

export interface PrivateNetwork {
  /** 2 to 64 bytes of UTF-8. */
  readonly name: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

const suites = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256';
const connectTimeout = 10_000;
const handshakeTimeout = 10_000;

export function isNetworkName(name: string): boolean {
  const bytes = Buffer.byteLength(name);
  return bytes >= 2 && bytes <= 64;
}

/** @throws RangeError when name or key has another length */
export function createPrivateTransport(network: PrivateNetwork): Transport {
  if (!isNetworkName(network.name)) throw new RangeError('the name of a private network has 2 to 64 bytes');
  if (network.key.length !== 32) throw new RangeError('the key of a private network has 32 bytes');
  const psk = network.key.slice();
  const name = Buffer.from(network.name);
  const common = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ciphers: suites } as const;

  return {
    connect(endpoint, handle) {
      return new Promise((resolve, reject) => {
        const socket = connect({
          ...common,
          host: endpoint.host,
          port: endpoint.port,
          pskCallback: () => ({ psk, identity: network.name }),
          // There is no certificate: who knows the key is who we mean.
          checkServerIdentity: () => undefined,
        });
        socket.setNoDelay(true);
        socket.setTimeout(connectTimeout, () => socket.destroy(noAnswer()));
        socket.once('error', reject);
        socket.once('secureConnect', () => {
          socket.off('error', reject);
          socket.setTimeout(0);
          const connection = wrap(socket);
          attach(socket, handle(connection));
          resolve(connection);
        });
      });
    },
    listen(host, port, accept, admit) {
      const server = createServer(
        {
          ...common,
          handshakeTimeout,
          pskCallback: (_: TLSSocket, identity: string) => (equalBytes(Buffer.from(identity), name) ? psk : null),
        },
        (socket) => {
          socket.setNoDelay(true);
          const handler = accept(wrap(socket));
          if (handler === null) socket.destroy();
          else attach(socket, handler);
        },
      );
      // A handshake that fails is a stranger at the door.
      server.on('tlsClientError', (_, socket) => socket.destroy());
      const { hold, close } = keeper(server, admit);
      server.on('connection', hold);
      return listenOn(server, host, port, close);
    },
  };
}

/**
 * Whether this runtime can do private networks: a connection to itself, once at start. Electron links BoringSSL, which has no
 * external PSK in TLS 1.3.
 *
 * @param random for a key of the moment
 */
export async function supportsPrivateNetworks(random: (n: number) => Uint8Array): Promise<boolean> {
  const quiet = { data() {}, drained() {}, closed() {} };
  try {
    const transport = createPrivateTransport({ name: 'self-test', key: random(32) });
    const listener = await transport.listen('127.0.0.1', 0, () => quiet);
    try {
      const connection = await transport.connect(
        { scheme: 'tcp', host: '127.0.0.1', port: listener.port },
        () => quiet,
      );
      connection.close();
      return true;
    } finally {
      await listener.close();
    }
  } catch {
    return false;
  }
}
