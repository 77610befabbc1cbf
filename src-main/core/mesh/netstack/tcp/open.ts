import { refused } from '../errors.ts';
import { establish, type Verdict } from './arrive.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { ACK, RST, type Segment, SYN } from './segment.ts';
import { fromWire } from './sequence.ts';
import { finish, type Tcb } from './tcb.ts';

/** Take the other side's SYN: its first position, and what it offers. What we do not offer ourselves cannot be agreed on. */
export function takeSyn(tcb: Tcb, segment: Segment, now: number): void {
  tcb.irs = segment.sequence;
  tcb.received = tcb.irs + 1;
  tcb.lastAckSent = tcb.received;
  tcb.in = new ReceiveBuffer(tcb.received, tcb.env.config.receive.initial);
  // Our own SYN, if it was first, has told an unscaled window already.
  tcb.advertised = tcb.passive ? tcb.received : Math.min(tcb.received + 65_535, tcb.in.limit);
  tcb.sackOk = segment.sackPermitted;
  tcb.sendScale = segment.scale;
  tcb.timestampsOk = segment.hasTimestamps;
  tcb.recentTimestamp = segment.hasTimestamps ? segment.timestamp : 0;
  tcb.recentAt = now;
  // Without the option the peer takes 1220 bytes over IPv6 (RFC 9293 section 3.7.1).
  tcb.peerMss = Math.max(tcb.env.config.leastMss, segment.mss === 0 ? 1220 : segment.mss);
  resizeSegments(tcb);
  tcb.sendWindow = segment.window;
  tcb.largestWindow = segment.window;
  tcb.wl1 = tcb.irs;
  tcb.wl2 = tcb.iss;
  tcb.lastHeard = now;
}

/** Fit segments to the peer's wish and the path's MTU (RFC 9293 section 3.7.1, RFC 8201). */
export function resizeSegments(tcb: Tcb): void {
  tcb.mss = Math.max(tcb.env.config.leastMss, Math.min(tcb.peerMss, tcb.env.pathMtu(tcb.path.remoteAddress) - 60));
  tcb.cubic.resize(tcb.mss);
}

/** One segment for a connection in SYN-SENT (RFC 9293 section 3.10.7.3). */
export function arriveSynSent(tcb: Tcb, segment: Segment, now: number): Verdict {
  const { flags } = segment;
  const ack = fromWire(segment.acknowledgement, tcb.iss);
  const acceptable = (flags & ACK) !== 0 && ack > tcb.iss && ack <= tcb.next;
  if (flags & ACK && !acceptable) return flags & RST ? 'done' : 'refuse';
  if (flags & RST) {
    if (acceptable) finish(tcb, refused());
    return 'done';
  }
  if (!(flags & SYN)) return 'done';
  takeSyn(tcb, segment, now);
  if (acceptable) {
    if (!establish(tcb, segment, ack, tcb.irs, now)) return 'abort';
    tcb.ackNow = true;
    return 'done';
  }
  // Both opened at once: answer the SYN with ours and its acknowledgement.
  tcb.state = 'syn-received';
  return 'resend-syn';
}
