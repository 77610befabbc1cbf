import type { Host, Logger } from '#core/host.ts';
import type { StoredRoom } from './stored.ts';

/** Timers of the system do not wait longer. */
const longestMs = 86_400_000;
/**
 * A room whose end has come by the clock is deleted when the clock has said so for this long: one that was wrong for a moment, after a
 * start perhaps, costs nobody their pieces.
 */
export const sureMs = 3_600_000;
/** How soon after one that could not be ended, or may not yet, it is looked at again. */
const againMs = 60_000;

export interface EndTimesDeps {
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  readonly rooms: () => readonly StoredRoom[];
  readonly end: (room: StoredRoom) => Promise<void>;
  readonly changed: () => void;
  readonly inTurn: (work: () => Promise<void>) => Promise<void>;
}

/** Ends rooms when they were said to end. */
export interface EndTimes {
  /** Look at what is due, now and from now on; never throws. */
  start(): Promise<void>;
  /** Some end may be another now. */
  wait(): void;
  stop(): void;
}

export function createEndTimes({ host, log, rooms, end, changed, inTurn }: EndTimesDeps): EndTimes {
  /** By grant, of those whose end has come: whether the clock has said so for long enough, and how to wait no longer for that. */
  const over = new Map<string, { sure: boolean; readonly cancel: () => void }>();
  let stopped = false;
  let cancelTimer = (): void => {};

  const wait = (least = 1000): void => {
    cancelTimer();
    const times = rooms().flatMap(({ until }) => (until === null ? [] : [until]));
    if (stopped || times.length === 0) return;
    const ms = Math.min(longestMs, Math.max(least, Math.min(...times) - host.now()));
    cancelTimer = host.setTimer(ms, () => void due());
  };

  const due = (): Promise<void> =>
    inTurn(async () => {
      if (stopped) return;
      const now = rooms().filter(({ until }) => until !== null && until <= host.now());
      for (const [grant, { cancel }] of over) {
        if (now.some((room) => room.grant === grant)) continue;
        cancel();
        over.delete(grant);
      }
      let ended = 0;
      for (const room of now) {
        const { grant } = room;
        const known = over.get(grant);
        if (known === undefined) {
          const one = { sure: false, cancel: host.setTimer(sureMs, () => sure()) };
          const sure = (): void => {
            one.sure = true;
            void due();
          };
          over.set(grant, one);
        } else if (known.sure) {
          try {
            await end(room);
            over.delete(grant);
            ended++;
          } catch (error) {
            // A full disk, perhaps: the room stays until it can be written down that it ended.
            log.warn({ error: String(error), grant }, 'a room whose end has come could not be ended yet');
          }
        }
      }
      if (ended > 0) changed();
      wait(againMs);
    });

  return {
    start() {
      stopped = false;
      return due();
    },
    wait: () => wait(),
    stop() {
      stopped = true;
      cancelTimer();
      for (const { cancel } of over.values()) cancel();
      over.clear();
    },
  };
}
