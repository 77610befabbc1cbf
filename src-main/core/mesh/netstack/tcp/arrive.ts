import { reset } from '../errors.ts';
import { acknowledge, finAcknowledged, updateWindow } from './acknowledge.ts';
import { challenge } from './challenge.ts';
import { ACK, FIN, RST, type Segment, SYN } from './segment.ts';
import { fromWire, timestampAfter } from './sequence.ts';
import {
  CONNECTED,
  finish,
  mayReceive,
  NEVER,
  READABLE,
  reserveBuffers,
  settleBudget,
  type Tcb,
  WRITABLE,
} from './tcb.ts';
import { echoAge } from './transmit.ts';

/** What the stack must do for a segment, besides letting the connection send what it now may. */
export type Verdict = 'done' | 'refuse' | 'abort' | 'resend-syn' | 'reopen';

/** TS.Recent older than this says nothing: the peer's clock may have wrapped since (RFC 7323 section 5.5). */
const TIMESTAMP_LIFETIME = 24 * 86_400_000;

/**
 * One segment for a connection that is past SYN-SENT: the checks of RFC 9293 section 3.10.7.4 in their order, with RFC 5961's challenges
 * and RFC 7323's protection against wrapped sequence numbers.
 */
export function arrive(tcb: Tcb, segment: Segment, now: number): Verdict {
  const sequence = fromWire(segment.sequence, tcb.received);
  const { flags } = segment;
  if (tcb.state === 'time-wait' && flags & SYN && !(flags & (ACK | RST)) && mayReopen(tcb, segment, sequence))
    return 'reopen';
  if (tcb.timestampsOk && !(flags & RST) && !timestampsPass(tcb, segment, now)) return 'done';
  // First: does it touch the window?
  if (!inWindow(tcb, segment, sequence)) {
    if (flags & RST) return 'done';
    if (tcb.state === 'syn-received' && flags & SYN && !(flags & ACK) && sequence === tcb.irs) return 'resend-syn';
    if (segment.dataLength > 0) reportDuplicate(tcb, segment, sequence);
    if (tcb.state === 'time-wait' && flags & FIN) tcb.endAt = now + tcb.env.config.timeWait;
    challenge(tcb, now);
    return 'done';
  }
  if (tcb.timestampsOk && segment.hasTimestamps) noteTimestamp(tcb, segment, sequence, now);
  // Second: RST.
  if (flags & RST) return onReset(tcb, sequence, now);
  // Fourth: SYN. Never right inside the window; a peer that lost its state will answer the challenge with a reset (RFC 5961 section 4).
  if (flags & SYN) {
    challenge(tcb, now);
    return 'done';
  }
  // Fifth: ACK.
  if (!(flags & ACK)) return 'done';
  const ack = fromWire(segment.acknowledgement, tcb.una);
  if (tcb.state === 'syn-received') {
    if (ack <= tcb.una || ack > tcb.sentTo) return 'refuse';
    if (!establish(tcb, segment, ack, sequence, now)) return 'abort';
  } else if (ack > tcb.sentTo || ack < tcb.una - tcb.largestWindow) {
    challenge(tcb, now);
    return 'done';
  }
  tcb.lastHeard = now;
  tcb.keepAliveProbes = 0;
  const before = tcb.una;
  acknowledge(tcb, segment, ack, sequence, now);
  // A closed window that is still being answered for is no dead peer (RFC 9293 section 3.8.6.1). But a connection that nobody here uses
  // any more is not kept for a peer that will not read.
  const closedWindow = tcb.sendWindow === 0 || tcb.next === tcb.una;
  if (tcb.waitingSince !== NEVER && closedWindow && !tcb.abandoned) tcb.waitingSince = now;
  if (finAcknowledged(tcb) && before !== tcb.una) onFinAcknowledged(tcb, now);
  if ((tcb.state as string) === 'closed') return 'done';
  return takeData(tcb, segment, sequence, now);
}

/** The four cases of section 3.10.7.4, with the exception that what starts just at a closed window has its ACK read. */
function inWindow(tcb: Tcb, segment: Segment, sequence: number): boolean {
  const length = segment.dataLength + (segment.flags & SYN ? 1 : 0) + (segment.flags & FIN ? 1 : 0);
  if (sequence === tcb.received) return true;
  const edge = Math.max(tcb.advertised, tcb.received);
  if (length === 0) return sequence > tcb.received && sequence < edge;
  return sequence < edge && sequence + length > tcb.received;
}

/** PAWS (RFC 7323 section 5.3), and section 3.2: once agreed on, timestamps must be there. */
function timestampsPass(tcb: Tcb, segment: Segment, now: number): boolean {
  if (!segment.hasTimestamps) return false;
  if (timestampAfter(tcb.recentTimestamp, segment.timestamp) <= 0 || now - tcb.recentAt > TIMESTAMP_LIFETIME)
    return true;
  challenge(tcb, now);
  return false;
}

/** TS.Recent moves only with segments that span the last acknowledgement sent (RFC 7323 section 4.3). */
function noteTimestamp(tcb: Tcb, segment: Segment, sequence: number, now: number): void {
  if (sequence > tcb.lastAckSent) return;
  tcb.recentTimestamp = segment.timestamp;
  tcb.recentAt = now;
}

/** RFC 5961 section 3: only a reset that stands exactly at RCV.NXT is believed; TIME-WAIT believes none (RFC 1337). */
function onReset(tcb: Tcb, sequence: number, now: number): Verdict {
  if (tcb.state === 'time-wait') return 'done';
  if (sequence !== tcb.received) {
    challenge(tcb, now);
    return 'done';
  }
  // When all was said on both sides, it comes too late to spoil anything.
  finish(tcb, tcb.state === 'closing' || tcb.state === 'last-ack' ? null : reset());
  return 'done';
}

/** A new SYN may take the place of a connection in TIME-WAIT if it cannot be an old one (RFC 6191, RFC 9293 section 3.6.1). */
function mayReopen(tcb: Tcb, segment: Segment, sequence: number): boolean {
  if (tcb.timestampsOk && segment.hasTimestamps) {
    const later = timestampAfter(segment.timestamp, tcb.recentTimestamp);
    if (later !== 0) return later > 0;
  }
  return sequence > tcb.received;
}

/** The last step of opening. @returns false when there is no memory for another connection. */
export function establish(tcb: Tcb, segment: Segment, ack: number, sequence: number, now: number): boolean {
  if (!reserveBuffers(tcb)) return false;
  const echoed = tcb.timestampsOk && segment.hasTimestamps ? echoAge(tcb, now, segment.echo) : null;
  const sample = echoed ?? (tcb.timed === null ? null : now - tcb.timed.at);
  // Where a SYN was sent again only the last one can be timed: an echo of an earlier one may have waited for that (Karn's rule).
  // Longer than 3 s says that an acknowledgement was lost rather than how long the path is; data will tell.
  const since = tcb.rtt.backoff === 0 ? 3000 : Math.min(3000, now - tcb.lastSent + 1);
  if (sample !== null && sample <= since) tcb.rtt.sample(sample);
  tcb.timed = null;
  tcb.una = ack > tcb.una ? tcb.iss + 1 : tcb.una;
  tcb.board.acknowledged(tcb.una);
  tcb.rtt.settle();
  tcb.retransmitAt = NEVER;
  tcb.waitingSince = NEVER;
  tcb.wl1 = sequence - 1;
  updateWindow(tcb, segment, ack, sequence);
  tcb.state = tcb.finQueued ? 'fin-wait-1' : 'established';
  tcb.events |= CONNECTED | WRITABLE;
  tcb.tuneAt = now;
  if (tcb.keepAliveIdle !== null) tcb.keepAliveAt = now + tcb.keepAliveIdle;
  return true;
}

function onFinAcknowledged(tcb: Tcb, now: number): void {
  if (tcb.state === 'fin-wait-1') {
    tcb.state = 'fin-wait-2';
    if (tcb.abandoned) tcb.endAt = now + tcb.env.config.orphanWait;
  } else if (tcb.state === 'closing') enterTimeWait(tcb, now);
  else if (tcb.state === 'last-ack') finish(tcb, null);
}

function enterTimeWait(tcb: Tcb, now: number): void {
  tcb.state = 'time-wait';
  tcb.retransmitAt = NEVER;
  tcb.probeAt = NEVER;
  tcb.persistAt = NEVER;
  tcb.keepAliveAt = NEVER;
  tcb.endAt = now + tcb.env.config.timeWait;
  settleBudget(tcb);
}

function takeData(tcb: Tcb, segment: Segment, sequence: number, now: number): Verdict {
  const fin = (segment.flags & FIN) !== 0;
  const end = sequence + segment.dataLength;
  if (segment.dataLength === 0 && !fin) {
    // Keep-alives stand before the window and were challenged; anything else without content wants no answer.
    return 'done';
  }
  if (!mayReceive(tcb)) {
    // After FIN nothing more is taken; a FIN sent again is acknowledged again, and TIME-WAIT begins anew.
    tcb.ackNow = true;
    if (tcb.state === 'time-wait') tcb.endAt = now + tcb.env.config.timeWait;
    return 'done';
  }
  // Nobody will read it: say so, or the peer would wait for ever for a window (RFC 9293 section 3.10.7.1).
  if (tcb.abandoned && end > tcb.received) return 'abort';
  if (fin && tcb.finAt === null && end >= tcb.in.next) tcb.finAt = end;
  if (segment.dataLength > 0) storeData(tcb, segment, sequence);
  if (tcb.finAt !== null && tcb.in.next >= tcb.finAt) onFin(tcb, now);
  scheduleAck(tcb, now);
  return 'done';
}

function storeData(tcb: Tcb, segment: Segment, sequence: number): void {
  // Nothing counts beyond a FIN, whatever the peer says afterwards.
  const length = Math.min(segment.dataLength, (tcb.finAt ?? Number.POSITIVE_INFINITY) - sequence);
  if (length <= 0) return;
  tcb.largestSegment = Math.max(tcb.largestSegment, segment.dataLength);
  const hadGap = tcb.in.hasGap;
  const outcome = tcb.in.take(sequence, segment.packet, segment.dataAt, length);
  if (outcome === 'ordered') {
    tcb.received = tcb.in.next;
    tcb.events |= READABLE;
    tcb.unacknowledged += length;
    // What fills a gap, wholly or in part, is acknowledged at once (RFC 5681 section 4.2).
    if (hadGap) tcb.ackNow = true;
    return;
  }
  if (outcome === 'old') reportDuplicate(tcb, segment, sequence);
  tcb.ackNow = true;
}

/** Two full segments, or a wait of `delayedAck`, whichever is first (RFC 9293 section 3.8.6.3). */
function scheduleAck(tcb: Tcb, now: number): void {
  if (tcb.unacknowledged >= 2 * tcb.largestSegment) tcb.ackNow = true;
  if (!tcb.ackNow && tcb.unacknowledged > 0 && tcb.ackAt === NEVER) tcb.ackAt = now + tcb.env.config.delayedAck;
}

function reportDuplicate(tcb: Tcb, segment: Segment, sequence: number): void {
  if (tcb.sackOk && sequence + segment.dataLength <= tcb.received) {
    tcb.duplicate = { start: sequence, end: sequence + segment.dataLength };
  }
}

function onFin(tcb: Tcb, now: number): void {
  if (tcb.finReceived) return;
  tcb.finReceived = true;
  tcb.received = tcb.in.next + 1;
  tcb.ackNow = true;
  tcb.events |= READABLE;
  switch (tcb.state) {
    case 'established':
      tcb.state = 'close-wait';
      return;
    case 'fin-wait-1':
      // Its acknowledgement of our FIN, had it been in this segment, has already made this FIN-WAIT-2.
      tcb.state = 'closing';
      return;
    case 'fin-wait-2':
      enterTimeWait(tcb, now);
  }
}
