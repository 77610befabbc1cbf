import { type Arrivals, createArrivals } from '../arrivals.ts';
import type { PairingChannel } from '../channel.ts';

/** Two ends in memory. */
export function memoryChannels(): [PairingChannel, PairingChannel] {
  const [a, b] = [createArrivals(), createArrivals()];
  return [end(a, b), end(b, a)];
}

function end(own: Arrivals, other: Arrivals): PairingChannel {
  return {
    async send(message) {
      if (own.ended) throw new Error('the channel is closed');
      other.take(message.slice());
    },
    receive: own.receive,
    close() {
      own.take(null);
      other.take(null);
    },
  };
}
