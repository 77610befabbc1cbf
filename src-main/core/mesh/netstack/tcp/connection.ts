import type { Fail } from '#shared/rpc/fail.ts';
import { abandon, abort, close } from './close.ts';
import { CLOSED, maySend, NEVER, type Path, settleBudget, type Tcb, type TcpState } from './tcb.ts';
import type { Transmitter } from './transmit.ts';
import { opensWindow, tuneReceive } from './window.ts';

/** What a connection asks of the host it belongs to. */
export interface ConnectionHost {
  readonly wire: Transmitter;
  now(): number;
  /** Something changed: let it send what it may, and tell its events. */
  touch(connection: Connection): void;
}

/**
 * One TCP connection as its user holds it: synchronous, without streams, the form that tests and adapters share. `onEvents` is told, as
 * bits of CONNECTED, READABLE, WRITABLE and CLOSED, that something has changed, never from inside a call of its own.
 */
export class Connection {
  readonly tcb: Tcb;
  /** Bookkeeping of the host. */
  dirty = false;
  armedAt = NEVER;
  disarm: (() => void) | null = null;
  onEvents: (events: number) => void = () => {};
  readonly #host: ConnectionHost;

  constructor(tcb: Tcb, host: ConnectionHost) {
    this.tcb = tcb;
    this.#host = host;
  }

  get path(): Path {
    return this.tcb.path;
  }

  get state(): TcpState {
    return this.tcb.state;
  }

  /** Why it ended; null while it lives, and after a good end. */
  get error(): Fail | null {
    return this.tcb.error;
  }

  /** Bytes that can be read now. */
  get readable(): number {
    return this.tcb.in.readable;
  }

  /** The other side has said its last, and all of it was read. */
  get ended(): boolean {
    return this.tcb.finReceived && this.tcb.in.readable === 0;
  }

  /** The next bytes in order, `most` or fewer; null when none wait. The bytes are the caller's. */
  read(most: number): Uint8Array | null {
    const bytes = this.tcb.in.read(most);
    if (bytes === null) return null;
    tuneReceive(this.tcb, bytes.length, this.#host.now());
    if (opensWindow(this.tcb)) {
      this.tcb.ackNow = true;
      this.#host.touch(this);
    } else settleBudget(this.tcb);
    return bytes;
  }

  /** Queue bytes, from `from` on. @returns how many there was room for; the rest is to be offered again after WRITABLE. */
  write(bytes: Uint8Array, from = 0): number {
    const { state } = this.tcb;
    if (this.tcb.finQueued || !(maySend(this.tcb) || state === 'syn-sent' || state === 'syn-received')) return 0;
    const count = this.tcb.out.write(bytes, from);
    if (count > 0) this.#host.touch(this);
    return count;
  }

  /** Nothing more will be written: FIN follows what was. Reading goes on. */
  end(): void {
    close(this.tcb);
    this.#host.touch(this);
  }

  /** Break off with a reset. */
  abort(): void {
    abort(this.tcb, this.#host.wire);
    this.#host.touch(this);
  }

  /** No more reading or writing: ends in good order if all was said and heard, else with a reset. Events are not told any more. */
  abandon(): void {
    this.onEvents = () => {};
    abandon(this.tcb, this.#host.wire, this.#host.now());
    this.#host.touch(this);
  }

  /** Send small pieces at once (true), or let them wait for what is out to be acknowledged (Nagle, RFC 896). */
  setNoDelay(on: boolean): void {
    this.tcb.noDelay = on;
    this.#host.touch(this);
  }

  /** Probe a silent peer after `idle` milliseconds; null stops it. */
  setKeepAlive(idle: number | null): void {
    this.tcb.keepAliveIdle = idle;
    this.tcb.keepAliveAt = idle === null || this.tcb.state === 'closed' ? NEVER : this.#host.now() + idle;
    this.#host.touch(this);
  }

  /** Whether it is over. */
  get closed(): boolean {
    return this.tcb.state === 'closed' && (this.tcb.events & CLOSED) === 0;
  }
}
