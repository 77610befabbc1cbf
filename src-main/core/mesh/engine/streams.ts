import type { Duplex } from 'node:stream';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { toHex } from '#core/crypto/encoding.ts';
import { parseAddress } from '../netstack/ip/address.ts';
import { createAddressOrder } from '../netstack/proxy/address-order.ts';
import { meshListener } from '../netstack/proxy/mesh-ports.ts';
import type { Listening } from '../netstack/proxy/ports.ts';
import { raceDial } from '../netstack/proxy/racing-dial.ts';
import { splice } from '../netstack/proxy/splice.ts';
import type { NetStack } from '../netstack/stack.ts';
import { dialSocket } from '../netstack/tcp-socket.ts';
import { PortStream } from '../streams/port-stream.ts';
import type { EngineCalls } from './protocol.ts';

/** Connections that begin and end inside Hypha: no port of this computer's loopback is in between, and who calls is known. */
export interface Streams {
  dial: EngineCalls['dialStream'];
  listen: EngineCalls['listenStreams'];
  admit: EngineCalls['admitStreams'];
  close(port: number): Promise<void>;
  stop(): Promise<void>;
}

/** How long an opening may take; a route is looked for meanwhile. */
const dialMs = 30_000;
/** Of all callers together; each is told apart and limited by who listens. */
const mostCalls = 128;
const sockets = { allowHalfOpen: true, noDelay: true, keepAlive: 120_000 };

export function createStreams(
  stack: NetStack,
  accepted: (port: number, address: Uint8Array, channel: MessagePort) => void,
  cost: (address: Uint8Array) => number | null,
): Streams {
  const order = createAddressOrder(cost);
  const open = new Set<Duplex>();
  const listening = new Map<number, { allow: ReadonlySet<string>; readonly calls: Set<Duplex>; server: Listening }>();

  const join = (stream: Duplex, channel: MessagePort, also?: Set<Duplex>): void => {
    open.add(stream);
    also?.add(stream);
    // What the connection hands out is a new buffer each time, and counted before it is written.
    const inside = new PortStream(channel, { gives: true });
    void splice(stream, inside, { sent: 0, received: 0 }).finally(() => {
      open.delete(stream);
      also?.delete(stream);
      stream.destroy();
      inside.destroy();
    });
  };
  const close = async (port: number): Promise<void> => {
    const was = listening.get(port);
    listening.delete(port);
    await was?.server.close();
  };

  return {
    async dial(addresses, port, channel) {
      const over = new AbortController();
      const gone = (): void => over.abort();
      channel.once('close', gone);
      // Without a listener the close of a port is not heard.
      channel.on('message', nothing);
      try {
        const of = `${addresses.map(toHex).join()} ${port}`;
        const { stream, address } = await raceDial({
          addresses: order.sort(of, addresses),
          dial: (one, signal) => dialSocket(stack, { address: one, port, signal, timeout: dialMs, ...sockets }),
          alone: (one) => order.alone(of, one),
          setTimer: stack.clock.setTimer,
          signal: over.signal,
        });
        order.worked(of, address);
        channel.off('message', nothing);
        join(stream, channel);
        return address;
      } catch (error) {
        channel.close();
        throw error;
      } finally {
        channel.off('close', gone);
      }
    },
    async listen(port, allow) {
      await close(port);
      const calls = new Set<Duplex>();
      const admits = (address: Uint8Array): boolean => listening.get(port)?.allow.has(toHex(address)) ?? false;
      const server = await meshListener(stack, { port, admits, maxConnections: mostCalls }).listen((stream, caller) => {
        const address = parseAddress(caller.address);
        if (address === null) {
          stream.destroy();
          return;
        }
        const { port1, port2 } = new MessageChannel();
        join(stream, port1, calls);
        accepted(port, address, port2);
      });
      listening.set(port, { allow: new Set(allow.map(toHex)), calls, server });
    },
    admit(port, allow) {
      const one = listening.get(port);
      if (one !== undefined) one.allow = new Set(allow.map(toHex));
    },
    close,
    async stop() {
      await Promise.all([...listening.keys()].map(close));
      for (const stream of open) stream.destroy();
    },
  };
}

function nothing(): void {}
