import { Duplex } from 'node:stream';
import type { Lane } from './lane.ts';

/** Sent at once under a bound. */
export const sliceBytes = 16 * 1024;

/** Bytes as they may go: whole without a bound, else slice by slice. */
export async function* pacedSlices(lane: Lane | undefined, bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const most = lane?.bounded() ? sliceBytes : Math.max(1, bytes.length);
  for (let at = 0; at < bytes.length; at += most) {
    const slice = bytes.subarray(at, at + most);
    await lane?.take(slice.length);
    yield slice;
  }
}

type Done = (error?: Error | null) => void;

/** A connection whose bytes count, and wait, in both directions. Without a bound they are passed on as they come. */
export class PacedStream extends Duplex {
  readonly #inner: Duplex;
  readonly #up: Lane;
  readonly #down: Lane;
  /** Bytes that came wait for their turn: until then no more are taken. */
  #holding = false;

  constructor(inner: Duplex, { up, down }: { readonly up: Lane; readonly down: Lane }) {
    super({ allowHalfOpen: inner.allowHalfOpen });
    this.#inner = inner;
    this.#up = up;
    this.#down = down;
    inner.on('data', (chunk: Uint8Array) => this.#arrived(chunk));
    inner.pause();
    inner.on('end', () => this.push(null));
    inner.on('error', (error) => this.destroy(error));
    inner.on('close', () => this.#closed());
  }

  override _read(): void {
    if (!this.#holding) this.#inner.resume();
  }

  #arrived(chunk: Uint8Array): void {
    const turn = this.#down.take(chunk.length);
    if (turn === null) {
      if (!this.push(chunk)) this.#inner.pause();
      return;
    }
    this.#holding = true;
    this.#inner.pause();
    void turn.then(() => {
      this.#holding = false;
      // Asks for more by itself when there is room.
      if (!this.destroyed) this.push(chunk);
    });
  }

  #closed(): void {
    // What came before the end in order is still to be read.
    if (this.#inner.readableEnded && !this.readableEnded && !this.destroyed) this.once('end', () => this.destroy());
    else this.destroy();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#send([chunk], done);
  }

  override _writev(items: { chunk: Uint8Array }[], done: Done): void {
    this.#send(
      items.map(({ chunk }) => chunk),
      done,
    );
  }

  #send(chunks: readonly Uint8Array[], done: Done): void {
    if (this.#up.bounded()) {
      this.#sendSlowly(chunks).then(() => done(), done);
      return;
    }
    // Corked: one system call for all of them.
    this.#inner.cork();
    chunks.forEach((chunk, i) => {
      this.#up.take(chunk.length);
      this.#inner.write(chunk, i === chunks.length - 1 ? done : undefined);
    });
    this.#inner.uncork();
  }

  async #sendSlowly(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += sliceBytes) {
        const slice = chunk.subarray(at, at + sliceBytes);
        await this.#up.take(slice.length);
        if (this.destroyed) throw new Error('the connection was ended');
        await new Promise<void>((resolve, reject) => {
          this.#inner.write(slice, (error) => (error ? reject(error) : resolve()));
        });
      }
    }
  }

  override _final(done: Done): void {
    if (this.#inner.destroyed || this.#inner.writableEnded) done();
    else this.#inner.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#inner.destroy();
    done(error);
  }
}
