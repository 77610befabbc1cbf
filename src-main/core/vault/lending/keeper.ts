import type { Worker } from 'node:worker_threads';
import type { Host, Logger } from '#core/host.ts';
import type { StorageView } from '../zdb-server/thread/protocol.ts';
import { type ServerThread, startServerThread } from '../zdb-server/thread/server-thread.ts';

/** Keeps the server of what is lent running: starts it again when its thread ended by itself. */
export interface Keeper {
  /** Null while it does not run. */
  running(): ServerThread | null;
  /** @throws Fail IN_USE, or what kept it from opening */
  open(directory: string, localPort: number | null): Promise<ServerThread>;
  close(): Promise<void>;
  /** What the server holds, as it last said; null while it does not run. */
  view(): Promise<StorageView | null>;
  /** It does not answer. */
  stuck(): boolean;
  /** How often it was started again, and when last. */
  restarts(): { readonly count: number; readonly last: number };
}

export interface KeeperDeps {
  readonly host: Pick<Host, 'now' | 'setTimer'>;
  readonly log: Logger;
  /** Start it again; called once for each time it ended, after a pause that grows when that happens often. */
  readonly again: () => void;
  /** Tests end the thread from outside. */
  readonly made?: (worker: Worker) => void;
}

const connectionsMost = 256;
const memoryMost = 128 * 1024 * 1024;
/** Small enough that clearing a file away is soon done. */
const datasize = 64 * 1024 * 1024;
/** Who asks what is lent waits no longer than this for a server that is busy with its disk. */
const viewMs = 2_000;
const pause = { first: 1_000, most: 60_000 } as const;
/** After so long without ending, it is not taken for one that ends again and again. */
const steadyMs = 600_000;

export function createKeeper({ host, log, again, made }: KeeperDeps): Keeper {
  let thread: ServerThread | null = null;
  let seen: StorageView | null = null;
  let stuck = false;
  let count = 0;
  let last = 0;
  let wait = 0;
  let cancel = (): void => {};

  const died = (error: Error): void => {
    thread = null;
    seen = null;
    const now = host.now();
    log.error({ error: String(error.stack ?? error) }, 'the server of the storage that is lent ended by itself');
    if (now - last > steadyMs) wait = 0;
    count++;
    last = now;
    cancel();
    if (wait === 0) again();
    else cancel = host.setTimer(wait, again);
    wait = wait === 0 ? pause.first : Math.min(wait * 2, pause.most);
  };

  return {
    running: () => thread,
    stuck: () => stuck,
    restarts: () => ({ count, last }),
    async open(directory, localPort) {
      cancel();
      const bounds = { datasize, connections: connectionsMost, memory: memoryMost };
      const { setTimer } = host;
      const opened = await startServerThread(
        { directory, localPort, ...bounds },
        {
          ...{ log, setTimer, died },
          ...(made === undefined ? {} : { made }),
        },
      );
      thread = opened;
      stuck = false;
      return opened;
    },
    async close() {
      cancel();
      const was = thread;
      thread = null;
      seen = null;
      await was?.close();
    },
    async view() {
      if (thread === null) return null;
      const asked = thread;
      let overdue = (): void => {};
      const late = new Promise<null>((resolve) => {
        overdue = host.setTimer(viewMs, () => resolve(null));
      });
      const answer = await Promise.race([asked.call.view().catch(() => null), late]);
      overdue();
      if (thread !== asked) return null;
      stuck = answer === null;
      seen = answer ?? seen;
      return seen;
    },
  };
}
