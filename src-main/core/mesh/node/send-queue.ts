import type { Room } from '../forward/ports.ts';
import type { ControlBound, Held } from './control-bound.ts';
import { type Gathering, gatherMs } from './gathering.ts';
import type { Connection } from './transport.ts';

/*
 * What waits to leave on one link. Control goes ahead of data and is never dropped: who takes none any more
 * loses the link. Data beyond the bound is dropped, and handed to the connection only while that holds little, so that control
 * queued later does not stand behind megabytes.
 *
 * Packets of one turn of the event loop leave in one write: system calls, not bytes, are what sending costs. Control that follows
 * other control closely waits a little for more, unless a clock runs on it: in a storm of routes every turn has some.
 */

export interface SendQueue {
  /** Copy data packets in, 128 kB at most. @returns false when there is no room: they are dropped */
  data(bytes: Uint8Array, at: number, length: number): boolean;
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

interface Batch {
  readonly batch: Uint8Array;
  used: number;
}

export interface SendQueueLimits {
  /** Bytes of data in wait at most. */
  readonly data: number;
  /** Bytes of control in wait that say the peer takes nothing any more: the link is then closed. */
  readonly control: number;
}

export const defaultSendLimits: SendQueueLimits = { data: 2 * 1024 * 1024, control: 16 * 1024 * 1024 };

const batchBytes = 256 * 1024;
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

export function createSendQueue(
  connection: Connection,
  pool: BatchPool,
  overrun: () => void,
  limits: SendQueueLimits = defaultSendLimits,
  gathering: Gathering | null = null,
  bound: ControlBound | null = null,
): SendQueue {
  let controls: Row[] = [];
  let controlBytes = 0;
  /** Of these, what was written, and in how many pieces. */
  let writtenBytes = 0;
  let writes = 0;
  /** Full batches in wait, and the one being filled. */
  const batches: Batch[] = [];
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
    for (const { batch } of batches) pool.give(batch);
    batches.length = 0;
    controls = [];
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
    while (batches.length > 0 && connection.buffered() < lowWater) {
      const { batch, used } = batches.shift() as { batch: Uint8Array; used: number };
      connection.write(batch.subarray(0, used), () => {
        dataBytes -= used;
        pool.give(batch);
      });
    }
  };

  const schedule = (): void => {
    if (scheduled || stopped) return;
    scheduled = true;
    setImmediate(flush);
  };

  const gathered = (): void => {
    if (!gathers) return;
    gathers = false;
    flush();
  };

  /** The batch that takes so many more bytes. */
  const place = (length: number): Batch | null => {
    if (stopped || dataBytes + length > limits.data) return null;
    const last = batches.at(-1);
    if (last !== undefined && last.used + length <= last.batch.length) return last;
    const made = { batch: pool.take(), used: 0 };
    batches.push(made);
    return made;
  };

  const filled = (last: Batch, length: number): void => {
    last.used += length;
    dataBytes += length;
    schedule();
  };

  return {
    data(bytes, at, length) {
      const last = place(length);
      if (last === null) return false;
      last.batch.set(bytes.subarray(at, at + length), last.used);
      filled(last, length);
      return true;
    },
    room(length) {
      const last = place(length);
      if (last === null) return null;
      room.bytes = last.batch;
      room.at = last.used;
      return room;
    },
    filled(length) {
      const last = batches.at(-1);
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
      if (gathering === null || urgent || (controls.length === 1 && gathering.now() - toldAt >= gatherMs)) {
        gathers = false;
        schedule();
      } else if (!gathers && !scheduled) {
        gathers = true;
        gathering.add(gathered);
      }
    },
    drained: schedule,
    backlog: () => controlBytes + dataBytes,
    stop,
  };
}
