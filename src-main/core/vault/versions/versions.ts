import type { Core, Session } from '../core.ts';
import type { Snapshot } from '../format/snapshot.ts';
import { mustKeep } from '../store/fork.ts';
import type { Tree } from '../tree.ts';
import { forgetSnapshots, forgetUnfinished, freeSpace } from './forget.ts';
import { changedSince, snapshotsOf, takeSnapshot } from './take.ts';
import { defaultPolicy, type SnapshotPolicy, thinned } from './thin.ts';
import { viewOf } from './view.ts';

/** Views kept while somebody looks into snapshots. */
const mostViews = 2;
const minute = 60_000;
/** After an unlock, before the first look whether a snapshot is due. */
const settleMs = 2 * minute;

export interface Versions {
  list(session: Session): Snapshot[];
  /** The names as a snapshot sees them. */
  view(session: Session, number: number): Promise<Tree>;
  take(session: Session, name: string, signal: AbortSignal): Promise<Snapshot>;
  /** @returns bytes freed on all places */
  forget(session: Session, numbers: readonly number[], signal: AbortSignal): Promise<number>;
  /** Nothing is taken or forgotten while `work` runs. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  policy(): SnapshotPolicy;
  configure(policy: SnapshotPolicy): void;
  /** Take snapshots by itself from now on, while unlocked. */
  start(): void;
  stop(): Promise<void>;
}

/** Takes, thins and shows snapshots, one thing at a time. */
export function createVersions(core: Core): Versions {
  let tail: Promise<unknown> = Promise.resolve();
  let views: { session: Session; number: number; tree: Promise<Tree> }[] = [];
  let cancel: (() => void) | null = null;
  let stopped = true;

  core.onLock(() => {
    views = [];
  });

  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = tail.then(work);
    tail = next.catch(() => {});
    return next;
  };

  const policy = (): SnapshotPolicy => {
    const row = core.opened().catalogue.one<{ policy: string | null }>('SELECT policy FROM snapshot_state');
    return row?.policy ? { ...defaultPolicy, ...(JSON.parse(row.policy) as Partial<SnapshotPolicy>) } : defaultPolicy;
  };

  /** Take one if it is due, and let go of those that are not to be kept any longer. */
  const tend = async (session: Session): Promise<void> => {
    const rules = policy();
    forgetUnfinished(core, session);
    const now = core.deps.host.now();
    const newest = snapshotsOf(session).at(-1)?.snapshot;
    // A clock that was set back must not keep them away.
    const age = newest ? Math.abs(now - newest.at) : Number.POSITIVE_INFINITY;
    if (rules.every !== null && age >= rules.every * minute && changedSince(session)) {
      await takeSnapshot(core, session, { automatic: true, name: '' }, session.signal);
    }
    const goes = thinned(
      snapshotsOf(session).map(({ snapshot }) => snapshot),
      rules,
    );
    if (goes.length === 0 || (await mustKeep(session.engine))) return;
    views = views.filter(({ number }) => !goes.includes(number));
    forgetSnapshots(core, session, goes);
    await freeSpace(session, session.signal);
  };

  const wake = (ms: number): void => {
    cancel?.();
    if (stopped) return;
    cancel = core.deps.host.setTimer(ms, () => {
      cancel = null;
      const session = core.current();
      const tending = session && !session.signal.aborted ? alone(() => tend(session)) : Promise.resolve();
      tending
        .catch((error: unknown) => {
          if (!session?.signal.aborted) core.deps.log.warn({ error: String(error) }, 'no snapshot could be taken');
        })
        .finally(() => wake(5 * minute));
    });
  };

  return {
    alone,
    policy,
    list: (session) => snapshotsOf(session).map(({ snapshot }) => snapshot),
    view(session, number) {
      const known = views.find((view) => view.session === session && view.number === number);
      if (known) return known.tree;
      const tree = viewOf(session, number, session.signal);
      const made = { session, number, tree };
      views = [made, ...views].slice(0, mostViews);
      tree.catch(() => {
        views = views.filter((view) => view !== made);
      });
      return tree;
    },
    take: (session, name, signal) =>
      alone(async () => {
        forgetUnfinished(core, session);
        return takeSnapshot(core, session, { automatic: false, name }, AbortSignal.any([signal, session.signal]));
      }),
    forget: (session, numbers, signal) =>
      alone(async () => {
        views = views.filter(({ number }) => !numbers.includes(number));
        forgetSnapshots(core, session, numbers);
        return freeSpace(session, signal);
      }),
    configure(next) {
      core.opened().catalogue.run('UPDATE snapshot_state SET policy = ?', JSON.stringify(next));
      wake(minute);
    },
    start() {
      stopped = false;
      wake(settleMs);
    },
    async stop() {
      stopped = true;
      cancel?.();
      cancel = null;
      views = [];
      await tail;
    },
  };
}
