import { growBuffer, mayReceive, type Tcb } from './tcb.ts';

/*
 * The window we advertise. Its right edge moves in steps (receiver's silly window avoidance, RFC 9293 section 3.8.6.2.2)
 * and never back. Scaling rounds it up, so the last 2^scale bytes of the buffer are never promised.
 */

/** The right edge that the buffer allows now. */
function rightEdge(tcb: Tcb): number {
  return tcb.in.limit - 2 ** tcb.receiveScale;
}

/** Least move of the edge worth telling. */
function worthTelling(tcb: Tcb): number {
  return Math.min(tcb.in.capacity / 2, tcb.mss);
}

/** The window field of a segment about to be sent; records the edge it tells. */
export function windowField(tcb: Tcb, syn: boolean): number {
  if (!mayReceive(tcb) && tcb.state !== 'syn-sent' && tcb.state !== 'syn-received') {
    // No data is expected any more; the old edge stands.
    return Math.min(65_535, Math.ceil(Math.max(0, tcb.advertised - tcb.received) / 2 ** scale(tcb)));
  }
  const edge = rightEdge(tcb);
  const target = edge - tcb.advertised >= worthTelling(tcb) ? edge : Math.max(tcb.advertised, tcb.received);
  // A SYN's window is never scaled (RFC 7323 section 2.2).
  const unit = syn ? 1 : 2 ** scale(tcb);
  const field = Math.min(65_535, Math.ceil(Math.max(0, target - tcb.received) / unit));
  tcb.advertised = Math.max(tcb.advertised, Math.min(target, tcb.received + field * unit));
  return field;
}

const scale = (tcb: Tcb): number => (tcb.sendScale >= 0 ? tcb.receiveScale : 0);

/** Whether the application has read so much that the sender should be told at once. */
export function opensWindow(tcb: Tcb): boolean {
  if (!mayReceive(tcb)) return false;
  const open = Math.max(0, tcb.advertised - tcb.received);
  const gain = rightEdge(tcb) - Math.max(tcb.advertised, tcb.received);
  // Closed or nearly so: any worthwhile opening is news. Else when half of the buffer has become free, as a sender may wait for it.
  return open < 2 * tcb.mss ? gain >= worthTelling(tcb) : gain >= tcb.in.capacity / 2;
}

/**
 * Grow the receive buffer when the application takes more than half of it in one round trip: then the window, not the
 * path or the application, is the limit (dynamic right-sizing, after Fisk and Feng 2001). Call after `bytes` were read.
 */
export function tuneReceive(tcb: Tcb, bytes: number, now: number): void {
  tcb.taken += bytes;
  const round = Math.max(tcb.rtt.smoothed, 1);
  if (now - tcb.tuneAt < round && tcb.taken < tcb.in.capacity / 2) return;
  if (tcb.taken >= tcb.in.capacity / 2 && now - tcb.tuneAt < 2 * round) {
    growBuffer(tcb, 'in', Math.min(tcb.env.config.receive.most, tcb.in.capacity * 2));
  }
  tcb.taken = 0;
  tcb.tuneAt = now;
}
