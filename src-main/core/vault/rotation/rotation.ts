import type { TaskContext } from '#core/broker/handlers.ts';
import type { Core, Session } from '../core.ts';
import { locked } from '../failures.ts';
import { lastEpoch } from '../format/keys.ts';
import { behindNow, resealPlaces, rewrapPacks } from './rewrap.ts';

export interface Rotated {
  readonly epoch: number;
  /** Packs whose keys were wrapped anew. */
  readonly packs: number;
  /** Copies of the catalogue under earlier keys that lie on places which are away, and go when those are back. */
  readonly oldCopies: number;
}

type Progress = Pick<TaskContext, 'signal' | 'step' | 'progress'>;

/**
 * A new epoch of keys (docs/formats/vault.md, "Keys"). From its first line on everything new is under the new keys; then the keys of
 * old packs are wrapped anew, what opens the places is sealed anew and the catalogue is copied to the places anew. Whatever step
 * a kill comes at, both kinds can be read, and the next unlock goes on with what is left.
 */
export function createRotation(core: Core) {
  /** One at a time: two would wrap the same keys twice. */
  let tail: Promise<unknown> = Promise.resolve();
  let stopping = new AbortController();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = tail.then(work);
    tail = mine.catch(() => {});
    return mine;
  };

  const finish = async (session: Session, { signal, step, progress }: Progress): Promise<number> => {
    const { catalogue, engine, keys, packs, publisher } = session;
    const all = behindNow(catalogue, keys).packs;
    step('wrap', 'Wrapping the keys of what is stored', { total: all, unit: 'items' });
    let done = 0;
    for (let round = 0; round < 2; round++) {
      const result = await rewrapPacks(engine, keys, signal, (n) => progress(Math.min(all, done + n)));
      done += result.done;
      // What was begun before the epoch, and stored behind our back.
      await packs.written();
    }
    if (resealPlaces(engine, keys) > 0) await core.rememberPlaces();
    step('copy', 'Copying the catalogue to the places');
    signal.throwIfAborted();
    if (behindNow(catalogue, keys).copies > 0) await publisher.publishBase();
    else await publisher.publish();
    core.deps.probe?.('rotated');
    return done;
  };

  return {
    /** @throws Fail LOCKED, NO_VAULT; as {@link Publisher.publish} when the places cannot be told: it goes on at the next unlock */
    rotate: (context: Progress): Promise<Rotated> =>
      alone(async () => {
        const session = await core.session();
        const { catalogue, keys } = session;
        const signal = AbortSignal.any([context.signal, session.signal, stopping.signal]);
        const epoch = Math.min(lastEpoch, catalogue.epoch() + 1);
        context.step('begin', 'Beginning a new epoch of keys');
        catalogue.run('UPDATE vault SET epoch = ?', epoch);
        keys.begin(epoch);
        core.deps.probe?.('epoch-begun');
        const packs = await finish(session, { ...context, signal });
        core.changed([]);
        const old = `SELECT count(*) AS n FROM packs WHERE kind <> 0 AND state = 'dead' AND epoch < ?`;
        return { epoch, packs, oldCopies: catalogue.one<{ n: number }>(old, epoch)?.n ?? 0 };
      }),
    /** Go on with what a kill broke off, or bring a vault of an earlier release to the present format. @returns packs done */
    goOn: (session: Session): Promise<number> =>
      alone(async () => {
        const { packs, copies, places } = behindNow(session.catalogue, session.keys);
        if (packs + copies + places === 0) return 0;
        const signal = AbortSignal.any([session.signal, stopping.signal]);
        return finish(session, { signal, step: () => {}, progress: () => {} });
      }),
    start(): void {
      stopping = new AbortController();
    },
    /** Stops after the transaction that is under way; the next unlock goes on. */
    async stop(): Promise<void> {
      stopping.abort(locked());
      await tail;
    },
  };
}
