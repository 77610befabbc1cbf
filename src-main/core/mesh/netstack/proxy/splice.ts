import type { Duplex } from 'node:stream';

/** Bytes that have gone each way. */
export interface Traffic {
  /** From the accepted connection to the dialed one. */
  sent: number;
  /** And back. */
  received: number;
}

/**
 * Join two connections: what comes out of one goes into the other, with back-pressure; an end is passed on as an end (SSH and HTTP
 * count on half-closed connections), a break as a break. Resolves when both are closed.
 */
export function splice(outside: Duplex, inside: Duplex, traffic: Traffic): Promise<void> {
  const count = (stream: Duplex, key: keyof Traffic): void => {
    stream.on('data', (bytes: Uint8Array) => {
      traffic[key] += bytes.length;
    });
  };
  count(outside, 'sent');
  count(inside, 'received');
  outside.pipe(inside);
  inside.pipe(outside);
  const closed = (stream: Duplex, other: Duplex): Promise<void> =>
    new Promise((resolve) => {
      const done = (): void => {
        // Closed without having ended both ways: it broke, and the other side must not think otherwise.
        const whole = stream.readableEnded && stream.writableFinished;
        if (!whole && !other.destroyed) other.destroy();
        resolve();
      };
      stream.on('error', () => {});
      if (stream.closed) done();
      else stream.once('close', done);
    });
  return Promise.all([closed(outside, inside), closed(inside, outside)]).then(() => {});
}
