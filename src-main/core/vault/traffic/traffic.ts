import type { TrafficLimits, Traffic as View } from '#shared/contract/vault/traffic.ts';
import type { DevicesDeps } from '../devices/wire/ports.ts';
import type { MeshStreams, ShardStore, VaultDeps } from '../ports.ts';
import type { Dial } from '../remote/resp/dial.ts';
import type { ZdbNamespace } from '../zstor/ports.ts';
import { isWithin, minuteOfDay } from './hours.ts';
import { createLane, type Lane } from './lane.ts';
import { PacedStream } from './paced-stream.ts';
import { noLimits, readLimits, writeLimits } from './stored.ts';

/** Both directions of what the vault sends to and receives from servers and contacts, all connections together. */
export interface Traffic {
  readonly up: Lane;
  readonly down: Lane;
}

export interface TrafficSwitch extends Traffic {
  /** Limits of the last time hold from here on. */
  start(): Promise<void>;
  /** Nothing waits any more. */
  stop(): void;
  view(): View;
  /** Durable when it resolves. @returns those before */
  limit(part: Partial<TrafficLimits>): Promise<TrafficLimits>;
  notices(): readonly { readonly code: string; readonly text: string }[];
}

/** The time of day is looked at so often. */
const lookEveryMs = 20_000;

export function createTraffic(
  { host, home, log }: Pick<VaultDeps, 'host' | 'home' | 'log'>,
  changed: () => void,
): TrafficSwitch {
  const [up, down] = [createLane(host), createLane(host)];
  let limits = noLimits;
  let lost = false;
  let stopped = true;
  let cancel = (): void => {};
  let last: Promise<unknown> = Promise.resolve();

  const holds = (): boolean => isWithin(limits.hours, minuteOfDay(host.now()));
  const anyNow = (): boolean => limits.up + limits.down > 0 && holds();
  let before = '';
  const apply = (): void => {
    cancel();
    if (stopped) return;
    const on = holds();
    const now = JSON.stringify([on, limits]);
    if (now !== before) {
      before = now;
      up.setRate(on && limits.up > 0 ? limits.up : null);
      down.setRate(on && limits.down > 0 ? limits.down : null);
      changed();
    }
    if (limits.hours !== '') cancel = host.setTimer(lookEveryMs, apply);
  };

  return {
    ...{ up, down },
    async start() {
      const kept = await readLimits(home);
      lost = kept === null;
      if (lost) log.warn({}, 'the limits of traffic could not be read; there are none');
      limits = kept ?? noLimits;
      stopped = false;
      apply();
    },
    stop() {
      stopped = true;
      before = '';
      cancel();
      up.setRate(null);
      down.setRate(null);
    },
    view() {
      const [sent, received] = [up.seen(), down.seen()];
      return {
        ...{ limits, inForce: anyNow(), upRate: sent.rate, downRate: received.rate },
        ...{ sent: sent.total, received: received.total },
      };
    },
    limit(part) {
      const run = last.then(async () => {
        const was = limits;
        const given = Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined));
        const next: TrafficLimits = { ...was, ...given };
        await writeLimits(home, next);
        limits = next;
        lost = false;
        apply();
        return was;
      });
      // One write at a time, in order; a failed one does not hold up the next.
      last = run.catch(() => {});
      return run;
    },
    notices: () =>
      lost
        ? [
            {
              code: 'TRAFFIC_LIMITS_LOST',
              text: 'How fast the vault may use the network could not be read, so there is no limit. Set it again in Settings.',
            },
          ]
        : [],
  };
}

/** A connection's bytes count and wait. */
export const pacedDial =
  (traffic: Traffic, dial: Dial): Dial =>
  async (signal) =>
    new PacedStream(await dial(signal), traffic);

/** Connections with contacts, both ways. */
export const pacedStreams = (traffic: Traffic, streams: MeshStreams): MeshStreams => ({
  ...streams,
  async dial(...where) {
    const { stream, device } = await streams.dial(...where);
    return { stream: new PacedStream(stream, traffic), device };
  },
  listen: (port, accept) => streams.listen(port, (stream, caller) => accept(new PacedStream(stream, traffic), caller)),
});

/** Connections with the person's other devices, both ways. */
export const pacedDevices = (traffic: Traffic, { people, streams }: DevicesDeps): DevicesDeps => ({
  people,
  streams: {
    dial: async (...where) => new PacedStream(await streams.dial(...where), traffic),
    listen: (port, accept) =>
      streams.listen(port, (stream, device) => accept(new PacedStream(stream, traffic), device)),
  },
});

/** The large pieces of a place's store take turns while there is a bound. */
export const pacedStore = ({ up, down }: Traffic, store: ShardStore): ShardStore => ({
  ...store,
  put: (name, parts, taken) =>
    up.through(
      parts.reduce((sum, part) => sum + part.length, 0),
      () => store.put(name, parts, taken),
    ),
  read: (name, offset, target) => down.through(target.length, () => store.read(name, offset, target)),
});

/** A value of which nobody knows how long it is before it comes. */
const someValueBytes = 1024 * 1024;

/** The same for a 0-db that zstor's shards lie on. */
export const pacedZdb = ({ up, down }: Traffic, zdb: ZdbNamespace): ZdbNamespace => ({
  ...zdb,
  append: (value, sent) => up.through(value.length, () => zdb.append(value, sent)),
  get: (key) => down.through(someValueBytes, () => zdb.get(key)),
});
