import { encodeLengthPrefixed, FrameSplitter } from '../codec.ts';
import { isFail } from '../fail.ts';
import { defaultLimits } from '../frames.ts';
import { Inbox, type Transport } from '../transport.ts';

/** What this needs of Node's `Duplex` (unix sockets, named pipes, stdio). */
export interface ByteStream {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  write(chunk: Uint8Array): boolean;
  /** Writes between the two go out as one. */
  cork(): void;
  uncork(): void;
  end(): unknown;
  readonly writableLength: number;
}

/** A transport over a stream of bytes: length-prefixed frames, see `codec.ts`. */
export function byteStreamTransport(stream: ByteStream, limit: number = defaultLimits.frame): Transport {
  const inbox = new Inbox();
  const splitter = new FrameSplitter(limit);
  let failed: string | null = null;

  const give = (reason: string) => {
    failed ??= reason;
    inbox.end(failed);
    stream.end();
  };
  return {
    get buffered() {
      return stream.writableLength;
    },
    send(frame) {
      if (inbox.ended) return;
      const [length, body] = encodeLengthPrefixed(frame, limit);
      stream.cork();
      stream.write(length);
      stream.write(body);
      stream.uncork();
    },
    listen(handlers) {
      inbox.listen(handlers);
      stream.on('data', (chunk) => {
        if (inbox.ended) return;
        try {
          for (const frame of splitter.push(chunk)) inbox.frame(frame);
        } catch (error) {
          if (!isFail(error)) throw error;
          give(
            error.code === 'TOO_LARGE' ? 'a message over the size limit arrived' : 'a message that is no frame arrived',
          );
        }
      });
      stream.on('error', (error) => {
        failed ??= error.message;
      });
      stream.on('end', () => {
        inbox.end(failed);
        stream.end();
      });
      stream.on('close', () => inbox.end(failed));
    },
    close() {
      if (inbox.ended) return;
      inbox.end(null);
      stream.end();
    },
  };
}
