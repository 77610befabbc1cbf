import { type OnReadOpts, Socket } from 'node:net';
import { createReadBuffers, type Lease, type ReadBuffer, type ReadBuffers } from './read-buffers.ts';

/*
 * All sockets of a transport read into one buffer: each read is consumed before the next begins, so an idle peer costs no
 * buffer, and one system call takes in what the kernel holds instead of 64 kB at a time. Only who just brought much that was passed
 * on reads into a buffer of its own (node/read-buffers.ts), and back into the shared one after the next read that brings little:
 * every neighbour says a word every 20 seconds.
 *
 * For sockets we dial, Node documents this (`onread`). For those that a server accepts it does not: there the handle is put
 * into a new socket, which is private API and so stands here alone, is tried only where the handle has what it takes, and
 * falls back to `data` events, slower and otherwise the same. Ran on Node 20, 24 and 26.
 */

/** Large reads are what relaying lives on: the fewer calls of the system, the less each packet costs. */
const wholeBytes = 1024 * 1024;
/**
 * To open a sealed packet costs about 5 microseconds: a megabyte of them would hold the loop, and everybody else's packets,
 * for 3 ms. Who sends us such packets is read in smaller pieces.
 */
const partBytes = 256 * 1024;
/**
 * A routing message costs more than ten packets do, and who sends many of them waits for turns (node/control-turns.ts): nothing
 * is gained by taking from the system at once what is worked on later.
 */
const sipBytes = 6 * 1024;

export interface SharedBuffer {
  readonly whole: Uint8Array;
  /** The beginning of it. */
  readonly part: Uint8Array;
  readonly sip: Uint8Array;
  readonly alone: ReadBuffers;
}

export function createSharedBuffer(): SharedBuffer {
  const whole = new Uint8Array(wholeBytes);
  const alone = createReadBuffers();
  return { whole, part: whole.subarray(0, partBytes), sip: whole.subarray(0, sipBytes), alone };
}

/** Who gets what one socket reads. */
export interface SharedReader {
  /** The bytes are the buffer's again when the call returns, but for what is held by the lease, where there is one. */
  take(bytes: Uint8Array, start: number, end: number, lease?: Lease): void;
  /** Whether the next read had better be a small one. */
  slow(): boolean;
  /** Whether it had better be a tiny one. */
  costly(): boolean;
  /** Whether much of what it was given last is passed on in long pieces. */
  relays(): boolean;
}

/** Reads that bring less are copied fast enough. */
const worthAlone = 64 * 1024;

export interface SharedReading {
  readonly onread: OnReadOpts;
  /** The socket is closed. */
  end(): void;
}

export function reading(buffer: SharedBuffer, reader: SharedReader): SharedReading {
  let own: ReadBuffer | null = null;
  let brought = 0;
  let ended = false;

  const leave = (): void => {
    own?.leave();
    own = null;
  };

  const next = (): Uint8Array => {
    const [costly, slow] = [reader.costly(), reader.slow()];
    if (costly || slow || ended || brought < worthAlone || !reader.relays()) {
      leave();
      return costly ? buffer.sip : slow ? buffer.part : buffer.whole;
    }
    if (own?.held()) leave();
    own ??= buffer.alone.take();
    return own?.bytes ?? buffer.whole;
  };

  return {
    onread: {
      // Asked before each read.
      buffer: next,
      callback(bytes) {
        brought = bytes;
        reader.take(own?.bytes ?? buffer.whole, 0, bytes, own ?? undefined);
        // Reading goes on, unless the socket was paused meanwhile.
        return true;
      },
    },
    end() {
      ended = true;
      leave();
    },
  };
}

interface Handle {
  useUserBuffer?: unknown;
}

interface Innards {
  _handle: Handle | null;
  _server: unknown;
  server: unknown;
}

/**
 * Let an accepted socket, which must be paused and not have been read from, read into the buffer.
 *
 * @returns the socket to use from now on instead, or null when this runtime cannot
 */
export function readShared(accepted: Socket, buffer: SharedBuffer, reader: SharedReader): Socket | null {
  const old = accepted as unknown as Innards;
  const handle = old._handle;
  if (handle === null || typeof handle.useUserBuffer !== 'function') return null;
  const { onread, end } = reading(buffer, reader);
  const options = { handle, onread, allowHalfOpen: false };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  socket.once('close', end);
  // The server counts its connections by these, to know when it is closed.
  const made = socket as unknown as Innards;
  made._server = old._server;
  made.server = old.server;
  old._handle = null;
  old._server = null;
  return socket;
}
