import { statfs } from 'node:fs/promises';
import { equalBytes } from '#core/crypto/equal.ts';
import type { RoomError } from '../remote/friend/wire/messages.ts';
import { chargeOf, createRoomFiles, RoomAway, type Writing } from './room-files.ts';

/** What is said to the other side when something cannot be done. */
export class RoomRefusal extends Error {
  readonly error: RoomError;
  constructor(error: RoomError) {
    super(error);
    this.error = error;
  }
}

/** The disk below all rooms: what of it stays free for its owner, and what is being written to it now. */
export interface Disk {
  /** Free bytes that rooms may use. @throws when the disk is away */
  free(): Promise<number>;
  /** Bytes that were promised to writers and have not arrived. */
  pending: number;
}

/** @param reserve bytes that stay free whatever was agreed: a full disk hurts its owner first */
export function createDisk(directory: string, reserve: number, room: (path: string) => Promise<number> = freeAt): Disk {
  const disk: Disk = {
    free: async () => Math.max(0, (await room(directory)) - reserve - disk.pending),
    pending: 0,
  };
  return disk;
}

async function freeAt(path: string): Promise<number> {
  const { bavail, bsize } = await statfs(path);
  return bavail * bsize;
}

/** So many pieces at most, whatever their size: each is an entry of a directory that is read whole. */
const mostPieces = 1_000_000;

/** A piece that arrives. */
export interface Arriving {
  /** @throws RoomRefusal */
  take(bytes: Uint8Array): Promise<void>;
  readonly left: number;
  /** Make it durable and give it its name, unless nobody is there any more to hear of it. @throws RoomRefusal */
  keep(wanted: () => boolean): Promise<void>;
  giveUp(): Promise<void>;
}

export interface RoomLimits {
  /** Most bytes, now. */
  bytes(): number;
  /** Nothing new is taken. */
  closing(): boolean;
}

/** One room: its files, and never more of them than was agreed, whoever writes at once and whenever the power fails. */
export function createRoom(directory: string, disk: Disk, limits: RoomLimits) {
  const files = createRoomFiles(directory);
  let used = 0;
  let count = 0;
  /** Promised to what arrives. */
  let promised = 0;
  let arriving = 0;
  let ended = false;
  let measured: Promise<void> | null = null;
  const under = new Set<Arriving>();
  /** What changes which names there are, one after the other: what is used is counted by it. */
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work, work);
    last = mine.catch(() => {});
    return mine;
  };
  const ready = async (): Promise<void> => {
    if (ended) throw new RoomRefusal('refused');
    measured ??= files.measure().then(
      (found) => {
        used = found.used;
        count = found.count;
      },
      (error: unknown) => {
        // The disk may be back for the next.
        measured = null;
        throw error;
      },
    );
    await measured;
  };
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      await ready();
      return await work();
    } catch (error) {
      throw refusalOf(error);
    }
  };

  const receive = (writing: Writing, name: string, length: number, charge: number): Arriving => {
    let at = 0;
    let over = false;
    const release = (): void => {
      if (over) return;
      over = true;
      promised -= charge;
      disk.pending -= charge;
      arriving--;
      under.delete(one);
    };
    const one: Arriving = {
      get left() {
        return length - at;
      },
      async take(bytes) {
        if (over) throw new RoomRefusal('refused');
        if (bytes.length > length - at) throw new RoomRefusal('bad');
        try {
          for (let done = 0; done < bytes.length; ) {
            const { bytesWritten } = await writing.handle.write(bytes, done, bytes.length - done, at + done);
            done += bytesWritten;
          }
        } catch (error) {
          await one.giveUp();
          throw refusalOf(error);
        }
        at += bytes.length;
      },
      async keep(wanted) {
        try {
          if (over) throw new RoomRefusal('refused');
          await writing.handle.datasync();
          await writing.handle.close();
          await inTurn(async () => {
            // Ended meanwhile: what was promised is void.
            if (over || ended || !wanted()) throw new RoomRefusal('refused');
            const before = await files.lengthOf(name);
            await files.keep(writing, name);
            used += charge - (before === null ? 0 : chargeOf(before));
            if (before === null) count++;
            release();
          });
        } catch (error) {
          await one.giveUp();
          throw refusalOf(error);
        }
      },
      async giveUp() {
        release();
        await files.giveUp(writing);
      },
    };
    under.add(one);
    return one;
  };

  return {
    /** A piece is about to arrive. @throws RoomRefusal */
    begin: (name: string, length: number): Promise<Arriving> =>
      guarded(async () => {
        if (limits.closing()) throw new RoomRefusal('closing');
        const charge = chargeOf(length);
        const fits = (): boolean => used + promised + charge <= limits.bytes() && count + arriving < mostPieces;
        if (!fits() || (await disk.free()) < charge) throw new RoomRefusal('full');
        // Others may have been promised what there is while the disk was asked.
        if (!fits()) throw new RoomRefusal('full');
        promised += charge;
        disk.pending += charge;
        arriving++;
        try {
          const writing = await files.begin();
          if (!ended) return receive(writing, name, length, charge);
          await files.giveUp(writing);
          throw new RoomRefusal('refused');
        } catch (error) {
          promised -= charge;
          disk.pending -= charge;
          arriving--;
          throw error;
        }
      }),
    read: (name: string, offset: number, target: Uint8Array): Promise<boolean> =>
      guarded(() => files.read(name, offset, target)),
    size: (name: string): Promise<number | null> => guarded(() => files.lengthOf(name)),
    remove: (name: string): Promise<void> =>
      guarded(() =>
        inTurn(async () => {
          const before = await files.lengthOf(name);
          if (before === null) return;
          await files.remove(name);
          used -= chargeOf(before);
          count--;
        }),
      ),
    list: (of: string): Promise<string[]> => guarded(() => files.list(of)),
    settle: (): Promise<void> => guarded(() => files.settle()),
    mark: (): Promise<Uint8Array | null> => guarded(() => files.mark()),
    claim: (bytes: Uint8Array): Promise<boolean> => guarded(() => inTurn(() => files.claim(bytes))),
    /** @returns false when another mark is there */
    unclaim: (bytes: Uint8Array): Promise<boolean> =>
      guarded(() =>
        inTurn(async () => {
          const there = await files.mark();
          if (there !== null && !equalBytes(there, bytes)) return false;
          if (there !== null) await files.unclaim();
          return true;
        }),
      ),
    /** What was begun by others has come to its end: whoever looks now sees no name come by itself. */
    async quiet(): Promise<void> {
      await last;
    },
    /** Bytes used, and those that may yet be. @throws RoomRefusal */
    state: (): Promise<{ used: number; free: number; count: number }> =>
      guarded(async () => {
        await files.here();
        const left = Math.max(0, limits.bytes() - used - promised);
        return { used, count, free: limits.closing() ? 0 : Math.min(left, await disk.free()) };
      }),
    /** Nothing more is done for anybody; what arrives is dropped. */
    async end(): Promise<void> {
      ended = true;
      await Promise.all([...under].map((one) => one.giveUp()));
      await last;
    },
  };
}
export type Room = ReturnType<typeof createRoom>;

function refusalOf(error: unknown): RoomRefusal {
  if (error instanceof RoomRefusal) return error;
  if (error instanceof RoomAway) return new RoomRefusal('away');
  const { code } = error as { code?: unknown };
  return new RoomRefusal(code === 'ENOSPC' || code === 'EDQUOT' ? 'full' : 'disk');
}
