import type { Fail } from '#shared/rpc/fail.ts';
import type { Budget } from '../budget.ts';
import type { TcpConfig } from './config.ts';
import { Cubic, type CubicState } from './cubic.ts';
import { HyStart } from './hystart.ts';
import { ReceiveBuffer } from './receive-buffer.ts';
import { RoundTrip } from './round-trip.ts';
import { Scoreboard } from './scoreboard.ts';
import { SendBuffer } from './send-buffer.ts';

/** States of a connection (RFC 9293 section 3.3.2). LISTEN is the listener's; CLOSED is the end. */
export type TcpState =
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

/** What happened to a connection that whoever uses it wants to know, as bits. */
export const CONNECTED = 1;
export const READABLE = 2;
export const WRITABLE = 4;
export const CLOSED = 8;

export interface Path {
  readonly localAddress: Uint8Array;
  readonly localPort: number;
  readonly remoteAddress: Uint8Array;
  readonly remotePort: number;
}

/** A loss being repaired. */
export interface Recovery {
  /** SND.NXT when it began: it ends when all of that is acknowledged. */
  readonly until: number;
  readonly byTimer: boolean;
  /** Timestamp of the first retransmission; null until it is sent. */
  stamp: number | null;
  /** The congestion state before; null once it is known that the loss was one. */
  undo: CubicState | null;
}

/** No deadline. */
export const NEVER = Number.POSITIVE_INFINITY;

/** What a connection stands on: the stack's, the same for all of them. */
export interface TcpEnvironment {
  readonly config: TcpConfig;
  readonly budget: Budget;
  /** Largest packet to that address, IPv6 header included. */
  pathMtu(address: Uint8Array): number;
  /** Nothing came through but small packets might: try them. */
  distrustPath(address: Uint8Array): void;
}

/**
 * Transmission control block: all that is known of one connection. Positions are unwrapped sequence numbers (sequence.ts), times are
 * monotonic milliseconds. Functions of the other files work on it; it has no behaviour of its own.
 */
export class Tcb {
  readonly path: Path;
  readonly env: TcpEnvironment;
  state: TcpState;
  /** Whether it began with a SYN from the other side. */
  readonly passive: boolean;
  /** Events not yet told, and why it ended when it did not end well. */
  events = 0;
  error: Fail | null = null;

  // Sending (RFC 9293 section 3.3.1).
  readonly iss: number;
  una: number;
  next: number;
  /** Highest position ever sent; above `next` only after a probe of a closed window. */
  sentTo: number;
  sendWindow = 0;
  /** Largest window the peer has shown (for SWS avoidance and RFC 5961 section 5). */
  largestWindow = 0;
  /** Sequence and acknowledgement number of the last window update. */
  wl1 = 0;
  wl2 = 0;
  sendScale = 0;
  /** Largest data of one segment as the peer wants it, before options. */
  peerMss = 1220;
  /** Largest data of one segment on this path, before options: peer's wish and path MTU. */
  mss = 1220;
  readonly out: SendBuffer;
  readonly board: Scoreboard;
  readonly cubic: Cubic;
  readonly hystart = new HyStart();
  readonly rtt: RoundTrip;
  /** The application has said its last: FIN stands at `out.end`. */
  finQueued = false;
  noDelay = false;
  duplicates = 0;
  /** End of the loss recovery in progress; null outside one. */
  recovery: Recovery | null = null;
  /** The next retransmission goes whatever the window says: the first of a recovery. */
  forced = false;
  /** Position that a timed segment ends at, where the peer has no timestamps (Karn's rule: never one sent again). */
  timed: { readonly end: number; readonly at: number } | null = null;
  /** SND.NXT when a tail-loss probe was sent; null when none is out. */
  probeEnd: number | null = null;
  /** The window was full when last looked at, so that acknowledgements may open it (RFC 9438 section 5.8). */
  windowLimited = false;
  lastSent = 0;

  // Receiving.
  irs = 0;
  /** RCV.NXT: data and FIN. */
  received = 0;
  /** Right edge of the window as last advertised. */
  advertised = 0;
  receiveScale = 0;
  in: ReceiveBuffer;
  /** Where the peer's FIN stands, once seen; it counts when all before it has arrived. */
  finAt: number | null = null;
  finReceived = false;
  /** Bytes received and not yet acknowledged, and the largest segment seen: two such are acknowledged at once. */
  unacknowledged = 0;
  largestSegment = 512;
  ackNow = false;
  /** Data received twice, to be reported (RFC 2883); null when none. */
  duplicate: { readonly start: number; readonly end: number } | null = null;
  lastAckSent = 0;
  /** Bytes the application took since `tuneAt`, for growing the buffer. */
  taken = 0;
  tuneAt = 0;

  // Options agreed on.
  sackOk = false;
  timestampsOk = false;
  timestampOffset = 0;
  /** TS.Recent, and when it was taken. */
  recentTimestamp = 0;
  recentAt = 0;

  // Deadlines, monotonic milliseconds; NEVER when not set.
  retransmitAt = NEVER;
  probeAt = NEVER;
  persistAt = NEVER;
  persistBackoff = 0;
  ackAt = NEVER;
  keepAliveAt = NEVER;
  keepAliveProbes = 0;
  keepAliveIdle: number | null = null;
  /** TIME-WAIT's end, or an abandoned connection's. */
  endAt = NEVER;
  /** When to look whether the buffers hold memory for nothing. */
  trimAt = NEVER;
  /** When the wait for the first answer, or for an acknowledgement, began. */
  waitingSince = NEVER;
  lastHeard = 0;
  /** Nobody reads any more. */
  abandoned = false;

  // Challenge acknowledgements (RFC 5961 section 7).
  challengeCount = 0;
  challengeEpoch = 0;

  /** Bytes promised by the budget. */
  reserved = 0;

  constructor(path: Path, env: TcpEnvironment, state: TcpState, iss: number, now: number) {
    this.path = path;
    this.env = env;
    this.state = state;
    this.passive = state === 'syn-received';
    this.iss = iss;
    this.una = iss;
    this.next = iss;
    this.sentTo = iss;
    this.out = new SendBuffer(iss + 1, env.config.send.initial);
    this.in = new ReceiveBuffer(0, env.config.receive.initial);
    this.board = new Scoreboard(iss);
    this.mss = env.pathMtu(path.remoteAddress) - 60;
    this.cubic = new Cubic(this.mss);
    this.rtt = new RoundTrip(env.config.rto);
    this.receiveScale = scaleFor(env.config.receive.most);
    this.lastHeard = now;
    this.lastSent = now;
    this.tuneAt = now;
  }
}

/** The smallest scale that lets 16 bits tell `bytes` (RFC 7323 section 2). */
function scaleFor(bytes: number): number {
  let scale = 0;
  while (scale < 14 && 65_535 * 2 ** scale < bytes) scale++;
  return scale;
}

/** Whether both sides' SYN have been acknowledged (the synchronized states of RFC 9293). */
export const isSynchronized = (tcb: Tcb): boolean => tcb.state !== 'syn-sent' && tcb.state !== 'syn-received';

/** Whether data may still arrive for the application. */
export const mayReceive = (tcb: Tcb): boolean =>
  tcb.state === 'established' || tcb.state === 'fin-wait-1' || tcb.state === 'fin-wait-2';

/** Whether the application's data may still be sent. */
export const maySend = (tcb: Tcb): boolean => tcb.state === 'established' || tcb.state === 'close-wait';

/** End a connection: buffers and budget go back, deadlines go, the user is told. */
export function finish(tcb: Tcb, error: Fail | null): void {
  if (tcb.state === 'closed') return;
  tcb.state = 'closed';
  tcb.error ??= error;
  // What had arrived in order stays readable after a clean end; after a fault nothing does.
  if (error !== null || tcb.abandoned) tcb.in.clear();
  for (const deadline of deadlines) tcb[deadline] = NEVER;
  tcb.ackNow = false;
  tcb.events |= CLOSED;
  settleBudget(tcb);
}

const deadlines = ['retransmitAt', 'probeAt', 'persistAt', 'ackAt', 'keepAliveAt', 'endAt', 'trimAt'] as const;

/** The earliest of a connection's deadlines. */
export function nextDeadline(tcb: Tcb): number {
  const { retransmitAt, probeAt, persistAt, ackAt, keepAliveAt, endAt, trimAt } = tcb;
  return Math.min(retransmitAt, probeAt, persistAt, ackAt, keepAliveAt, endAt, trimAt);
}

/** Promise both buffers their first size. @returns false when the stack has no more to promise. */
export function reserveBuffers(tcb: Tcb): boolean {
  const wanted = tcb.in.capacity + tcb.out.capacity;
  if (!tcb.env.budget.take(wanted)) return false;
  tcb.reserved = wanted;
  return true;
}

/** Give back what an ended connection's buffers no longer need: sending at once, receiving when all has been read. */
export function settleBudget(tcb: Tcb): void {
  if (tcb.state !== 'closed' && tcb.state !== 'time-wait') return;
  tcb.out.clear();
  const kept = tcb.in.readable > 0 ? Math.min(tcb.in.capacity, tcb.reserved) : 0;
  tcb.env.budget.give(tcb.reserved - kept);
  tcb.reserved = kept;
}

/** Let one buffer grow to `wanted` bytes if the budget has them. */
export function growBuffer(tcb: Tcb, which: 'in' | 'out', wanted: number): void {
  const more = wanted - tcb[which].capacity;
  if (more <= 0 || !tcb.env.budget.takeSpare(more)) return;
  tcb.reserved += more;
  tcb[which].grow(wanted);
}
