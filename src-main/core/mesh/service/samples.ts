import type { EngineStatus } from '../engine/protocol.ts';

export interface Rate {
  /** Bytes a second. */
  readonly received: number;
  readonly sent: number;
}

export interface Samples {
  /** @param at milliseconds on the clock of the samples, @param time milliseconds since 1970 */
  take(at: number, time: number, status: EngineStatus): void;
  all(): readonly (Rate & { readonly at: number })[];
  /** Of one peer, newest last. */
  ofPeer(peer: number): readonly Rate[];
  reset(): void;
}

/** Two seconds apart: ten minutes of all traffic, two of each peer's. */
export const sampleMs = 2_000;
const mostSamples = 300;
const mostPeerSamples = 60;

/** Counters that only grow, made into rates over time. */
export function createSamples(): Samples {
  let last: { at: number; received: number; sent: number } | null = null;
  let samples: (Rate & { at: number })[] = [];
  const peers = new Map<number, { at: number; received: number; sent: number; rates: Rate[] }>();

  return {
    take(at, time, { received, sent, peers: now }) {
      if (last !== null && at > last.at) {
        samples.push({ at: time, ...rate(last, { at, received, sent }) });
        if (samples.length > mostSamples) samples.shift();
      }
      last = { at, received, sent };
      const alive = new Set(now.map(({ peer }) => peer));
      for (const peer of peers.keys()) if (!alive.has(peer)) peers.delete(peer);
      for (const { peer, rxBytes, txBytes } of now) {
        const next = { at, received: rxBytes, sent: txBytes };
        const before = peers.get(peer);
        const rates = before?.rates ?? [];
        if (before !== undefined && at > before.at) rates.push(rate(before, next));
        if (rates.length > mostPeerSamples) rates.shift();
        peers.set(peer, { ...next, rates });
      }
    },
    all: () => samples,
    ofPeer: (peer) => peers.get(peer)?.rates ?? [],
    reset() {
      last = null;
      samples = [];
      peers.clear();
    },
  };
}

type Count = { readonly at: number; readonly received: number; readonly sent: number };

function rate(before: Count, after: Count): Rate {
  const seconds = (after.at - before.at) / 1000;
  return {
    received: Math.max(0, (after.received - before.received) / seconds),
    sent: Math.max(0, (after.sent - before.sent) / seconds),
  };
}
