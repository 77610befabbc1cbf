import type { Timer, TimingWheel } from '../time/timing-wheel.ts';
import { chunkAt, chunkCount } from './chunks.ts';
import type { Fragment } from './fragment.ts';

/** `pending` nobody answered yet, `sending` chunks are on their way, `received` by the other node, `read` by its application. */
export type DeliveryState = 'pending' | 'sending' | 'received' | 'read' | 'aborted';

export interface OutgoingDeps {
  readonly id: string;
  readonly reply: boolean;
  readonly topic: Uint8Array;
  readonly data: Uint8Array;
  /** BLAKE3 of `data`. */
  readonly digest: Uint8Array;
  /** Milliseconds after which it is given up. */
  readonly patience: number;
  readonly wheel: TimingWheel;
  readonly transmit: (fragment: Fragment) => void;
  readonly changed: (state: DeliveryState) => void;
}

/** One message on its way out. */
export interface Outgoing {
  receive(fragment: Fragment): void;
  abort(): void;
  /** The receiver may be back: offer it anew unless it answers within a second. It keeps what it has. */
  nudge(): void;
  readonly state: () => DeliveryState;
  /** Chunks in all, acknowledged, and on their way. */
  readonly progress: () => { chunks: number; acked: number; flying: number };
}

const firstTimeout = 250;
const shortestTimeout = 100;
const longestTimeout = 3_000;
const firstWindow = 16;
const smallestWindow = 4;
const largestWindow = 512;
/** Whoever answers within this time needs no nudge. */
const recently = 1_000;
/** DONE, or chunks, unanswered so often: the receiver may have lost what it had, and even that it was offered anything. */
const donesBeforeRestart = 8;
const latesBeforeRestart = 8;

/**
 * The sending side. Unlike the daemon, which sends all chunks at once and again every 100 ms, it keeps a window that grows
 * while acknowledgements come and halves at a loss (RFC 5681 in outline), and a timeout after the measured round trip
 * (RFC 6298), so that a long message does not fill the queues of the path it is on.
 */
export function createOutgoing(deps: OutgoingDeps): Outgoing {
  const { id, data, wheel } = deps;
  const count = chunkCount(data.length);
  let state: DeliveryState = 'pending';
  let timer: Timer | null = null;
  let tries = 0;
  let smoothed: number | null = null;
  let variance = 0;
  let timeout = firstTimeout;
  let window = firstWindow;
  let next = 0;
  /** Timeouts in a row. */
  let lates = 0;
  let heardAt = wheel.now();
  let nudging: Timer | null = null;
  let lossAt = Number.NEGATIVE_INFINITY;
  let acked = new Set<number>();
  /** Chunks under way in the order they were sent. */
  let flying = new Map<number, { at: number; again: boolean }>();

  const deadline = wheel.schedule(wheel.now() + deps.patience, () => {
    if (state === 'pending' || state === 'sending') abort();
  });

  const wait = (ms: number, then: () => void): void => {
    timer?.cancel();
    timer = wheel.schedule(wheel.now() + ms, then);
  };

  const finish = (to: DeliveryState): void => {
    timer?.cancel();
    nudging?.cancel();
    deadline.cancel();
    state = to;
    acked = new Set();
    flying = new Map();
    deps.changed(to);
  };

  const abort = (): void => {
    finish('aborted');
    deps.transmit({ kind: 'aborted', id });
  };

  const offer = (): void => {
    deps.transmit({ kind: 'init', id, reply: deps.reply, length: data.length, topic: deps.topic });
    wait(backoff(tries++), offer);
  };

  const sendChunk = (index: number, again: boolean): void => {
    const { offset, size } = chunkAt(data.length, index);
    flying.delete(index);
    flying.set(index, { at: wheel.now(), again });
    deps.transmit({ kind: 'chunk', id, index, offset, data: data.subarray(offset, offset + size) });
  };

  const done = (): void => {
    if (tries++ === donesBeforeRestart && count > 0) {
      restart();
      return;
    }
    deps.transmit({ kind: 'done', id, chunks: count, digest: deps.digest });
    wait(backoff(tries), done);
  };

  /** From the beginning, since only INIT makes a receiver that restarted listen to the rest. */
  const restart = (): void => {
    state = 'pending';
    tries = 0;
    lates = 0;
    next = 0;
    window = firstWindow;
    acked.clear();
    flying.clear();
    offer();
  };

  /** Send what the window allows, and wake up for the oldest that is not acknowledged. */
  const pump = (): void => {
    while (next < count && flying.size < window) {
      const index = next++;
      if (!acked.has(index)) sendChunk(index, false);
    }
    const oldest = flying.values().next().value;
    if (oldest !== undefined) wait(Math.max(1, oldest.at + timeout - wheel.now()), late);
    else if (acked.size === count) {
      tries = 0;
      done();
    }
  };

  /** The oldest chunks went unacknowledged for too long. */
  const late = (): void => {
    if (++lates === latesBeforeRestart) {
      restart();
      return;
    }
    const now = wheel.now();
    const lost = [...flying].filter(([, chunk]) => chunk.at + timeout <= now).map(([index]) => index);
    if (now - lossAt >= timeout) {
      window = Math.max(smallestWindow, Math.floor(window / 2));
      timeout = Math.min(longestTimeout, timeout * 2);
      lossAt = now;
    }
    for (const index of lost.slice(0, window)) sendChunk(index, true);
    pump();
  };

  const chunkAcked = (index: number): void => {
    const chunk = flying.get(index);
    if (chunk === undefined) return;
    flying.delete(index);
    acked.add(index);
    lates = 0;
    heardAt = wheel.now();
    // A chunk sent twice does not tell which of them was answered (Karn).
    if (!chunk.again) measure(wheel.now() - chunk.at);
    window = Math.min(largestWindow, window + 1);
    pump();
  };

  const measure = (sample: number): void => {
    if (smoothed === null) {
      smoothed = sample;
      variance = sample / 2;
    } else {
      variance += (Math.abs(smoothed - sample) - variance) / 4;
      smoothed += (sample - smoothed) / 8;
    }
    timeout = Math.min(longestTimeout, Math.max(shortestTimeout, smoothed + 4 * variance));
  };

  offer();

  return {
    receive(fragment) {
      switch (fragment.kind) {
        case 'init-ack':
          if (state !== 'pending') return;
          state = 'sending';
          tries = 0;
          heardAt = wheel.now();
          deps.changed(state);
          pump();
          return;
        case 'chunk-ack':
          if (state === 'sending') chunkAcked(fragment.index);
          return;
        case 'done-ack':
          if (state === 'sending') finish('received');
          return;
        case 'read':
          // Read is received, also when the acknowledgement of that was lost.
          if (state === 'sending' || state === 'received') finish('read');
      }
    },
    abort() {
      if (state === 'pending' || state === 'sending') abort();
    },
    nudge() {
      const before = heardAt;
      nudging?.cancel();
      nudging = wheel.schedule(Math.max(wheel.now(), before + recently), () => {
        if (heardAt === before && (state === 'pending' || state === 'sending')) restart();
      });
    },
    state: () => state,
    progress: () => ({
      chunks: count,
      acked: state === 'received' || state === 'read' ? count : acked.size,
      flying: flying.size,
    }),
  };
}

function backoff(tries: number): number {
  return Math.min(longestTimeout, shortestTimeout * 2 ** Math.min(tries, 10));
}
