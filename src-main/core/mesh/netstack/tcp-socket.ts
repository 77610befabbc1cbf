import { Duplex } from 'node:stream';
import type { Clock } from './clock.ts';
import { badInput, cancelled, reset, timedOut } from './errors.ts';
import { formatAddress, parseAddress } from './ip/address.ts';
import type { NetStack } from './stack.ts';
import type { Connection } from './tcp/connection.ts';
import { CLOSED, CONNECTED } from './tcp/tcb.ts';

/** Bytes handed to the reader at once; also how much waits on this side of the window. */
const CHUNK = 65_536;

export interface SocketOptions {
  /** Small writes go at once. Off, as with `net`: Nagle's rule. */
  readonly noDelay?: boolean;
  /** Probe a silent peer after so many milliseconds. Off by default. */
  readonly keepAlive?: number;
  /** Go on writing after the other side has ended. Off, as with `net`: the end is answered with an end. */
  readonly allowHalfOpen?: boolean;
}

export interface ConnectOptions extends SocketOptions {
  /** 16 bytes, or text. */
  readonly address: Uint8Array | string;
  readonly port: number;
  /** Milliseconds after which an opening fails with TIMED_OUT; by default as long as TCP tries. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/**
 * A TCP connection as a Node stream, shaped like `net.Socket` so that `http`, `tls` and `pipe` take it: 'connect', 'timeout',
 * half-close by `end()`, back-pressure both ways. `destroy()` before both sides have ended breaks the connection off with a reset;
 * after `end()` it lets what was written arrive. Errors are Fail: REFUSED, RESET, TIMED_OUT, UNREACHABLE, BUSY, CANCELLED.
 */
export class TcpSocket extends Duplex {
  readonly #connection: Connection;
  readonly #clock: Clock;
  #connecting: boolean;
  #wanted = false;
  #bytesRead = 0;
  #bytesWritten = 0;
  /** Being written: what is left of it waits for room. */
  #writing: { chunks: Uint8Array[]; index: number; offset: number; done: (error?: Error | null) => void } | null = null;
  #idle: { ms: number; since: number; cancel: () => void } | null = null;

  constructor(connection: Connection, clock: Clock, options: SocketOptions = {}) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? false,
      readableHighWaterMark: CHUNK,
      writableHighWaterMark: CHUNK,
      // Chunks come as bytes: strings are turned into them by the stream.
      decodeStrings: true,
    });
    this.#connection = connection;
    this.#clock = clock;
    this.#connecting = connection.state === 'syn-sent' || connection.state === 'syn-received';
    if (options.noDelay) connection.setNoDelay(true);
    if (options.keepAlive !== undefined) connection.setKeepAlive(options.keepAlive);
    connection.onEvents = (events) => this.#onEvents(events);
  }

  get connecting(): boolean {
    return this.#connecting;
  }

  get pending(): boolean {
    return this.#connecting;
  }

  get readyState(): 'opening' | 'open' | 'readOnly' | 'writeOnly' | 'closed' {
    if (this.#connecting) return 'opening';
    if (this.readable) return this.writable ? 'open' : 'readOnly';
    return this.writable ? 'writeOnly' : 'closed';
  }

  get remoteAddress(): string {
    return formatAddress(this.#connection.path.remoteAddress);
  }

  get remotePort(): number {
    return this.#connection.path.remotePort;
  }

  get remoteFamily(): 'IPv6' {
    return 'IPv6';
  }

  get localAddress(): string {
    return formatAddress(this.#connection.path.localAddress);
  }

  get localPort(): number {
    return this.#connection.path.localPort;
  }

  get bytesRead(): number {
    return this.#bytesRead;
  }

  get bytesWritten(): number {
    return this.#bytesWritten;
  }

  address(): { address: string; family: 'IPv6'; port: number } {
    return { address: this.localAddress, family: 'IPv6', port: this.localPort };
  }

  setNoDelay(on = true): this {
    this.#connection.setNoDelay(on);
    return this;
  }

  /** @param idle milliseconds of silence before the first probe; 0 leaves TCP's own two hours. */
  setKeepAlive(on = false, idle = 0): this {
    this.#connection.setKeepAlive(on ? idle || 7_200_000 : null);
    return this;
  }

  /** Emit 'timeout' after `ms` without a byte either way; 0 stops that. Nothing else happens by itself. */
  setTimeout(ms: number, callback?: () => void): this {
    this.#idle?.cancel();
    this.#idle = null;
    if (ms > 0) {
      this.#idle = { ms, since: this.#clock.now(), cancel: () => {} };
      this.#watchIdle();
      if (callback) this.once('timeout', callback);
    } else if (callback) this.off('timeout', callback);
    return this;
  }

  /** `net` has these; here nothing keeps the process alive anyway. */
  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  /** Destroy once everything written has been handed to TCP. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once('finish', () => this.destroy());
  }

  /** Break off with a reset, whatever was said. */
  resetAndDestroy(): this {
    this.#connection.abort();
    this.destroy();
    return this;
  }

  override _read(): void {
    this.#wanted = true;
    this.#deliver();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#begin([chunk], done);
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.#begin(
      chunks.map((one) => one.chunk),
      done,
    );
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#connection.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#idle?.cancel();
    this.#idle = null;
    this.#connecting = false;
    if (error !== null) this.#connection.abort();
    this.#connection.abandon();
    const { done: waiting } = this.#writing ?? {};
    this.#writing = null;
    waiting?.(error ?? cancelled());
    done(error);
  }

  #begin(chunks: Uint8Array[], done: (error?: Error | null) => void): void {
    this.#writing = { chunks, index: 0, offset: 0, done };
    this.#pour();
  }

  #pour(): void {
    const writing = this.#writing;
    if (writing === null) return;
    for (;;) {
      const chunk = writing.chunks[writing.index];
      if (chunk === undefined) break;
      const taken = this.#connection.write(chunk, writing.offset);
      this.#bytesWritten += taken;
      writing.offset += taken;
      if (writing.offset < chunk.length) return;
      writing.index++;
      writing.offset = 0;
    }
    this.#touched();
    this.#writing = null;
    writing.done();
  }

  #deliver(): void {
    while (this.#wanted) {
      const bytes = this.#connection.read(CHUNK);
      if (bytes === null) break;
      this.#bytesRead += bytes.length;
      this.#touched();
      this.#wanted = this.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
    }
    if (this.#connection.ended && !this.readableEnded && this.#wanted) {
      this.#wanted = false;
      this.push(null);
    }
  }

  #onEvents(events: number): void {
    if (events & CONNECTED) {
      this.#connecting = false;
      this.emit('connect');
      this.emit('ready');
    }
    this.#pour();
    this.#deliver();
    if (events & CLOSED) {
      const { error, ended, readable } = this.#connection;
      if (error !== null) this.destroy(error);
      else if (!ended && readable === 0) this.destroy(reset());
    }
  }

  #touched(): void {
    if (this.#idle !== null) this.#idle.since = this.#clock.now();
  }

  #watchIdle(): void {
    const idle = this.#idle;
    if (idle === null) return;
    idle.cancel = this.#clock.setTimer(Math.max(1, idle.since + idle.ms - this.#clock.now()), () => {
      if (this.#idle !== idle) return;
      if (this.#clock.now() - idle.since >= idle.ms) {
        idle.since = this.#clock.now();
        this.emit('timeout');
      }
      if (this.#idle === idle) this.#watchIdle();
    });
  }
}

/** Open a connection; like `net.connect` it returns at once, and 'connect' or 'error' follows. @throws BUSY, BAD_INPUT */
export function connectSocket(stack: NetStack, options: ConnectOptions): TcpSocket {
  const address = typeof options.address === 'string' ? parseAddress(options.address) : options.address;
  if (address === null) throw badInput(`${options.address} is no IPv6 address.`);
  const socket = new TcpSocket(stack.connect(address, options.port), stack.clock, options);
  const stops: (() => void)[] = [];
  if (options.timeout !== undefined) {
    stops.push(stack.clock.setTimer(options.timeout, () => void socket.destroy(timedOut())));
  }
  const { signal } = options;
  if (signal !== undefined) {
    const onAbort = (): void => void socket.destroy(cancelled());
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    // The signal is for the opening only: afterwards the connection has an owner.
    stops.push(() => signal.removeEventListener('abort', onAbort));
  }
  const settled = (): void => {
    for (const stop of stops.splice(0)) stop();
  };
  socket.once('connect', settled);
  socket.once('close', settled);
  return socket;
}

/** The same as a promise of an open connection. */
export async function dialSocket(stack: NetStack, options: ConnectOptions): Promise<TcpSocket> {
  const socket = connectSocket(stack, options);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(cancelled()));
  });
  return socket;
}
