import { Budget } from '../budget.ts';
import type { Clock } from '../clock.ts';
import { inUse, noPort, tooMany, unreachable } from '../errors.ts';
import { guarded } from '../guarded.ts';
import { createBucket } from '../ip/icmp-errors.ts';
import { icmpType, type Quote } from '../ip/icmpv6.ts';
import { SOURCE_AT } from '../ip/ipv6.ts';
import type { PathMtus } from '../path-mtu.ts';
import { arrive, type Verdict } from './arrive.ts';
import type { TcpConfig } from './config.ts';
import { Connection } from './connection.ts';
import { initialNumbers } from './initial-sequence.ts';
import { type ListenOptions, TcpListener } from './listener.ts';
import { arriveSynSent, resizeSegments, takeSyn } from './open.ts';
import { output, sendSyn } from './output.ts';
import { ACK, createSegment, decodeSegment, RST, type Segment, SYN } from './segment.ts';
import { fromWire } from './sequence.ts';
import { ConnectionTable } from './table.ts';
import {
  CLOSED,
  CONNECTED,
  finish,
  isSynchronized,
  NEVER,
  nextDeadline,
  type Path,
  Tcb,
  type TcpEnvironment,
} from './tcb.ts';
import { runTimers } from './timers.ts';
import { Transmitter } from './transmit.ts';

export interface TcpHostOptions {
  readonly address: Uint8Array;
  readonly clock: Clock;
  readonly random: (n: number) => Uint8Array;
  readonly output: (packet: Uint8Array) => void;
  readonly mtus: PathMtus;
  readonly config: TcpConfig;
  readonly memory: number;
  readonly maxConnections: number;
}

/** Segments acknowledged by one answer at most, when they come in one batch. */
const MOST_AT_ONCE = 16;

/** One node may hold this part of all connections. */
const NODE_SHARE = 8;

/** How long buffers are kept that hold nothing, milliseconds. */
const TRIM_AFTER = 1000;

/** TCP of one address: finds the connection of a segment, opens and accepts, keeps timers, lets connections send and tells their events. */
export class TcpHost {
  readonly wire: Transmitter;
  readonly #options: TcpHostOptions;
  readonly #env: TcpEnvironment;
  readonly #table: ConnectionTable<Connection>;
  readonly #listeners = new Map<number, TcpListener>();
  /** Passive connections that are not yet accepted. */
  readonly #pending = new Map<Connection, TcpListener>();
  /** Connections in TIME-WAIT, the oldest first. */
  readonly #waiting = new Set<Connection>();
  readonly #secret: Uint8Array;
  readonly #refusals = createBucket(100, 50);
  readonly #segment = createSegment();
  #dirty: Connection[] = [];
  #busy = false;

  constructor(options: TcpHostOptions) {
    this.#options = options;
    this.wire = new Transmitter(options.output);
    this.#secret = options.random(32);
    this.#table = new ConnectionTable(options.random(20));
    const { mtus, clock, config } = options;
    this.#env = {
      config,
      budget: new Budget(options.memory),
      pathMtu: (address) => mtus.get(address, clock.now()),
      distrustPath: (address) => void mtus.lower(address, 0, clock.now()),
    };
  }

  now(): number {
    return this.#options.clock.now();
  }

  /** Connections in any state, and bytes promised to them. */
  get usage(): { connections: number; halfOpen: number; timeWait: number; reserved: number } {
    const { size } = this.#table;
    const reserved = this.#env.budget.used;
    return { connections: size, halfOpen: this.#pending.size, timeWait: this.#waiting.size, reserved };
  }

  /** Open a connection. It is in SYN-SENT at return; CONNECTED or CLOSED follows. @throws BUSY */
  connect(remoteAddress: Uint8Array, remotePort: number): Connection {
    const path: Path = {
      ...{ localAddress: this.#options.address, localPort: this.#freePort(remoteAddress, remotePort) },
      ...{ remoteAddress: remoteAddress.slice(), remotePort },
    };
    if (!this.#makeRoom()) throw tooMany();
    const connection = this.#add(path, 'syn-sent');
    sendSyn(connection.tcb, this.wire, this.now());
    this.touch(connection);
    return connection;
  }

  /** Accept connections at a port; 0 chooses a free one. @throws IN_USE, BUSY */
  listen(port: number, options: ListenOptions, accept: (connection: Connection) => void): TcpListener {
    const chosen = port === 0 ? this.#freePort(null, 0) : port;
    if (this.#listeners.has(chosen)) throw inUse(chosen);
    const listener = new TcpListener(chosen, options, accept, () => this.#listeners.delete(chosen));
    this.#listeners.set(chosen, listener);
    return listener;
  }

  /** Segments taken in between `begin` and `end` are answered together, at the end. */
  begin(): void {
    this.#busy = true;
  }

  end(): void {
    this.#busy = false;
    this.#flush();
  }

  /** One TCP segment of a packet for our address. Call between `begin` and `end`. */
  input(packet: Uint8Array, start: number, end: number): void {
    const segment = this.#segment;
    if (!decodeSegment(packet, start, end, segment)) return;
    const connection = this.#table.find(packet, SOURCE_AT, segment.sourcePort, segment.destinationPort);
    if (connection === undefined) {
      this.#withoutConnection(packet, segment);
      return;
    }
    const { tcb } = connection;
    const now = this.now();
    const verdict = tcb.state === 'syn-sent' ? arriveSynSent(tcb, segment, now) : arrive(tcb, segment, now);
    this.#carryOut(verdict, connection, packet, segment, now);
    // Answers wait for the batch's end, but not where each one counts: the peer judges loss by their number (RFC 5681
    // section 4.2), and paces its growth by their coming.
    if (tcb.ackNow && (tcb.in.hasGap || tcb.unacknowledged > MOST_AT_ONCE * tcb.largestSegment)) {
      this.wire.segment(tcb, now, 0, tcb.next, 0);
    }
    this.touch(connection);
  }

  /**
   * An ICMPv6 error about a packet of ours. Believed only if it quotes a sequence number that is in flight (RFC 5927 section 4.1).
   * @param word MTU of "packet too big".
   */
  icmpError(type: number, reason: string, word: number, quote: Quote): void {
    const connection = this.#table.find(quote.destination, 0, quote.destinationPort, quote.sourcePort);
    if (connection === undefined) return;
    const { tcb } = connection;
    const sequence = fromWire(quote.sequence, tcb.una);
    if (sequence < tcb.una || sequence >= tcb.sentTo) return;
    if (type === icmpType.tooBig) {
      if (!this.#options.mtus.lower(quote.destination, word, this.now())) return;
      for (const one of this.#table.to(quote.destination)) this.#resize(one);
    } else if (type === icmpType.unreachable && !isSynchronized(tcb)) {
      // Later than this such errors pass or are forged; the timers decide (RFC 5927 section 5, RFC 9293 section 3.9.2.2).
      finish(tcb, unreachable(reason));
      this.touch(connection);
    }
  }

  touch(connection: Connection): void {
    if (!connection.dirty) {
      connection.dirty = true;
      this.#dirty.push(connection);
    }
    if (!this.#busy) this.#flush();
  }

  /** Break off everything. */
  close(): void {
    for (const listener of [...this.#listeners.values()]) listener.close();
    for (const connection of [...this.#table]) connection.abort();
  }

  #flush(): void {
    this.#busy = true;
    // Told events may touch connections again, this one too; each round sends what the one before gave rise to.
    while (this.#dirty.length > 0) {
      const round = this.#dirty;
      this.#dirty = [];
      for (const connection of round) {
        connection.dirty = false;
        this.#tell(connection);
      }
      for (const connection of round) this.#settle(connection);
    }
    this.#busy = false;
  }

  #tell(connection: Connection): void {
    const { tcb } = connection;
    const { events } = tcb;
    if (events === 0) return;
    tcb.events = 0;
    const listener = this.#pending.get(connection);
    if (listener !== undefined && events & (CONNECTED | CLOSED)) {
      this.#pending.delete(connection);
      guarded(() => listener.settled(connection, tcb.state !== 'closed'));
    }
    guarded(() => connection.onEvents(events));
  }

  /** After all events: send, set the timer, forget what has ended. */
  #settle(connection: Connection): void {
    const { tcb } = connection;
    if (tcb.state !== 'closed') output(tcb, this.wire, this.now());
    if (tcb.events !== 0) this.touch(connection);
    if (tcb.state === 'closed') {
      connection.disarm?.();
      connection.disarm = null;
      this.#table.delete(connection);
      this.#waiting.delete(connection);
      return;
    }
    if (tcb.state === 'time-wait') this.#waiting.add(connection);
    // An idle connection holds no buffers; one that is only between two bursts keeps them.
    if (tcb.trimAt === NEVER && (tcb.in.isSlack || tcb.out.isSlack)) tcb.trimAt = this.now() + TRIM_AFTER;
    this.#arm(connection);
  }

  /** Timers are lazy: one is set again only for an earlier deadline. One that comes too early looks, and sets itself again. */
  #arm(connection: Connection): void {
    const at = nextDeadline(connection.tcb);
    if (at >= connection.armedAt) return;
    connection.disarm?.();
    connection.armedAt = at;
    connection.disarm =
      at === NEVER
        ? null
        : this.#options.clock.setTimer(Math.max(0, Math.ceil(at - this.now())), () => {
            connection.armedAt = NEVER;
            connection.disarm = null;
            const now = this.now();
            if (nextDeadline(connection.tcb) <= now) runTimers(connection.tcb, this.wire, now);
            this.touch(connection);
          });
  }

  #carryOut(verdict: Verdict, connection: Connection, packet: Uint8Array, segment: Segment, now: number): void {
    const { tcb } = connection;
    if (verdict === 'refuse') this.#refuse(tcb.path, segment);
    else if (verdict === 'resend-syn') sendSyn(tcb, this.wire, now);
    else if (verdict === 'abort') {
      this.wire.abort(tcb);
      finish(tcb, tooMany());
    } else if (verdict === 'reopen') {
      finish(tcb, null);
      this.#table.delete(connection);
      this.#withoutConnection(packet, segment);
    }
  }

  #withoutConnection(packet: Uint8Array, segment: Segment): void {
    const path: Path = {
      ...{ localAddress: this.#options.address, localPort: segment.destinationPort },
      ...{ remoteAddress: packet.slice(SOURCE_AT, SOURCE_AT + 16), remotePort: segment.sourcePort },
    };
    const listener = this.#listeners.get(segment.destinationPort);
    if (listener === undefined || !listener.admits(path.remoteAddress, path.remotePort)) this.#refuse(path, segment);
    else if (segment.flags & RST) return;
    else if (segment.flags & ACK) this.#refuse(path, segment);
    else if (segment.flags & SYN) this.#beginOpening(listener, path, segment);
  }

  #beginOpening(listener: TcpListener, path: Path, segment: Segment): void {
    // Silence when there is no room: the SYN comes again, perhaps to a quieter moment.
    if (this.#table.fromNode(path.remoteAddress) >= this.#options.maxConnections / NODE_SHARE) return;
    if (!listener.hasRoom(path.remoteAddress, (oldest) => this.#giveUp(oldest)) || !this.#makeRoom()) return;
    const connection = this.#add(path, 'syn-received');
    const now = this.now();
    listener.begun(connection);
    this.#pending.set(connection, listener);
    takeSyn(connection.tcb, segment, now);
    sendSyn(connection.tcb, this.wire, now);
    this.touch(connection);
  }

  /** Forget a half-open connection without a word. */
  #giveUp(connection: Connection): void {
    this.#pending.get(connection)?.settled(connection, false);
    this.#pending.delete(connection);
    finish(connection.tcb, null);
    this.touch(connection);
  }

  #resize(connection: Connection): void {
    const { tcb } = connection;
    if (!isSynchronized(tcb)) return;
    resizeSegments(tcb);
    if (tcb.next > tcb.una) {
      // What was too big is gone; send it again in smaller pieces. No congestion is meant by it (RFC 8201 section 5.4).
      tcb.board.restart(tcb.next);
      tcb.recovery ??= { until: tcb.next, byTimer: true, stamp: null, undo: null };
    }
    this.touch(connection);
  }

  #add(path: Path, state: 'syn-sent' | 'syn-received'): Connection {
    const now = this.now();
    const { iss, timestampOffset } = initialNumbers(this.#secret, path, now);
    const tcb = new Tcb(path, this.#env, state, iss, now);
    tcb.timestampOffset = timestampOffset;
    const connection = new Connection(tcb, this);
    this.#table.add(connection);
    return connection;
  }

  #refuse(path: Path, segment: Segment): void {
    if (this.#refusals.take(this.now())) this.wire.refuse(path, segment);
  }

  /** At the limit the oldest connection in TIME-WAIT ends early. */
  #makeRoom(): boolean {
    if (this.#table.size < this.#options.maxConnections) return true;
    const oldest = this.#waiting.values().next();
    if (oldest.done) return false;
    finish(oldest.value.tcb, null);
    this.#table.delete(oldest.value);
    this.touch(oldest.value);
    return true;
  }

  /** A random free port of the dynamic range (RFC 6056 section 3.3.1), for that destination or for listening. */
  #freePort(remoteAddress: Uint8Array | null, remotePort: number): number {
    const [first, count] = [49_152, 16_384];
    const [a = 0, b = 0] = this.#options.random(2);
    for (let i = 0; i < count; i++) {
      const port = first + ((((a << 8) | b) + i) % count);
      if (this.#listeners.has(port)) continue;
      if (remoteAddress === null || this.#table.find(remoteAddress, 0, remotePort, port) === undefined) return port;
    }
    throw noPort();
  }
}
