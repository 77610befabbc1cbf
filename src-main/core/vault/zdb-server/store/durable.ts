import { createSettler } from '#core/store/sync-log.ts';
import type { Position } from '../layout/cursor.ts';
import { deleted, indexFlagsAt } from '../layout/records.ts';
import type { StoreBase } from './base.ts';

/** Makes what was written durable, and marks what was superseded by it. */
export interface Durability {
  /** Something was written. */
  touched(): void;
  /** Mark a record deleted now. @throws the system's error */
  markNow(position: Position): void;
  /** Mark a record superseded once what was written so far is durable. */
  markLater(position: Position): void;
  /** All that was written so far is durable. */
  settled(): Promise<void>;
  /** The same, and the marks of all that was superseded so far are durable. @returns false where some could not be made */
  settledMarks(): Promise<boolean>;
  close(): Promise<void>;
}

/** Marks not yet made that are held at most; more make a sync due. */
const marksMost = 10_000;

export function createDurability(base: StoreBase): Durability {
  const { disk, files, options } = base;
  let marks: Position[] = [];
  /** Marks the disk refused. */
  let unmade: Position[] = [];
  let cancelTimer: (() => void) | null = null;

  const markNow = (position: Position): void => {
    disk.write(files.open('i', position.file), [Uint8Array.of(deleted)], position.offset + indexFlagsAt);
    files.touched('i', position.file);
  };
  const syncAll = async (): Promise<void> => {
    if (base.broken !== null) throw base.broken;
    const due = unmade.length === 0 ? marks : [...unmade, ...marks];
    marks = [];
    unmade = [];
    const held = files.takeUnsynced();
    try {
      // Durable data without its index record is cut off at the next start, and so is the other way round.
      await Promise.all(held.map(({ file }) => disk.sync(file)));
    } catch (error) {
      // What the system gave up writing it may forget: only reading it all again tells what is there.
      base.broken = error as Error;
      base.fault('data', error);
      throw error;
    } finally {
      for (const { release } of held) release();
    }
    let made = 0;
    try {
      for (; made < due.length; made++) markNow(due[made] as Position);
    } catch (error) {
      // A superseded record without its mark is found and marked at the next start, as long as what superseded it is there.
      base.fault('index', error);
      unmade = due.slice(made);
    }
  };
  const settler = createSettler(syncAll);

  return {
    markNow,
    markLater: (position) => void marks.push(position),
    touched() {
      settler.touched();
      if (options.sync.kind === 'interval') {
        cancelTimer ??= options.setTimer(options.sync.ms, () => {
          cancelTimer = null;
          settler.settled().catch(() => {});
        });
      }
      if (marks.length > marksMost) settler.settled().catch(() => {});
    },
    settled: () => settler.settled(),
    async settledMarks() {
      // The first makes them, the second makes them durable.
      for (let round = 0; round < 2; round++) {
        settler.touched();
        await settler.settled();
      }
      return unmade.length === 0;
    },
    async close() {
      cancelTimer?.();
      await settler.settled();
      // The marks of what was superseded last.
      settler.touched();
      await settler.settled();
    },
  };
}
