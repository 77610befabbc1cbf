import { type ControlMessage, decodeControl } from '../wire/control.ts';
import { createFrameReader } from '../wire/frame-reader.ts';
import { helloType } from '../wire/hello.ts';
import { ihuType } from '../wire/ihu.ts';
import { controlHeaderBytes } from '../wire/packet.ts';
import { type ControlTurns, createAllowance } from './control-turns.ts';
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
 * read from the link any more, which holds the sender back. No message is lost, and they keep their order, but for those by which a
 * link is told to live.
 */
export interface Inlet {
  push(bytes: Uint8Array, start: number, end: number): void;
  /** Whether routing messages that come next will have to wait. */
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
  const allowance = createAllowance(ordinary, clock());
  const aliveAllowance = createAllowance(alive, clock());
  /** Control packets in wait, the first at `head`, and before them the messages of one that was begun. */
  let packets: Uint8Array[] = [];
  let head = 0;
  let begun: ControlMessage[] = [];
  let bytesWaiting = 0;
  let paused = false;
  let stopped = false;

  const count = (bytes: number): void => {
    bytesWaiting += bytes;
    waiting.bytes += bytes;
  };
  const limit = (): number => (waiting.bytes > much ? fullOfMany : full);
  const idle = (): boolean => begun.length === 0 && head === packets.length;

  const take = (bytes: Uint8Array, at: number, length: number): void => {
    const saysAlive = isAlive(bytes[at + controlHeaderBytes]);
    if (saysAlive && aliveAllowance.take(clock())) {
      for (const message of decodeControl(bytes.subarray(at, at + length))) {
        if (message.type === 'hello' || message.type === 'ihu') control(message);
        else begun.push(message);
      }
      if (begun.length > 0) wait();
      return;
    }
    if (idle()) {
      begun = decodeControl(bytes.subarray(at, at + length));
      let done = 0;
      while (done < begun.length && allowance.take(clock())) control(begun[done++] as ControlMessage);
      begun = done === begun.length ? [] : begun.slice(done);
      if (begun.length > 0) wait();
      return;
    }
    packets.push(bytes.slice(at, at + length));
    count(length + overhead);
  };

  let waits = false;
  const wait = (): void => {
    if (waits) return;
    waits = true;
    turns.wait(serve);
  };

  const serve = (): boolean => {
    for (let done = 0; done < perTurn && !stopped; ) {
      const message = begun.shift();
      if (message !== undefined) {
        control(message);
        done++;
        continue;
      }
      const packet = packets[head];
      if (packet === undefined) break;
      head++;
      count(-packet.length - overhead);
      begun = decodeControl(packet);
      // Even one that says nothing is work.
      done++;
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
      packets = [];
      head = 0;
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
    costly: () => !idle() || allowance.spent() || aliveAllowance.spent(),
    stop() {
      stopped = true;
      count(-bytesWaiting);
      packets = [];
      begun = [];
      head = 0;
    },
  };
}

function isAlive(type: number | undefined): boolean {
  return type === helloType || type === ihuType;
}
