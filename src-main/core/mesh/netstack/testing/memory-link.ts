import { performance } from 'node:perf_hooks';
import { systemRandom } from '#core/crypto/random.ts';
import type { Clock } from '../clock.ts';
import { NetStack, type StackOptions } from '../stack.ts';
import { addressA, addressB } from './pair.ts';

/** The real clock. */
export const realClock: Clock = {
  now: () => performance.now(),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Packets from one host to the other in memory, as many at once as gathered since the last turn of the event loop. */
function wire(deliver: (packets: Uint8Array[]) => void): (packet: Uint8Array) => void {
  let waiting: Uint8Array[] = [];
  let bytes = Buffer.alloc(0);
  let at = 0;
  const flush = (): void => {
    const packets = waiting;
    waiting = [];
    // Packets still lie in this buffer: the next ones get another.
    bytes = Buffer.alloc(0);
    deliver(packets);
  };
  return (packet) => {
    if (waiting.length === 0) setImmediate(flush);
    if (at + packet.length > bytes.length) {
      bytes = Buffer.allocUnsafeSlow(262_144);
      at = 0;
    } else if (bytes.length === 0) at = 0;
    bytes.set(packet, at);
    waiting.push(bytes.subarray(at, at + packet.length));
    at += packet.length;
  };
}

/** Two hosts in real time with a perfect link of memory between them. */
export function memoryPair(options: Partial<StackOptions> = {}): { a: NetStack; b: NetStack } {
  const ends: { a?: NetStack; b?: NetStack } = {};
  const shared = { clock: realClock, random: systemRandom, mtu: 1400, ...options };
  const a = new NetStack({ ...shared, address: addressA, output: wire((packets) => ends.b?.input(packets)) });
  const b = new NetStack({ ...shared, address: addressB, output: wire((packets) => ends.a?.input(packets)) });
  ends.a = a;
  ends.b = b;
  return { a, b };
}
