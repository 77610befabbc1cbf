import type { SessionTimes } from './constants.ts';

/**
 * Whether the peer still hears us in the session: empty packets so that it knows of us, doubt when we hear nothing. As in
 * WireGuard (its paper, section 6.5), with one addition: who began a session repeats its first packet until it is answered.
 */
export interface Liveness {
  /** A session came to be. @param asking whether we began it and wait to be heard */
  begin(now: number, asking: boolean): void;
  /** A packet went out in it. */
  sent(now: number, isData: boolean): void;
  /** An authentic packet came in it. */
  heard(now: number, isData: boolean): void;
  /** @returns what is to be done: an empty packet, a new handshake */
  tick(now: number): { readonly speak: boolean; readonly doubt: boolean };
  /** Heard of within the time in which a peer that has the session would have spoken. */
  isRecent(now: number): boolean;
  /** Nothing was heard since doubt began. */
  readonly doubted: boolean;
  due(): number;
  end(): void;
}

const never = Number.POSITIVE_INFINITY;

export function createLiveness(times: SessionTimes): Liveness {
  let lastHeard = Number.NEGATIVE_INFINITY;
  let keepaliveAt = never;
  let doubtAt = never;
  let askAt = never;
  let asked = 0;
  let doubted = false;
  const end = (): void => {
    keepaliveAt = never;
    doubtAt = never;
    askAt = never;
    doubted = false;
  };
  return {
    begin(now, asking) {
      end();
      lastHeard = now;
      asked = 0;
      if (asking) askAt = now + (times.retries[0] ?? never);
    },
    sent(now, isData) {
      keepaliveAt = never;
      if (isData && doubtAt === never) doubtAt = now + times.doubtAfter;
    },
    heard(now, isData) {
      lastHeard = now;
      doubtAt = never;
      askAt = never;
      doubted = false;
      if (isData && keepaliveAt === never) keepaliveAt = now + times.keepaliveAfter;
    },
    tick(now) {
      const doubt = now >= doubtAt;
      if (doubt) {
        doubtAt = never;
        doubted = true;
      }
      const asking = now >= askAt;
      if (asking) askAt = now + (times.retries[++asked] ?? never);
      const answering = now >= keepaliveAt;
      if (answering) keepaliveAt = never;
      return { speak: asking || answering, doubt };
    },
    isRecent: (now) => now - lastHeard < times.keepaliveAfter,
    get doubted() {
      return doubted;
    },
    due: () => Math.min(keepaliveAt, doubtAt, askAt),
    end,
  };
}
