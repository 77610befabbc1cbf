import type { Duplex } from 'node:stream';

/** Where a connection is to go: an address or a name, and a port. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

/** Opens connections. Whatever it is made of: the mesh, this computer's loopback, a test. */
export interface Dialer {
  /** Resolves with an open stream that can be half closed. @throws REFUSED, UNREACHABLE, TIMED_OUT, BUSY, CANCELLED */
  dial(target: Target, signal: AbortSignal): Promise<Duplex>;
}

/** Who is at the other end of an accepted connection. */
export interface Caller {
  readonly address: string;
  readonly port: number;
}

export interface Listening {
  readonly port: number;
  /** Accept no more, and end what is open. */
  close(): Promise<void>;
}

/** Accepts connections. */
export interface Listener {
  /** Streams can be half closed, and flow only when read. @throws IN_USE, BUSY */
  listen(accept: (stream: Duplex, caller: Caller) => void): Promise<Listening>;
}

/** The addresses of a name, 16 bytes each; empty when nobody has it. */
export type Resolver = (name: string, signal: AbortSignal) => Promise<readonly Uint8Array[]>;
