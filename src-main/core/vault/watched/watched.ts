import { hostname } from 'node:os';
import type { Core, Session } from '../core.ts';
import type { WatchedRecord } from './record.ts';
import { createRunner, type Runner } from './runner.ts';
import { dropWatched, saveWatched, watchedIn } from './store.ts';

export interface WatchedFolders {
  start(): void;
  stop(): Promise<void>;
  list(session: Session): Map<string, WatchedRecord>;
  /** Null while it is paused, or not begun yet. */
  runner(id: string): Runner | null;
  /** Keep this from now on, in the place of what was kept under the id. */
  set(session: Session, id: string, record: WatchedRecord): Promise<void>;
  drop(session: Session, id: string): Promise<void>;
}

/** Every watched folder that is not paused has a runner while the vault is unlocked, and none else. */
export function createWatchedFolders(core: Core): WatchedFolders {
  const device = hostname().split('.')[0] ?? '';
  let runners = new Map<string, Runner>();
  let of: Session | null = null;
  let stopped = true;
  let stopping: Promise<unknown> = Promise.resolve();

  const begin = (session: Session, id: string, record: WatchedRecord): void => {
    if (record.paused || session.signal.aborted || runners.has(id)) return;
    const changed = (): void => core.changed([], false);
    runners.set(id, createRunner({ core, session, id, record, device, changed }));
  };
  const end = async (id: string): Promise<void> => {
    const runner = runners.get(id);
    runners.delete(id);
    await runner?.stop();
  };
  const endAll = (): void => {
    const all = [...runners.values()];
    runners = new Map();
    of = null;
    stopping = Promise.all([stopping, ...all.map((runner) => runner.stop())]);
  };

  core.onLock(endAll);
  core.onChange((ids) => {
    const session = core.current();
    if (stopped || !session || session.signal.aborted) return;
    if (of !== session) {
      endAll();
      of = session;
      for (const [id, record] of watchedIn(session)) begin(session, id, record);
    } else if (ids.length > 0) for (const runner of runners.values()) runner.hint();
  });
  /** A session that opened before anything changed in it. */
  const catchUp = async (): Promise<void> => {
    const session = await core.session().catch(() => null);
    if (session && of !== session && !stopped) core.changed([], false);
  };

  return {
    start() {
      stopped = false;
      core.deps.keys.onChange(() => void catchUp());
      void catchUp();
    },
    async stop() {
      stopped = true;
      endAll();
      await stopping;
    },
    list: watchedIn,
    runner: (id) => runners.get(id) ?? null,
    async set(session, id, record) {
      await end(id);
      saveWatched(session, core.deps.host.random, id, record);
      of = session;
      begin(session, id, record);
      core.changed([], false);
    },
    async drop(session, id) {
      await end(id);
      dropWatched(session, id);
      core.changed([], false);
    },
  };
}
