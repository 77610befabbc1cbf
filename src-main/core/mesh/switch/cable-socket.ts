import { connect } from 'node:net';
import { asBytes } from '#core/crypto/bytes.ts';
import type { Connection, ConnectionHandler } from '../node/transport.ts';

/** Between two tries to reach QEMU, at first and at most. */
const firstPause = 50;
const longestPause = 2_000;
/** Bytes taken from one machine before the others have their turn: what it sends then waits in QEMU, which holds it back. */
const turnBytes = 64 * 1024;

export interface CableSocketOptions {
  /** QEMU's unix socket, at which QEMU is the server. */
  readonly path: string;
  readonly plug: (connection: Connection) => ConnectionHandler;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
}

/**
 * Keep a cable to a machine's card: connect to QEMU, and again whenever the connection ends, until it is closed. QEMU serves one client and takes
 * the next when that has gone, so an agent that starts again finds the guest as it was. Never throws.
 *
 * @returns what ends it
 */
export function openCable({ path, plug, setTimer }: CableSocketOptions): () => void {
  let closed = false;
  let pause = firstPause;
  let stop: () => void = () => {};

  const dial = (): void => {
    const socket = connect({ path });
    let handler: ConnectionHandler | null = null;
    let taken = 0;
    socket.once('connect', () => {
      pause = firstPause;
      handler = plug({
        remote: path,
        local: '',
        staticCost: 0,
        write(bytes, done) {
          socket.write(bytes, done);
          return socket.writableLength === 0;
        },
        buffered: () => socket.writableLength,
        close: () => socket.destroy(),
      });
    });
    socket.on('data', (chunk: Buffer) => {
      handler?.data(asBytes(chunk), 0, chunk.length);
      taken += chunk.length;
      if (taken < turnBytes || socket.destroyed) return;
      socket.pause();
      setImmediate(() => {
        taken = 0;
        socket.resume();
      });
    });
    socket.on('drain', () => handler?.drained());
    // Why it ended is told by its end.
    socket.on('error', () => {});
    socket.once('close', () => {
      handler?.closed();
      if (closed) return;
      stop = setTimer(pause, dial);
      pause = Math.min(longestPause, pause * 2);
    });
    stop = () => socket.destroy();
  };

  dial();
  return () => {
    closed = true;
    stop();
  };
}
