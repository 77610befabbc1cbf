import type { RtoLimits } from './round-trip.ts';

/** Every number TCP can be tuned by. Times in milliseconds, sizes in bytes. */
export interface TcpConfig {
  readonly rto: RtoLimits;
  /** Longest wait of an acknowledgement for company (RFC 9293 section 3.8.6.3: below 500). */
  readonly delayedAck: number;
  /** Buffers begin with `initial` bytes and grow to `most` as the path shows use for it. */
  readonly receive: { readonly initial: number; readonly most: number };
  readonly send: { readonly initial: number; readonly most: number };
  /** How long an opening goes unanswered (RFC 9293 section 3.8.3 asks for 3 minutes). */
  readonly openTimeout: number;
  /** How long a half-open connection is kept for the other side to finish opening: five answers, as Linux does. */
  readonly acceptTimeout: number;
  /** How long sent data, or a probe of a closed window, goes unanswered. */
  readonly userTimeout: number;
  /** Twice the maximum segment lifetime (RFC 9293 says 4 minutes; Linux and others 60 s). */
  readonly timeWait: number;
  /** How long an abandoned connection waits for the other side's end. */
  readonly orphanWait: number;
  /** Silence before the first keep-alive probe, time between probes, and how many go unanswered before the end. */
  readonly keepAlive: { readonly idle: number; readonly interval: number; readonly probes: number };
  /** Longest time between probes of a closed window. */
  readonly persistMost: number;
  /** A peer that asks for smaller segments gets these: tiny ones cost the sender out of proportion (CVE-2019-11479). */
  readonly leastMss: number;
}

export const tcpDefaults: TcpConfig = {
  rto: { least: 200, most: 60_000, initial: 1000 },
  delayedAck: 40,
  receive: { initial: 131_072, most: 4_194_304 },
  send: { initial: 131_072, most: 4_194_304 },
  openTimeout: 180_000,
  acceptTimeout: 63_000,
  userTimeout: 120_000,
  timeWait: 60_000,
  orphanWait: 60_000,
  keepAlive: { idle: 7_200_000, interval: 75_000, probes: 9 },
  persistMost: 60_000,
  leastMss: 256,
};
