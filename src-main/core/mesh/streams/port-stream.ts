import { Duplex } from 'node:stream';
import type { MessagePort } from 'node:worker_threads';
import { reset } from '../netstack/errors.ts';

/*
 * One connection across two threads, a message port at each end. What is said on it: bytes; a number, how many bytes were taken and
 * may be followed by as many; null, the end of what this side writes. A port that closes before both have ended is a broken connection.
 */

/** Bytes on their way that the other side has not taken yet, at most: also what waits here for a reader. */
const windowBytes = 1024 * 1024;
const chunkBytes = 64 * 1024;

/** A connection whose other end is in another thread, as a Node stream: half-close and back-pressure as with `net.Socket`. */
export class PortStream extends Duplex {
  readonly #port: MessagePort;
  readonly #gives: boolean;
  #room = windowBytes;
  #writing: { bytes: Uint8Array; at: number; done: (error?: Error | null) => void } | null = null;
  /** Taken from the port and not told yet. */
  #untold = 0;
  #flowing = true;
  #ended = false;

  /**
   * @param gives whoever writes here does not look at the bytes again: chunks that are all of their buffer go over as they are, and
   * are empty on this side afterwards
   */
  constructor(port: MessagePort, { gives = false } = {}) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: chunkBytes,
      writableHighWaterMark: chunkBytes,
      decodeStrings: true,
    });
    this.#port = port;
    this.#gives = gives;
    port.on('message', (word: unknown) => this.#hear(word));
    port.once('close', () => this.#gone());
    // Whoever uses the connection keeps the process alive, not the connection.
    port.unref();
  }

  override _read(): void {
    this.#flowing = true;
    this.#tell();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#writing = { bytes: chunk, at: 0, done };
    this.#pour();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#port.postMessage(null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const writing = this.#writing;
    this.#writing = null;
    this.#port.close();
    writing?.done(error ?? reset());
    done(error);
  }

  #pour(): void {
    while (this.#writing !== null && this.#room > 0) {
      const { bytes, at, done } = this.#writing;
      const { length } = bytes;
      const whole = this.#gives && at === 0 && length <= Math.min(chunkBytes, this.#room) && fills(bytes);
      // A clone of a part takes all of the buffer along: what goes over is cut out first.
      const part = whole
        ? new Uint8Array(bytes.buffer)
        : Uint8Array.prototype.slice.call(bytes, at, at + Math.min(chunkBytes, this.#room));
      const over = part.length;
      this.#room -= over;
      this.#writing.at += over;
      this.#port.postMessage(part, [part.buffer as ArrayBuffer]);
      if (at + over < length) continue;
      this.#writing = null;
      done();
    }
  }

  #hear(word: unknown): void {
    if (this.destroyed) return;
    if (typeof word === 'number') {
      this.#room += word;
      this.#pour();
    } else if (word instanceof Uint8Array) {
      this.#untold += word.length;
      this.#flowing = this.push(Buffer.from(word.buffer, word.byteOffset, word.byteLength));
      if (this.#flowing) this.#tell();
    } else {
      this.#ended = true;
      this.push(null);
    }
  }

  #tell(): void {
    if (this.#untold === 0 || this.destroyed) return;
    this.#port.postMessage(this.#untold);
    this.#untold = 0;
  }

  #gone(): void {
    // What was ended on both sides may still be read here.
    if (this.destroyed || (this.#ended && this.writableFinished)) return;
    this.destroy(reset());
  }
}

/** Nothing else lies in its buffer. */
const fills = ({ byteLength, buffer }: Uint8Array): boolean =>
  byteLength === buffer.byteLength && buffer instanceof ArrayBuffer;
