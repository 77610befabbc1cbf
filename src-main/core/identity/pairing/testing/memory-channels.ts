import type { PairingChannel } from '../channel.ts';

/** Two ends in memory. */
export function memoryChannels(): [PairingChannel, PairingChannel] {
  const [a, b] = [end(), end()];
  a.other = b;
  b.other = a;
  return [a.channel, b.channel];
}

interface End {
  readonly channel: PairingChannel;
  other: End | null;
  take(message: Uint8Array | null): void;
}

function end(): End {
  const queue: (Uint8Array | null)[] = [];
  let waiting: ((message: Uint8Array | null) => void) | null = null;
  let closed = false;
  const self: End = {
    other: null,
    take(message) {
      if (closed) return;
      if (message === null) closed = true;
      const wake = waiting;
      waiting = null;
      if (wake) wake(message);
      else queue.push(message);
    },
    channel: {
      async send(message) {
        if (closed) throw new Error('the channel is closed');
        self.other?.take(message.slice());
      },
      receive(signal) {
        const first = queue.shift();
        if (first !== undefined) return Promise.resolve(first);
        if (closed) return Promise.resolve(null);
        return new Promise((resolve, reject) => {
          const stop = () => {
            waiting = null;
            reject(signal.reason as Error);
          };
          if (signal.aborted) return stop();
          signal.addEventListener('abort', stop, { once: true });
          waiting = (message) => {
            signal.removeEventListener('abort', stop);
            resolve(message);
          };
        });
      },
      close() {
        self.take(null);
        self.other?.take(null);
      },
    },
  };
  return self;
}
