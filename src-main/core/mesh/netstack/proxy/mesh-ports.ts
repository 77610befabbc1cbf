import { unreachable } from '../errors.ts';
import { parseAddress } from '../ip/address.ts';
import type { NetStack } from '../stack.ts';
import { TcpServer } from '../tcp-server.ts';
import { dialSocket } from '../tcp-socket.ts';
import type { Dialer, Listener, Resolver } from './ports.ts';

/** How long an opening through the mesh may take; a route is looked for meanwhile. */
const DIAL_TIMEOUT = 30_000;
/** A peer that has gone without a word is asked for after this silence; nobody here may be writing to notice it otherwise. */
const KEEP_ALIVE = 120_000;

const sockets = { allowHalfOpen: true, noDelay: true, keepAlive: KEEP_ALIVE };

/** Dials through the mesh. Names go to `resolve`, and nowhere else. */
export function meshDialer(stack: NetStack, resolve: Resolver): Dialer {
  return {
    async dial({ host, port }, signal) {
      const address = parseAddress(host) ?? (await resolve(host, signal));
      if (address === null) throw unreachable(`nobody on the mesh has the name ${host.slice(0, 100)}`);
      return dialSocket(stack, { address, port, signal, timeout: DIAL_TIMEOUT, ...sockets });
    },
  };
}

export interface MeshListenerOptions {
  readonly port: number;
  /** Which addresses may connect. There is no default: whoever exposes a service says to whom. */
  readonly admits: (address: Uint8Array) => boolean;
  readonly maxConnections?: number;
}

/** Accepts connections on the mesh address, from those admitted; to others the port looks closed. */
export function meshListener(stack: NetStack, options: MeshListenerOptions): Listener {
  return {
    async listen(accept) {
      const server = new TcpServer(stack, { ...options, ...sockets }, (socket) =>
        accept(socket, { address: socket.remoteAddress, port: socket.remotePort }),
      );
      return {
        port: server.address().port,
        async close() {
          server.close();
          server.closeAllConnections();
        },
      };
    },
  };
}
