import type { Core, Opened } from '../core.ts';
import { noteLostShards } from '../store/lost-shards.ts';
import { type Auditor, createAuditor } from './audit.ts';
import { createShardCheck } from './check-shard.ts';
import { inTime } from './in-time.ts';
import { removeLeftovers } from './leftovers.ts';
import { createRepairs, type Repairs } from './mend.ts';
import { onBattery } from './power.ts';
import { departed, givingNotice, notePresence } from './presence.ts';
import { createRecords, type Records } from './records.ts';
import { createSpreader, type Spreader } from './spread.ts';
import { createWalker, isServer, type Walker } from './walk.ts';

const hourMs = 60 * 60_000;
const dayMs = 24 * hourMs;
/** How often there is something to do. */
const tickMs = 30_000;
/** Of that time it works so long at most: a fifth of one thread, and less of a disk. */
const workMs = 6_000;
/** After a pause of the whole computer no more than this counts as watched. */
const mostElapsedMs = 5 * 60_000;
/** It waits until nothing was stored or changed for so long, but not for ever. */
const quietMs = 5_000;
const patienceMs = 10 * 60_000;
/** What was seen of the places so long ago is true enough. */
const lookMs = 15_000;
/** How long a stop waits for what is under way: a mount that hangs must not keep anybody. */
const stopMs = 10_000;
/** Samples asked of a place in one go: the day's are through in an hour or less. */
const samplesAtOnce = 32;

export type UpkeepState = 'off' | 'locked' | 'busy' | 'battery' | 'on';

/** What one vault's upkeep is made of. */
export interface Parts {
  readonly opened: Opened;
  readonly records: Records;
  readonly walker: Walker;
  readonly auditor: Auditor;
  readonly repairs: Repairs;
  readonly spreader: Spreader;
}

export interface Upkeep {
  state(): UpkeepState;
  /** @throws Fail NO_VAULT */
  parts(): Parts;
  /** Nothing is done by itself while `work` runs. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Do what is due now. */
  tend(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

/**
 * What keeps files whole without anybody asking: all is read again by and by, servers prove daily that they have what they say, and what is
 * lost is made again. Only while the person's keys are here, and never in their way.
 */
export function createUpkeep(core: Core): Upkeep {
  const { host, log } = core.deps;
  let made: Parts | null = null;
  let tail: Promise<unknown> = Promise.resolve();
  let cancel: (() => void) | null = null;
  let stopped = true;
  /** Why it did nothing when its turn came last; null when it worked, or has not been asked yet. */
  let waits: 'busy' | 'battery' | null = null;
  let tendedAt: number | null = null;
  let changedAt = Number.NEGATIVE_INFINITY;
  let busySince: number | null = null;
  let here = '';
  /** Places that were given up and came back, until what is of no use there is gone. */
  const returned = new Set<string>();

  core.onChange((ids) => {
    if (ids.length > 0) changedAt = host.now();
  });

  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const next = tail.then(work);
    tail = next.catch(() => {});
    return next;
  };

  const parts = (): Parts => {
    const opened = core.opened();
    if (made?.opened !== opened) {
      const records = createRecords(opened.catalogue);
      const check = createShardCheck(opened.engine, opened.vault);
      const walker = createWalker(opened, records, check);
      const auditor = createAuditor(opened, records, check);
      made = {
        opened,
        records,
        walker,
        auditor,
        repairs: createRepairs(opened, records, walker),
        spreader: createSpreader(opened, records),
      };
    }
    return made;
  };

  /** The person stores, checks or moves something now. */
  const busy = (others: number): boolean =>
    core.working() > others ||
    (made?.opened.engine.slots.waiting() ?? 0) > 0 ||
    Math.abs(host.now() - changedAt) < quietMs;

  const mayWork = (): boolean => {
    if (!busy(0)) {
      busySince = null;
      return true;
    }
    busySince ??= host.now();
    if (Math.abs(host.now() - busySince) < patienceMs) return false;
    busySince = null;
    return true;
  };

  const elapsed = (): number => {
    const now = host.now();
    const passed = tendedAt === null ? 0 : now - tendedAt;
    tendedAt = now;
    // A clock that was set says nothing of how long it was.
    return Math.min(mostElapsedMs, Math.max(0, passed));
  };

  /** Places that can be used now: when there are more, what waited for one is tried again. */
  const seeWhoIsHere = ({ opened, repairs }: Parts): void => {
    const { places } = opened.engine;
    const now = places
      .writable()
      .map(({ id }) => id)
      .sort();
    const before = new Set(here.split(' '));
    if (now.some((id) => !before.has(id))) repairs.hasten();
    here = now.join(' ');
  };

  const work = async (all: Parts, passed: number, signal: AbortSignal): Promise<void> => {
    const { opened, records, walker, auditor, repairs, spreader } = all;
    const { places } = opened.engine;
    const settings = records.settings();
    const graceMs = settings.graceHours * hourMs;
    const began = host.now();
    const over = (): boolean => signal.aborted || stopped || Math.abs(host.now() - began) > workMs;
    const enough = (): boolean => over() || busy(1);
    const battery = (await onBattery()) === true;
    if (!battery && Math.abs(host.now() - records.counts().listed) >= dayMs) {
      // Files that somebody deleted from a disk show by their names, long before all of it was read.
      const lost = await noteLostShards(opened.engine, (place) => !isServer(place));
      records.count({ listed: host.now(), missing: lost });
      if (lost > 0) {
        records.event('found', '', lost, host.now());
        opened.engine.health.load();
      }
    }
    if (settings.repair) {
      const gone = departed(places, records, graceMs);
      for (const id of gone) {
        const place = places.get(id);
        if (place?.remakable && (await opened.maintenance.remake(place))) await places.lookAt(id);
      }
      seeWhoIsHere(all);
      const going = gone.union(givingNotice(places));
      repairs.collect(going);
      if ((await repairs.run(going, over)) > 0) core.changed([]);
    }
    waits = battery ? 'battery' : null;
    if (battery) return;
    for (const place of places.all()) {
      const { id } = place.row;
      if (enough()) return;
      if (!isServer(place) || !places.readable(id)) continue;
      const { planned } = records.place(id, host.now());
      if (planned === null || Math.abs(host.now() - planned) >= dayMs) await auditor.plan(id);
      if (auditor.left(id) > 0 && (await auditor.audit(place, samplesAtOnce, enough))) {
        const record = records.place(id, host.now());
        // What a sample finds lost is not all: the whole of the place is read soon.
        if (record.failed > 0 && record.hurry === 0) walker.restart(record, host.now(), true);
        core.changed([], false);
      }
    }
    for (const place of places.all()) {
      if (enough()) return;
      if (places.readable(place.row.id)) await walker.walk(place, passed, enough);
    }
    for (const id of returned) {
      const place = places.get(id);
      if (!place || !places.readable(id)) continue;
      await removeLeftovers(opened.engine, place, enough);
      if (enough()) return;
      returned.delete(id);
    }
    if (settings.spread && (await spreader.spread(passed, enough)) > 0) core.changed([]);
  };

  const tendNow = async (): Promise<void> => {
    const passed = elapsed();
    const session = core.current();
    if (!session || session.signal.aborted) {
      waits = null;
      return;
    }
    const all = parts();
    const settings = all.records.settings();
    const { places } = all.opened.engine;
    await places.refreshAfter(lookMs);
    for (const id of notePresence(places, all.records, passed, settings.graceHours * hourMs, host.now()))
      returned.add(id);
    if (!settings.on) return;
    if (!mayWork()) {
      waits = 'busy';
      return;
    }
    await core.whileWorking(() => work(all, passed, session.signal));
  };

  const tend = (): Promise<void> =>
    alone(() =>
      tendNow().catch((error: unknown) => {
        // A full disk, or a vault that closes: it is tried again.
        if (!stopped) log.warn({ error: String(error) }, 'the upkeep of the vault was broken off');
      }),
    );

  const wake = (): void => {
    if (stopped) return;
    cancel = host.setTimer(tickMs, () => {
      cancel = null;
      void tend().finally(wake);
    });
  };

  return {
    state() {
      if (!parts().records.settings().on) return 'off';
      if (core.current() === null) return 'locked';
      return waits ?? 'on';
    },
    parts,
    alone,
    tend,
    start() {
      stopped = false;
      wake();
    },
    async stop() {
      stopped = true;
      cancel?.();
      cancel = null;
      await inTime(host, stopMs, tail, () => undefined);
      made = null;
    },
  };
}
