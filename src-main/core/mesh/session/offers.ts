import type { SessionTimes } from './constants.ts';

/** When a handshake with one peer may be begun: after each that came to nothing, a longer pause. */
export interface Offers {
  may(now: number): boolean;
  /** When the pause ends. */
  readonly at: number;
  /** @param known whether the peer is known to speak of sessions, or must */
  failed(now: number, known: boolean): void;
  succeeded(now: number): void;
  /** Our session is in doubt: no pause. */
  hurry(now: number): void;
  /**
   * A packet that anybody may have played back says that the peer has no session: no pause either, but not for each of them.
   *
   * @returns false when there was one a moment ago
   */
  hint(now: number): boolean;
}

export function createOffers(times: SessionTimes, random: (n: number) => Uint8Array, created: number): Offers {
  let at = created;
  let failures = 0;
  let hintAt = created;
  return {
    may: (now) => now >= at,
    get at() {
      return at;
    },
    failed(now, known) {
      const [first, most] = known ? [times.tryAgain, times.tryAgainMost] : [times.offerAgain, times.offerAgainMost];
      // Between three and five quarters, so that many who lost one peer do not come back as one.
      const jitter = 0.75 + (random(1)[0] as number) / 510;
      at = now + Math.min(most, first * 2 ** Math.min(failures, 20)) * jitter;
      failures++;
    },
    succeeded(now) {
      failures = 0;
      at = now;
    },
    hurry(now) {
      at = Math.min(at, now);
    },
    hint(now) {
      if (now < hintAt) return false;
      hintAt = now + times.hintEvery;
      at = Math.min(at, now);
      return true;
    },
  };
}
