import { FIN, SYN } from './segment.ts';
import { NEVER, type Tcb } from './tcb.ts';
import { dataLimit, type Transmitter, timestamp } from './transmit.ts';

/** FIN has been sent at least once. */
export const finSent = (tcb: Tcb): boolean => tcb.finQueued && tcb.next > tcb.out.end;

/** Bytes of data and FIN still to be sent for the first time. */
const unsent = (tcb: Tcb): number => tcb.out.end - tcb.next;

/**
 * Send all that may be sent now: what was lost first, then what is new (RFC 6675 section 5, NextSeg), then an acknowledgement if one is due and
 * nothing carried it. Called once after everything that happened has been taken in.
 */
export function output(tcb: Tcb, wire: Transmitter, now: number): void {
  if (canTransmit(tcb)) {
    if (tcb.next === tcb.una && now - tcb.lastSent > tcb.rtt.timeout && unsent(tcb) > 0) tcb.cubic.idle();
    sendAllowed(tcb, wire, now);
    arm(tcb, now);
  }
  if (tcb.ackNow) wire.segment(tcb, now, 0, tcb.next, 0);
}

/** States in which data or FIN may be on its way for the first time or again. */
function canTransmit(tcb: Tcb): boolean {
  switch (tcb.state) {
    case 'established':
    case 'close-wait':
    case 'fin-wait-1':
    case 'closing':
    case 'last-ack':
      return true;
    default:
      return false;
  }
}

/** Bytes in flight as the congestion window counts them. Without SACK each duplicate acknowledgement means a segment has left (RFC 6582). */
export function inFlight(tcb: Tcb): number {
  const pipe = tcb.board.pipe(tcb.next);
  return tcb.sackOk ? pipe : Math.max(0, pipe - tcb.duplicates * tcb.mss);
}

function sendAllowed(tcb: Tcb, wire: Transmitter, now: number): void {
  let pipe = inFlight(tcb);
  tcb.windowLimited = false;
  for (;;) {
    const hole = tcb.board.nextHole();
    const room = tcb.cubic.window - pipe;
    const sent = hole === null ? sendNew(tcb, wire, now, room, pipe) : resend(tcb, wire, now, hole, room, pipe);
    if (sent === 0) return;
    pipe += sent;
  }
}

function resend(
  tcb: Tcb,
  wire: Transmitter,
  now: number,
  hole: { start: number; end: number },
  room: number,
  pipe: number,
): number {
  const length = Math.min(dataLimit(tcb), hole.end - hole.start);
  if (!tcb.forced && pipe > 0 && room < length) {
    tcb.windowLimited = true;
    return 0;
  }
  tcb.forced = false;
  if (tcb.recovery !== null) tcb.recovery.stamp ??= timestamp(tcb, now);
  transmitAt(tcb, wire, now, hole.start, length);
  tcb.board.resent(hole.start, hole.start + length, tcb.next);
  return length;
}

/** Send again `length` sequence numbers from `position`: data, and FIN where they reach it. */
export function transmitAt(tcb: Tcb, wire: Transmitter, now: number, position: number, length: number): void {
  const data = Math.min(length, Math.max(0, tcb.out.end - position));
  const fin = tcb.finQueued && position + length > tcb.out.end;
  if (tcb.timed !== null && position < tcb.timed.end) tcb.timed = null;
  wire.segment(tcb, now, fin ? FIN : 0, position, data);
}

/** One segment of new data, if windows and Nagle let it go. @returns sequence numbers sent. */
function sendNew(tcb: Tcb, wire: Transmitter, now: number, room: number, pipe: number): number {
  const waiting = unsent(tcb);
  if (waiting < 0 || (waiting === 0 && !tcb.finQueued)) return 0;
  const usable = tcb.una + tcb.sendWindow - tcb.next;
  const limit = dataLimit(tcb);
  const length = Math.min(limit, waiting, Math.max(0, usable));
  // FIN goes with the last data. It needs no window: a closed one must not keep a connection open for ever.
  const fin = tcb.finQueued && length === waiting;
  if (length === 0 && !fin) return 0;
  if (room < length && pipe > 0) {
    tcb.windowLimited = true;
    return 0;
  }
  if (!fin && length < limit && !worthSending(tcb, length, waiting)) return 0;
  wire.segment(tcb, now, fin ? FIN : 0, tcb.next, length);
  const count = length + (fin ? 1 : 0);
  tcb.next += count;
  tcb.sentTo = Math.max(tcb.sentTo, tcb.next);
  if (tcb.timed === null && !tcb.timestampsOk) tcb.timed = { end: tcb.next, at: now };
  if (tcb.waitingSince === NEVER) tcb.waitingSince = now;
  return count;
}

/** A segment that is not full: Nagle's rule and the sender's silly window avoidance (RFC 9293 section 3.8.6.2.1). */
function worthSending(tcb: Tcb, length: number, waiting: number): boolean {
  if (length === waiting) return tcb.noDelay || tcb.finQueued || tcb.next === tcb.una;
  return length >= tcb.largestWindow / 2;
}

/** Set the timer that fits: retransmission while something is out, persist while only a closed window holds data back. */
function arm(tcb: Tcb, now: number): void {
  if (tcb.next > tcb.una) {
    tcb.persistAt = NEVER;
    if (tcb.retransmitAt === NEVER) tcb.retransmitAt = now + tcb.rtt.timeout;
    armProbe(tcb, now);
    return;
  }
  tcb.retransmitAt = NEVER;
  tcb.probeAt = NEVER;
  const heldBack = unsent(tcb) > 0;
  if (!heldBack) {
    tcb.persistAt = NEVER;
    tcb.waitingSince = NEVER;
  } else if (tcb.persistAt === NEVER) {
    tcb.persistAt = now + Math.min(tcb.env.config.persistMost, tcb.rtt.timeout * 2 ** tcb.persistBackoff);
  }
}

/**
 * Tail-loss probe (RFC 8985 section 7): two round trips without an answer, well before the timer, the last segment is sent again so that its
 * acknowledgement tells what is missing. Only outside recovery, only one at a time, and where SACK can tell.
 */
function armProbe(tcb: Tcb, now: number): void {
  if (!tcb.sackOk || tcb.recovery !== null || tcb.probeEnd !== null || tcb.rtt.smoothed === 0) {
    tcb.probeAt = NEVER;
    return;
  }
  if (tcb.lastSent !== now && tcb.probeAt !== NEVER) return;
  // A lone segment may wait for the peer's delayed acknowledgement.
  const single = tcb.next - tcb.una <= tcb.mss ? tcb.env.config.delayedAck * 2 : 0;
  const at = now + Math.max(2 * tcb.rtt.smoothed + single, 10);
  tcb.probeAt = at < tcb.retransmitAt ? at : NEVER;
}

/** Open or answer an opening: SYN, or SYN with acknowledgement. */
export function sendSyn(tcb: Tcb, wire: Transmitter, now: number): void {
  wire.segment(tcb, now, SYN, tcb.iss, 0);
  tcb.next = tcb.iss + 1;
  tcb.sentTo = tcb.next;
  tcb.retransmitAt = now + tcb.rtt.timeout;
  tcb.timed = tcb.rtt.backoff === 0 ? { end: tcb.next, at: now } : null;
  if (tcb.waitingSince === NEVER) tcb.waitingSince = now;
}
