import { timedOut } from '../errors.ts';
import { resizeSegments } from './open.ts';
import { sendSyn, transmitAt } from './output.ts';
import { finish, NEVER, type Tcb } from './tcb.ts';
import { dataLimit, type Transmitter } from './transmit.ts';

/**
 * Timeouts in a row after which a path is suspected to swallow large packets without a word (RFC 4821 section 7.7): fewer, when the
 * peer was heard meanwhile, so that small ones do come through.
 */
const BLACK_HOLE = { silent: 3, heard: 2 };

/** Do what is due at `now`. {@link output} must follow, for timers that only change what may be sent. */
export function runTimers(tcb: Tcb, wire: Transmitter, now: number): void {
  if (tcb.endAt <= now) {
    if (tcb.state === 'fin-wait-2') wire.abort(tcb);
    finish(tcb, null);
    return;
  }
  if (tcb.trimAt <= now) {
    tcb.trimAt = NEVER;
    if (tcb.in.isSlack) tcb.in.clear();
    if (tcb.out.isSlack) tcb.out.clear();
  }
  if (tcb.ackAt <= now) {
    tcb.ackAt = NEVER;
    tcb.ackNow = true;
  }
  if (tcb.probeAt <= now) probeTail(tcb, wire, now);
  if (tcb.retransmitAt <= now) retransmit(tcb, wire, now);
  if (tcb.persistAt <= now) probeWindow(tcb, wire, now);
  if (tcb.keepAliveAt <= now) keepAlive(tcb, wire, now);
}

/** The retransmission timer (RFC 6298 section 5.4 to 5.7). */
function retransmit(tcb: Tcb, wire: Transmitter, now: number): void {
  tcb.retransmitAt = NEVER;
  tcb.probeAt = NEVER;
  const opening = tcb.state === 'syn-sent' || tcb.state === 'syn-received';
  const { openTimeout, acceptTimeout, userTimeout } = tcb.env.config;
  const patience = opening ? (tcb.passive ? acceptTimeout : openTimeout) : userTimeout;
  if (now - tcb.waitingSince >= patience) {
    if (!opening) wire.abort(tcb);
    finish(tcb, timedOut());
    return;
  }
  tcb.rtt.backOff();
  tcb.timed = null;
  if (opening) {
    tcb.rtt.synWasLost();
    sendSyn(tcb, wire, now);
    return;
  }
  if (tcb.rtt.backoff >= (tcb.lastHeard > tcb.waitingSince ? BLACK_HOLE.heard : BLACK_HOLE.silent)) {
    tcb.env.distrustPath(tcb.path.remoteAddress);
    resizeSegments(tcb);
  }
  const { recovery } = tcb;
  const undo = recovery === null ? tcb.cubic.save() : recovery.undo;
  if (recovery?.byTimer) tcb.cubic.collapse();
  else tcb.cubic.timedOut(tcb.next - tcb.una);
  if (tcb.board.withdrawn) tcb.board.forgetSacks();
  const stamp = recovery?.byTimer ? recovery.stamp : null;
  tcb.recovery = { until: tcb.next, byTimer: true, stamp, undo };
  tcb.duplicates = 0;
  tcb.probeEnd = null;
  // All that is out is taken for lost; slow start sends it again as acknowledgements come (RFC 6675 section 5.1).
  tcb.board.restart(tcb.next);
  tcb.forced = true;
}

/** The last segment again (RFC 8985 section 7.3); new data would have gone already, had the windows let it. */
function probeTail(tcb: Tcb, wire: Transmitter, now: number): void {
  tcb.probeAt = NEVER;
  if (tcb.next === tcb.una) return;
  tcb.probeEnd = tcb.next;
  const length = Math.min(dataLimit(tcb), tcb.next - tcb.una);
  transmitAt(tcb, wire, now, tcb.next - length, length);
  tcb.retransmitAt = now + tcb.rtt.timeout;
}

/**
 * A closed window holds data back: send its first byte, which the peer answers with its window whether it takes the byte or not
 * (RFC 9293 section 3.8.6.1); or, if the window is open but small, what fits (the override of section 3.8.6.2.1).
 */
function probeWindow(tcb: Tcb, wire: Transmitter, now: number): void {
  tcb.persistAt = NEVER;
  if (tcb.next !== tcb.una || tcb.out.end <= tcb.next) return;
  if (tcb.waitingSince === NEVER) tcb.waitingSince = now;
  if (now - tcb.waitingSince >= tcb.env.config.userTimeout) {
    wire.abort(tcb);
    finish(tcb, timedOut());
    return;
  }
  tcb.persistBackoff = Math.min(tcb.persistBackoff + 1, 16);
  const length = Math.max(1, Math.min(tcb.sendWindow, dataLimit(tcb), tcb.out.end - tcb.next));
  wire.segment(tcb, now, 0, tcb.next, length);
  tcb.sentTo = Math.max(tcb.sentTo, tcb.next + length);
  // What lay inside the window counts as sent; a byte beyond it does only if it is acknowledged.
  if (tcb.sendWindow > 0) tcb.next += length;
}

/** RFC 9293 section 3.8.4: a segment just before the window, which a live peer must answer. */
function keepAlive(tcb: Tcb, wire: Transmitter, now: number): void {
  tcb.keepAliveAt = NEVER;
  if (tcb.keepAliveIdle === null) return;
  const { interval, probes } = tcb.env.config.keepAlive;
  const quiet = now - tcb.lastHeard;
  if (quiet < tcb.keepAliveIdle) {
    tcb.keepAliveAt = tcb.lastHeard + tcb.keepAliveIdle;
    return;
  }
  if (tcb.keepAliveProbes >= probes) {
    wire.abort(tcb);
    finish(tcb, timedOut());
    return;
  }
  tcb.keepAliveProbes++;
  wire.segment(tcb, now, 0, tcb.una - 1, 0);
  tcb.keepAliveAt = now + interval;
}
