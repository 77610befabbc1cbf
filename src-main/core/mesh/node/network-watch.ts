import { networkInterfaces } from 'node:os';

export interface NetworkWatchDeps {
  /** Addresses this computer has now, on interfaces that work. */
  readonly addresses: () => ReadonlySet<string>;
  /** Milliseconds on a clock that never goes back, and that may stand still while the computer sleeps. */
  readonly clock: () => number;
  /** The time of day, milliseconds: compared with the other clock it tells of sleep. To set it is taken for sleep too. */
  readonly timeOfDay: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  /** The network is another one, or the computer slept. @param gone addresses that it had and has no more */
  readonly changed: (gone: ReadonlySet<string>) => void;
}

/** Often enough for people who carry a laptop from one network to another; a look takes tens of microseconds. */
const interval = 2_000;
/** A look that comes so late was slept through, or as good as. */
const sleptFor = 10_000;

/**
 * Looks whether the computer still has the addresses it had. The system tells a TCP connection nothing when its address or its
 * cable is gone: left alone, a link that leads nowhere takes two Hellos, up to 43 s, to be missed.
 */
export function watchNetwork(deps: NetworkWatchDeps): { stop(): void } {
  let known = deps.addresses();
  let lookedAt = deps.clock();
  let timeOfDay = deps.timeOfDay();
  let cancel = (): void => {};

  const look = (): void => {
    const present = deps.addresses();
    const gone = new Set([...known].filter((address) => !present.has(address)));
    const same = gone.size === 0 && present.size === known.size;
    const [at, day] = [deps.clock(), deps.timeOfDay()];
    const slept = Math.max(at - lookedAt, day - timeOfDay) > interval + sleptFor;
    known = present;
    lookedAt = at;
    timeOfDay = day;
    if (!same || slept) deps.changed(gone);
    arm();
  };
  const arm = (): void => {
    cancel = deps.setTimer(interval, look);
  };
  arm();
  return { stop: () => cancel() };
}

/** What the system tells of it. An interface that is down, or whose cable is out, is not among those that the runtime lists. */
export const systemNetwork: Pick<NetworkWatchDeps, 'addresses' | 'timeOfDay'> = {
  addresses() {
    const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    return new Set(all.map(({ address }) => address));
  },
  timeOfDay: () => Date.now(),
};
