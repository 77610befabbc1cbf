import { HyStart } from './hystart.ts';
import { finSent } from './output.ts';
import { FIN, type Segment, SYN } from './segment.ts';
import { fromWire, timestampAfter } from './sequence.ts';
import { growBuffer, NEVER, type Tcb, WRITABLE } from './tcb.ts';
import { echoAge } from './transmit.ts';

/**
 * Take in the acknowledgement of an acceptable segment: what arrived, what was lost, how the windows change (RFC 9293 section 3.10.7.4,
 * fifth; RFC 5681; RFC 6675). Sends nothing; {@link output} does, afterwards. `ack` has been checked against what was sent.
 */
export function acknowledge(tcb: Tcb, segment: Segment, ack: number, sequence: number, now: number): void {
  const flightBefore = tcb.next - tcb.una;
  const windowMoved = updateWindow(tcb, segment, ack, sequence);
  const fresh = tcb.sackOk && readSacks(tcb, segment);
  if (ack > tcb.una) {
    advance(tcb, segment, ack, now);
  } else if (flightBefore > 0 && isDuplicate(tcb, segment, ack, windowMoved, fresh)) {
    tcb.duplicates++;
  }
  findLoss(tcb, fresh);
}

/** SND.WND from this segment, unless an older one overtook a newer. @returns whether the window is another than before. */
export function updateWindow(tcb: Tcb, segment: Segment, ack: number, sequence: number): boolean {
  if (!(tcb.wl1 < sequence || (tcb.wl1 === sequence && tcb.wl2 <= ack))) return false;
  const window = segment.flags & SYN ? segment.window : segment.window * 2 ** Math.max(0, tcb.sendScale);
  const moved = window !== tcb.sendWindow;
  if (window > 0 && tcb.sendWindow === 0) {
    // It has opened: leave the probes and their long pauses at once.
    tcb.persistAt = NEVER;
    tcb.persistBackoff = 0;
  }
  tcb.sendWindow = window;
  tcb.largestWindow = Math.max(tcb.largestWindow, window);
  tcb.wl1 = sequence;
  tcb.wl2 = ack;
  return moved;
}

/** Definition of RFC 5681 section 2; with SACK any news counts instead (RFC 6675 section 2). */
function isDuplicate(tcb: Tcb, segment: Segment, ack: number, windowMoved: boolean, fresh: boolean): boolean {
  if (tcb.sackOk) return fresh;
  return ack === tcb.una && segment.dataLength === 0 && (segment.flags & (SYN | FIN)) === 0 && !windowMoved;
}

/** Blocks outside what is in flight are duplicates reported (RFC 2883) or lies; neither says anything of what is missing. */
function readSacks(tcb: Tcb, segment: Segment): boolean {
  let fresh = false;
  for (let i = 0; i < segment.sackCount; i++) {
    const start = fromWire(segment.sacks[i * 2] ?? 0, tcb.una);
    const end = fromWire(segment.sacks[i * 2 + 1] ?? 0, tcb.una);
    if (start > tcb.una && start < end && end <= tcb.next) fresh = tcb.board.sack(start, end) || fresh;
  }
  return fresh;
}

function advance(tcb: Tcb, segment: Segment, ack: number, now: number): void {
  const bytes = ack - tcb.una;
  const rtt = measure(tcb, segment, ack, now);
  const unfounded = wasUnfounded(tcb, segment);
  tcb.una = ack;
  // A probe of a closed window was taken after all.
  if (ack > tcb.next) tcb.next = ack;
  tcb.out.release(ack);
  tcb.board.acknowledged(ack);
  tcb.rtt.settle();
  tcb.retransmitAt = NEVER;
  tcb.probeAt = NEVER;
  tcb.persistBackoff = 0;
  tcb.waitingSince = tcb.next > ack ? now : NEVER;
  if (tcb.probeEnd !== null && ack >= tcb.probeEnd) tcb.probeEnd = null;
  if (tcb.out.space > 0) tcb.events |= WRITABLE;
  if (unfounded) undo(tcb);
  const { recovery } = tcb;
  if (recovery === null) {
    tcb.duplicates = 0;
    grow(tcb, bytes, ack, rtt, now);
  } else if (ack >= recovery.until) {
    tcb.duplicates = 0;
    tcb.recovery = null;
  } else if (recovery.byTimer) {
    grow(tcb, bytes, ack, rtt, now);
  } else if (!tcb.sackOk) {
    // Partial acknowledgement (RFC 6582 section 3.2 step 5): the next segment is missing too.
    tcb.duplicates = Math.max(0, tcb.duplicates - Math.floor(bytes / tcb.mss));
    tcb.board.restart(Math.min(ack + tcb.mss, tcb.next));
    tcb.forced = true;
  }
}

/**
 * Eifel detection (RFC 3522): the first acknowledgement of what was sent again echoes a timestamp from before that, so it was the
 * original that arrived, late. Asked once for each recovery.
 */
function wasUnfounded(tcb: Tcb, segment: Segment): boolean {
  const { recovery } = tcb;
  if (recovery === null || recovery.undo === null || recovery.stamp === null) return false;
  if (tcb.timestampsOk && segment.hasTimestamps && timestampAfter(recovery.stamp, segment.echo) > 0) return true;
  recovery.undo = null;
  return false;
}

/** Nothing was lost: go on as before it seemed so (RFC 4015). */
function undo(tcb: Tcb): void {
  if (tcb.recovery?.undo) tcb.cubic.restore(tcb.recovery.undo);
  tcb.recovery = null;
  tcb.forced = false;
  tcb.duplicates = 0;
  tcb.board.forgive();
}

/** A round-trip sample from the echoed timestamp (RFC 7323 section 4), else from the segment being timed. */
function measure(tcb: Tcb, segment: Segment, ack: number, now: number): number | null {
  let sample: number | null = null;
  if (tcb.timestampsOk && segment.hasTimestamps) {
    sample = echoAge(tcb, now, segment.echo);
  } else if (tcb.timed !== null && ack >= tcb.timed.end) {
    sample = now - tcb.timed.at;
    tcb.timed = null;
  }
  if (sample !== null) tcb.rtt.sample(sample);
  return sample;
}

/** Open the congestion window, if it was the limit; let the send buffer follow it. */
function grow(tcb: Tcb, bytes: number, ack: number, rtt: number | null, now: number): void {
  const cubic = tcb.cubic;
  if (!tcb.windowLimited && cubic.window > 2 * (tcb.next - ack + bytes)) return;
  let counted = bytes;
  if (cubic.inSlowStart && tcb.recovery === null && rtt !== null) {
    const verdict = tcb.hystart.acknowledged(ack, tcb.next, rtt);
    if (verdict === 'creep') counted = bytes / HyStart.creepDivisor;
    else if (verdict === 'leave') cubic.leaveSlowStart();
  }
  cubic.acknowledged(counted, now, tcb.rtt.smoothed);
  const wanted = Math.min(tcb.env.config.send.most, 2 ** Math.ceil(Math.log2(2 * cubic.window)));
  growBuffer(tcb, 'out', wanted);
}

/** Decide what is lost, and begin a recovery when it is the first loss of this flight. */
function findLoss(tcb: Tcb, fresh: boolean): void {
  if (tcb.next === tcb.una) return;
  if (tcb.sackOk) {
    if (!fresh && tcb.recovery === null && !tcb.board.anyLost) return;
    const threshold = tcb.board.threshold(tcb.next - tcb.una, tcb.mss);
    tcb.board.judge(tcb.mss, threshold);
    probeCameThrough(tcb);
    if (tcb.duplicates >= threshold && tcb.recovery === null && tcb.board.anySacked) {
      tcb.board.markLost(Math.min(tcb.una + tcb.mss, tcb.board.top));
    }
  } else if (tcb.duplicates >= tcb.board.threshold(0, tcb.mss) && tcb.recovery === null) {
    tcb.board.restart(Math.min(tcb.una + tcb.mss, tcb.next));
  }
  if (tcb.recovery !== null || !tcb.board.anyLost) return;
  tcb.recovery = { until: tcb.next, byTimer: false, stamp: null, undo: tcb.cubic.save() };
  tcb.cubic.lost(tcb.next - tcb.una);
  tcb.forced = true;
  tcb.probeEnd = null;
}

/** The tail-loss probe arrived but not what was sent two round trips before it: that is lost (RFC 8985 section 7.4, by its time rule). */
function probeCameThrough(tcb: Tcb): void {
  if (tcb.probeEnd === null || tcb.board.top < tcb.probeEnd) return;
  tcb.board.markLost(tcb.board.top);
  tcb.probeEnd = null;
}

/** Whether our FIN has been acknowledged. */
export const finAcknowledged = (tcb: Tcb): boolean => finSent(tcb) && tcb.una > tcb.out.end;
