import { type ControlMessage, decodeControl } from '../wire/control.ts';
import { createFrameReader } from '../wire/frame-reader.ts';
import { helloType } from '../wire/hello.ts';
import { ihuType } from '../wire/ihu.ts';
import { controlHeaderBytes } from '../wire/packet.ts';
import { createAllowance } from './allowance.ts';
import type { ControlTurns } from './control-turns.ts';
import type { PeerConnection } from './transport.ts';

export interface InletDeps {
  readonly connection: Pick<PeerConnection, 'pause' | 'resume'>;
  readonly turns: ControlTurns;
  readonly clock: () => number;
  /** Bytes of all links that wait for turns; each inlet keeps its own part of it right. */
  readonly waiting: { bytes: number };
  readonly data: (bytes: Uint8Array, at: number, length: number) => void;
  readonly control: (message: ControlMessage) => void;
  /** The peer speaks something else, or had us keep too much: the link must be closed. */
  readonly bad: (why: string) => void;
}

/**
 * What arrives on one link. Packets pass at once, and routing messages as far as they are few; more of them wait for turns, and
 * the packets behind them do not: the link may be that of an honest neighbour who hands a storm of others on. When much waits, nothing is
 * read from the link any more, which holds the sender back. No message is lost, and they keep their order, but for Hello and IHU:
 * an announcement that came after a newer withdrawal would leave a route that nobody has.
 */
export interface Inlet {
  push(bytes: Uint8Array, start: number, end: number): void;
  /** Whether most routing messages that come next will have to wait. */
  costly(): boolean;
  stop(): void;
}

/** Routing messages of one link in one turn. */
const perTurn = 16;
/**
 * Bytes that wait, of one link: beyond them nothing is read from it until there are half as many. Much, since packets of an honest
 * neighbour who hands a storm on would wait in the socket too; and little when all links together have much.
 */
const full = 2 * 1024 * 1024;
const fullOfMany = 64 * 1024;
const much = 32 * 1024 * 1024;
/**
 * Of all links together. One read can bring more than fits, but only the first of a link that then waits: so much is had only by very
 * many new peers who flood all at once.
 */
const mostOfAll = 64 * 1024 * 1024;
/** What a message in wait costs besides its bytes, about. */
const overhead = 100;

/** Routing messages of one link that are worked on at once: so many, and so many more each second. */
const ordinary = { atOnce: 250, eachSecond: 250 };
/** Of Hello and IHU: one each in 20 seconds is usual. */
const alive = { atOnce: 20, eachSecond: 2 };

export function createInlet({ connection, turns, clock, waiting, data, control, bad }: InletDeps): Inlet {
  const allowance = createAllowance(ordinary);
  const aliveAllowance = createAllowance(alive);
  /** Control packets in wait, the first at `head`, and before them the messages of one that was begun, from `next` on. */
  let packets: Waiting[] = [];
  let head = 0;
  let begun: readonly ControlMessage[] = [];
  let next = 0;
  /** What the one that was begun counts for, until its last message was worked on. */
  let begunBytes = 0;
  let bytesWaiting = 0;
  let paused = false;
  let stopped = false;

  const count = (bytes: number): void => {
    bytesWaiting += bytes;
    waiting.bytes += bytes;
  };
  const limit = (): number => (waiting.bytes > much ? fullOfMany : full);
  const idle = (): boolean => next === begun.length && head === packets.length;

  const take = (bytes: Uint8Array, at: number, length: number): void => {
    // The rest of a read, of which a message had the link closed.
    if (stopped) return;
    const saysAlive = isAlive(bytes[at + controlHeaderBytes]) && aliveAllowance.take(clock());
    const idles = idle();
    if (saysAlive || idles) {
      const messages = decodeControl(bytes.subarray(at, at + length));
      if (saysAlive) for (const message of messages) if (isTimed(message)) control(message);
      if (stopped) return;
      const rest = saysAlive ? messages.filter((message) => !isTimed(message)) : messages;
      if (rest.length === 0) return;
      if (idles) {
        begin(rest, length + overhead);
        return;
      }
    }
    packets.push({ bytes: bytes.slice(at, at + length), told: saysAlive });
    count(length + overhead);
  };

  /** Work on these at once as far as they are few; the rest is first of what waits. */
  const begin = (messages: readonly ControlMessage[], bytes: number): void => {
    let done = 0;
    while (done < messages.length && !stopped && allowance.take(clock())) control(messages[done++] as ControlMessage);
    if (done === messages.length || stopped) return;
    [begun, next, begunBytes] = [messages, done, bytes];
    count(bytes);
    wait();
  };

  let waits = false;
  const wait = (): void => {
    if (waits) return;
    waits = true;
    turns.wait(serve);
  };

  const serve = (): boolean => {
    for (let done = 0; done < perTurn && !stopped; done++) {
      const message = begun[next];
      if (message !== undefined) {
        next++;
        control(message);
        continue;
      }
      count(-begunBytes);
      [begun, next, begunBytes] = [[], 0, 0];
      const packet = packets[head];
      if (packet === undefined) break;
      head++;
      const messages = decodeControl(packet.bytes);
      begun = packet.told ? messages.filter((one) => !isTimed(one)) : messages;
      begunBytes = packet.bytes.length + overhead;
      // Even one that says nothing is work.
    }
    if (stopped) return false;
    if (head > 1000 && 2 * head > packets.length) {
      packets = packets.slice(head);
      head = 0;
    }
    if (paused && bytesWaiting < limit() / 2) {
      paused = false;
      connection.resume();
    }
    waits = !idle();
    if (!waits) {
      count(-begunBytes);
      [packets, head, begun, next, begunBytes] = [[], 0, [], 0, 0];
    }
    return waits;
  };

  const reader = createFrameReader({
    data(bytes, at, length) {
      turns.moved();
      data(bytes, at, length);
    },
    control: take,
  });

  return {
    push(bytes, start, end) {
      if (!reader.push(bytes, start, end)) bad('a peer does not speak the protocol');
      else if (waiting.bytes > mostOfAll && bytesWaiting > fullOfMany)
        bad('a peer sends more routing messages than can wait');
      else if (bytesWaiting > limit() && !paused) {
        paused = true;
        connection.pause();
      }
    },
    costly() {
      const now = clock();
      return !idle() || allowance.low(now) || aliveAllowance.low(now);
    },
    stop() {
      stopped = true;
      count(-bytesWaiting);
      [packets, head, begun, next, begunBytes] = [[], 0, [], 0, 0];
    },
  };
}

/** A control packet that waits. */
interface Waiting {
  readonly bytes: Uint8Array;
  /** Whether its Hello and IHU were worked on when it came. */
  readonly told: boolean;
}

function isTimed({ type }: ControlMessage): boolean {
  return type === 'hello' || type === 'ihu';
}

function isAlive(type: number | undefined): boolean {
  return type === helloType || type === ihuType;
}
