import type { Duplex } from 'node:stream';
import { cancelled } from '../errors.ts';
import { type Decoded, MESSAGE_LIMIT } from './socks-codec.ts';

/** Reads messages off a stream that will carry something else afterwards. Holds at most one message and what came with it. */
export class HandshakeReader {
  readonly #stream: Duplex;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(stream: Duplex) {
    this.#stream = stream;
  }

  /** The next message, or 'wrong' when none can come any more. @throws CANCELLED when the stream ends before */
  async next<T>(decode: (bytes: Uint8Array) => Decoded<T>): Promise<Exclude<Decoded<T>, { kind: 'more' }>> {
    for (;;) {
      const found = decode(this.#bytes);
      if (found.kind === 'message') this.#bytes = this.#bytes.slice(found.length);
      if (found.kind !== 'more') return found;
      if (this.#bytes.length > MESSAGE_LIMIT) return { kind: 'wrong', code: 1 };
      await this.#more();
    }
  }

  /** Give back to the stream what was read too far. */
  release(): void {
    if (this.#bytes.length > 0) this.#stream.unshift(Buffer.from(this.#bytes));
    this.#bytes = new Uint8Array(0);
  }

  async #more(): Promise<void> {
    for (;;) {
      const chunk: Uint8Array | null = this.#stream.read();
      if (chunk !== null) {
        const joined = new Uint8Array(this.#bytes.length + chunk.length);
        joined.set(this.#bytes, 0);
        joined.set(chunk, this.#bytes.length);
        this.#bytes = joined;
        return;
      }
      if (this.#stream.readableEnded || this.#stream.destroyed) throw cancelled();
      await this.#readable();
    }
  }

  #readable(): Promise<void> {
    const stream = this.#stream;
    const names = ['readable', 'end', 'close', 'error'] as const;
    return new Promise((resolve) => {
      const wake = (): void => {
        for (const name of names) stream.off(name, wake);
        resolve();
      };
      for (const name of names) stream.on(name, wake);
    });
  }
}
