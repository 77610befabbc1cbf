import type { Tcb } from './tcb.ts';

/** Answers a second to segments that are not acceptable, for one connection. */
const PER_SECOND = 10;

/**
 * Ask for an acknowledgement in answer to a segment that is not acceptable (RFC 9293) or is suspicious (RFC 5961 section 7). The limit is this
 * connection's own: one shared by all connections tells an attacker about others' (CVE-2016-5696).
 */
export function challenge(tcb: Tcb, now: number): void {
  if (now - tcb.challengeEpoch >= 1000) {
    tcb.challengeEpoch = now;
    tcb.challengeCount = 0;
  }
  if (tcb.challengeCount >= PER_SECOND) return;
  tcb.challengeCount++;
  tcb.ackNow = true;
}
