import type { Room } from '../forward/ports.ts';
import type { ControlBound, Held } from './control-bound.ts';
import { type Gathering, gatherMs } from './gathering.ts';
import type { Lease } from './read-buffers.ts';
import type { Connection } from './transport.ts';
import { never, type WriteTurns } from './write-turns.ts';

/*
 * What waits to leave on one link. Control goes ahead of data and is never dropped: who takes none any more
 * loses the link. Data beyond the bound is dropped, and handed to the connection only while that holds little, so that control
 * queued later does not stand behind megabytes.
 *
 * Packets of one turn of the event loop leave in one write (node/write-turns.ts says when): system calls, not bytes, are what
 * sending costs. Control that follows other control closely waits a little for more, unless a clock runs on it: in a storm of
 * routes every turn has some.
 */

export interface SendQueue {
  /**
   * Copy data packets in, 256 kB at most; or, where they are many and there is a lease on their bytes, have them leave from
   * where they are.
   *
   * @returns false when there is no room: they are dropped
   */
  data(bytes: Uint8Array, at: number, length: number, lease?: Lease): boolean;
  /**
   * Room for one data packet behind what waits, to be built where it will leave from; {@link SendQueue.filled} makes it part
   * of what waits. @returns null when there is none: the packet is dropped. The object is used again by the next call.
   */
  room(length: number): Room | null;
  filled(length: number): void;
  /**
   * Take control packets over, which nobody changes any more; those that lie behind each other leave in one piece.
   *
   * @param urgent whether they leave in this turn, with all that waits
   */
  control(bytes: Uint8Array, at?: number, length?: number, urgent?: boolean): void;
  /** The connection took everything so far. */
  drained(): void;
  /** Bytes in wait, here and in the connection. */
  backlog(): number;
  stop(): void;
}

/** Control packets, one behind the other. */
interface Row {
  readonly bytes: Uint8Array;
  readonly at: number;
  end: number;
}

function viewOf({ bytes, at, end }: Row): Uint8Array {
  return bytes.subarray(at, end);
}

/** Data packets, one behind the other. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly at: number;
  length: number;
  /** On the bytes; null when they are a batch of the pool, to which more may be added. */
  readonly lease: Lease | null;
}

export interface SendQueueLimits {
  /** Bytes of data in wait at most. */
  readonly data: number;
  /** Bytes of control in wait that say the peer takes nothing any more: the link is then closed. */
  readonly control: number;
}

export const defaultSendLimits: SendQueueLimits = { data: 2 * 1024 * 1024, control: 16 * 1024 * 1024 };

const batchBytes = 256 * 1024;
/** Fewer bytes are copied: a write of their own costs more, and would keep a whole read buffer from being read into again. */
const worthLease = 32 * 1024;
/** The connection gets more data while it holds less than this. */
const lowWater = 256 * 1024;

/** What one write costs besides its bytes while it waits, about: many of them are smaller than that. */
const writeOverhead = 300;

export interface BatchPool {
  take(): Uint8Array;
  give(batch: Uint8Array): void;
}

/** Batches are shared by all links: an idle one holds none. */
export function createBatchPool(most = 64): BatchPool {
  const free: Uint8Array[] = [];
  return {
    take: () => free.pop() ?? new Uint8Array(Buffer.allocUnsafeSlow(batchBytes).buffer),
    give(batch) {
      if (free.length < most) free.push(batch);
    },
  };
}

/** What the queues of many links have together. */
export interface Together {
  readonly gathering?: Gathering;
  readonly bound?: ControlBound;
  /** Without it everything leaves at the end of its turn of the event loop. */
  readonly turns?: WriteTurns;
}

export function createSendQueue(
  connection: Connection,
  pool: BatchPool,
  overrun: () => void,
  limits: SendQueueLimits = defaultSendLimits,
  { gathering, bound, turns }: Together = {},
): SendQueue {
  let controls: Row[] = [];
  let controlBytes = 0;
  /** Of these, what was written, and in how many pieces. */
  let writtenBytes = 0;
  let writes = 0;
  /** In wait; the last may be a batch that is being filled. */
  const pieces: Piece[] = [];
  /** What of the bytes on lease was last queued, and pieces in wait of it and of the one before. */
  const leased = { last: null as Lease | null, pieces: 0, before: 0 };
  const room = { bytes: new Uint8Array(0) as Uint8Array, at: 0 };
  let dataBytes = 0;
  let scheduled = false;
  let stopped = false;
  /** Control waits for more. */
  let gathers = false;
  let toldAt = Number.NEGATIVE_INFINITY;

  const stop = (): void => {
    stopped = true;
    bound?.leave(held);
    for (const piece of pieces) {
      dataBytes -= piece.length;
      giveBack(piece);
    }
    pieces.length = 0;
    controls = [];
  };

  const giveBack = ({ bytes, lease }: Piece): void => {
    if (lease === null) pool.give(bytes);
    else {
      if (leased.before > 0) leased.before--;
      else leased.pieces--;
      // Nothing keeps a megabyte alive that nobody reads into any more.
      if (leased.before + leased.pieces === 0) leased.last = null;
      lease.release();
    }
  };

  /** Two read buffers at most wait for one link: they are few. */
  const mayKeep = (lease: Lease): boolean => {
    if (leased.last !== lease) {
      if (leased.before > 0) return false;
      leased.before = leased.pieces;
      leased.pieces = 0;
      leased.last = lease;
    }
    leased.pieces++;
    return true;
  };

  const giveUp = (): void => {
    stop();
    overrun();
  };

  const held: Held = { bytes: 0, giveUp };
  bound?.enter(held);
  /** Written bytes that the system has taken do not wait, though we may not have been told yet. */
  const settleHeld = (): void =>
    bound?.set(held, Math.min(writtenBytes, connection.buffered()) + writes * writeOverhead);

  const flush = (): void => {
    scheduled = false;
    if (stopped) return;
    if (controls.length > 0 && !gathers) {
      toldAt = gathering?.now() ?? 0;
      const [first] = controls;
      // What has to wait is copied: else who reads nothing would keep all that others were told alive with it.
      const alone = controls.length === 1 && connection.buffered() === 0;
      const packets = alone && first !== undefined ? viewOf(first) : Buffer.concat(controls.map(viewOf));
      controls = [];
      const size = packets.length;
      writtenBytes += size;
      writes++;
      connection.write(packets, () => {
        controlBytes -= size;
        writtenBytes -= size;
        writes--;
        settleHeld();
      });
      settleHeld();
    }
    while (pieces.length > 0 && connection.buffered() < lowWater) write(pieces.shift() as Piece);
  };

  const write = (piece: Piece): void => {
    let waits = true;
    const gone = (): void => {
      if (!waits) return;
      waits = false;
      dataBytes -= piece.length;
      giveBack(piece);
    };
    const { bytes, at, length } = piece;
    if (connection.write(bytes.subarray(at, at + length), gone)) gone();
  };

  const writer = { wroteIn: never, flush };
  const schedule = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    if (turns === undefined) setImmediate(flush);
    else turns.add(writer);
  };

  const gathered = (): void => {
    if (!gathers) return;
    gathers = false;
    flush();
  };

  const fits = (length: number): boolean => !stopped && dataBytes + length <= limits.data;

  /** The batch that takes so many more bytes. */
  const place = (length: number): Piece | null => {
    if (!fits(length)) return null;
    const last = pieces.at(-1);
    if (last?.lease === null && last.length + length <= last.bytes.length) return last;
    const made = { bytes: pool.take(), at: 0, length: 0, lease: null };
    pieces.push(made);
    return made;
  };

  const filled = (last: Piece, length: number): void => {
    last.length += length;
    dataBytes += length;
    schedule();
  };

  return {
    data(bytes, at, length, lease) {
      if (lease !== undefined && length >= worthLease && fits(length) && mayKeep(lease)) {
        lease.hold();
        pieces.push({ bytes, at, length, lease });
        dataBytes += length;
        schedule();
        return true;
      }
      const last = place(length);
      if (last === null) return false;
      last.bytes.set(bytes.subarray(at, at + length), last.length);
      filled(last, length);
      return true;
    },
    room(length) {
      const last = place(length);
      if (last === null) return null;
      room.bytes = last.bytes;
      room.at = last.length;
      return room;
    },
    filled(length) {
      const last = pieces.at(-1);
      if (last !== undefined) filled(last, length);
    },
    control(bytes, at = 0, length = bytes.length, urgent = false) {
      if (stopped) return;
      const last = controls.at(-1);
      if (last !== undefined && last.bytes === bytes && last.end === at) last.end += length;
      else controls.push({ bytes, at, end: at + length });
      controlBytes += length;
      if (controlBytes > limits.control) {
        giveUp();
        return;
      }
      if (gathering === undefined || urgent || (controls.length === 1 && gathering.now() - toldAt >= gatherMs)) {
        gathers = false;
        schedule();
      } else if (!gathers && !scheduled) {
        gathers = true;
        gathering.add(gathered);
      }
    },
    drained() {
      if (pieces.length > 0 || controls.length > 0) schedule();
    },
    backlog: () => controlBytes + dataBytes,
    stop,
  };
}
