import { unreachable } from '../errors.ts';
import { parseAddress } from '../ip/address.ts';
import type { NetStack } from '../stack.ts';
import { TcpServer } from '../tcp-server.ts';
import { dialSocket } from '../tcp-socket.ts';
import { createAddressOrder } from './address-order.ts';
import type { Dialer, Listener, Resolver } from './ports.ts';
import { raceDial } from './racing-dial.ts';

/** How long an opening through the mesh may take; a route is looked for meanwhile. */
const DIAL_TIMEOUT = 30_000;
/** A peer that has gone without a word is asked for after this silence; nobody here may be writing to notice it otherwise. */
const KEEP_ALIVE = 120_000;

const sockets = { allowHalfOpen: true, noDelay: true, keepAlive: KEEP_ALIVE };

/**
 * Dials through the mesh. Names go to `resolve`, and nowhere else; one that stands for several devices to that which answers.
 *
 * @param cost of the way to an address; null where none is known
 */
export function meshDialer(
  stack: NetStack,
  resolve: Resolver,
  cost: (address: Uint8Array) => number | null = () => null,
): Dialer {
  const order = createAddressOrder(cost);
  return {
    async dial({ host, port }, signal) {
      const dial = (address: Uint8Array, until: AbortSignal) =>
        dialSocket(stack, { address, port, signal: until, timeout: DIAL_TIMEOUT, ...sockets });
      const given = parseAddress(host);
      if (given !== null) return dial(given, signal);
      const addresses = await resolve(host, signal);
      const [first] = addresses;
      if (first === undefined) throw unreachable(`nobody on the mesh has the name ${host.slice(0, 100)}`);
      if (addresses.length === 1) return dial(first, signal);
      const of = `${host.toLowerCase()} ${port}`;
      const { stream, address } = await raceDial({
        addresses: order.sort(of, addresses),
        dial,
        alone: (one) => order.alone(of, one),
        setTimer: stack.clock.setTimer,
        signal,
      });
      order.worked(of, address);
      return stream;
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
