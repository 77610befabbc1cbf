import { cancelled } from '../errors.ts';
import { finish, settleBudget, type Tcb } from './tcb.ts';
import type { Transmitter } from './transmit.ts';

/** The application has said its last: FIN follows what it wrote (RFC 9293 section 3.10.4). */
export function close(tcb: Tcb): void {
  if (tcb.finQueued) return;
  switch (tcb.state) {
    case 'syn-sent':
    case 'syn-received':
      // Waits for the opening to succeed; `establish` goes on from there.
      tcb.finQueued = true;
      return;
    case 'established':
      tcb.finQueued = true;
      tcb.state = 'fin-wait-1';
      return;
    case 'close-wait':
      tcb.finQueued = true;
      tcb.state = 'last-ack';
  }
}

/** Break off at once; the other side is told by a reset (section 3.10.5). */
export function abort(tcb: Tcb, wire: Transmitter): void {
  if (tcb.state === 'closed') return;
  const silent = tcb.state === 'syn-sent' || tcb.state === 'time-wait';
  if (!silent) wire.abort(tcb);
  finish(tcb, cancelled());
}

/**
 * Nobody uses the connection any more. If all was said, it ends in good order by itself; if data came that nobody will read, or
 * something was left to say, it is broken off (RFC 9293 section 3.10.4, RFC 2525 section 2.17).
 */
export function abandon(tcb: Tcb, wire: Transmitter, now: number): void {
  if (tcb.abandoned) return;
  tcb.abandoned = true;
  const unread = tcb.in.readable > 0;
  if (tcb.state !== 'closed' && tcb.state !== 'time-wait' && (!tcb.finQueued || unread)) {
    abort(tcb, wire);
    return;
  }
  tcb.in.clear();
  settleBudget(tcb);
  if (tcb.state === 'fin-wait-2') tcb.endAt = now + tcb.env.config.orphanWait;
}
