import type { Endpoint } from './endpoint.ts';
import type { Lease } from './read-buffers.ts';

/** A stream to a peer, whatever carries it. */
export interface Connection {
  /** For people: the address at the other end. */
  readonly remote: string;
  /** The address at this end, without a port. */
  readonly local: string;
  /** What the transport adds to a link's cost, whatever its latency. */
  readonly staticCost: number;
  /**
   * Take the bytes over; `done` is called once they are no longer needed, also when the connection broke.
   *
   * @returns whether they are not needed any more now, since the system took them at once; `done` is called all the same
   */
  write(bytes: Uint8Array, done: () => void): boolean;
  /** Bytes taken over and not yet handed to the system. */
  buffered(): number;
  close(): void;
}

/** One that can be told to bring nothing for a while: what comes then waits with the other side. */
export interface PeerConnection extends Connection {
  pause(): void;
  resume(): void;
}

export interface ConnectionHandler {
  /** The bytes are the transport's again when the call returns, but for what is held by the lease on them, where there is one. */
  data(bytes: Uint8Array, start: number, end: number, lease?: Lease): void;
  /** Whether each byte costs it so much time that it would rather have few at once. */
  slow?(): boolean;
  /** Whether most of what comes is work that has to wait for its turn, so that it would rather have very few at once. */
  costly?(): boolean;
  /** Whether much of what came last is passed on in long pieces, so that it would rather have bytes with a lease. */
  relays?(): boolean;
  /** {@link Connection.buffered} fell to nothing. */
  drained(): void;
  /** Once, for whatever reason. */
  closed(): void;
}

/** Whether this address may come in. @returns what is to be called when its connection ends; null for no */
export type Admit = (address: string) => (() => void) | null;

/** What carries links: TCP here; others can stand beside it. */
export interface Transport {
  /** Rejects when nobody answers in time. */
  connect(endpoint: Endpoint, handler: (connection: PeerConnection) => ConnectionHandler): Promise<PeerConnection>;
  /** @param admit asked for everybody who comes, before anything is read from them */
  listen(
    host: string,
    port: number,
    accept: (connection: PeerConnection) => ConnectionHandler | null,
    admit?: Admit,
  ): Promise<{ port: number; close(): Promise<void> }>;
}
