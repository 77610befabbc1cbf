import type { MessageStatus } from '../messages/message-stack.ts';
import type { DeliveryState } from '../messages/outgoing.ts';
import type { Timer } from '../time/timing-wheel.ts';
import { subnetOf } from '../wire/prefix.ts';
import { backoff } from './backoff.ts';
import type { MailboxLimits } from './limits.ts';
import type { Schedule } from './schedule.ts';

/** A message that waits to be delivered. */
export interface Parcel {
  readonly seq: number;
  readonly id: string;
  readonly destination: Uint8Array;
  readonly size: number;
  /** When it is given up, on the monotonic clock. */
  readonly deadline: number;
}

export interface CourierDeps {
  readonly schedule: Schedule;
  readonly random: (n: number) => Uint8Array;
  readonly limits: Pick<MailboxLimits, 'flights' | 'flightBytes' | 'flightsPerDestination'>;
  /** Hand it to the message stack. @returns false when that cannot be now */
  readonly push: (parcel: Parcel) => boolean;
  readonly status: (id: string) => Pick<MessageStatus, 'state' | 'acked'> | null;
  readonly abort: (id: string) => void;
  /** Try it at once, if it is not answered anyway. */
  readonly nudge: (id: string) => void;
  /** It arrived. @returns false when that cannot be written down: it is sent again then, which its receiver notices */
  readonly arrived: (parcel: Parcel) => boolean;
  readonly expired: (parcel: Parcel) => void;
}

/** Decides what is sent when: at once, again and again with growing pauses, and at once again when the receiver is back. */
export interface Courier {
  add(parcel: Parcel): void;
  /** Stop trying. @returns whether it was waiting */
  remove(seq: number): boolean;
  /** What the message stack says of a message; of one that is not under way it means nothing here. */
  changed(id: string, state: DeliveryState): void;
  /** There is a way to the node that owns this address. */
  reachable(address: Uint8Array): void;
  /** There may be new ways to anybody. */
  allReachable(): void;
  /** That node sent us something, so it is there. */
  heard(address: Uint8Array): void;
  /** What waits for a destination, or for all. */
  load(destination?: Uint8Array): { messages: number; bytes: number };
}

/** A message the receiver did not even answer for so long is taken back; it waits, and another may have more luck. */
const lookAfter = 15_000;
/** So many looks in a row without progress, once it was answered. */
const patience = 4;
/** A node that answered so recently is there: what it does not take, it does not want. */
const aliveFor = 60_000;
/** A route that comes and goes makes us try no more often. */
const soonest = 1_000;

interface Waiting extends Parcel {
  failures: number;
  notBefore: number;
  flying: boolean;
}

/** All that waits for one /64. */
interface Lane {
  readonly key: string;
  readonly parcels: Waiting[];
  bytes: number;
  flying: number;
  failures: number;
  retryAt: number;
  heardAt: number;
  triedAt: number;
  timer: Timer | null;
}

interface Flight {
  readonly lane: Lane;
  readonly parcel: Waiting;
  /** Whether the receiver said anything to it. */
  answered: boolean;
  best: number;
  idle: number;
  watch: Timer | null;
}

export function createCourier(deps: CourierDeps): Courier {
  const { schedule, limits } = deps;
  const lanes = new Map<string, Lane>();
  const bySeq = new Map<number, { lane: Lane; parcel: Waiting }>();
  /** By id: the message stack knows no two under one. */
  const flights = new Map<string, Flight>();
  /** Lanes that wait for others to land. */
  const blocked = new Set<Lane>();
  let flyingBytes = 0;
  let expiry: Timer | null = null;
  let expiryAt = Number.POSITIVE_INFINITY;
  let bytes = 0;

  const isAlive = (lane: Lane): boolean => schedule.now() - lane.heardAt < aliveFor;

  const pumpAt = (lane: Lane, at: number): void => {
    lane.timer?.cancel();
    lane.timer = schedule.at(at, () => pump(lane));
  };
  const pumpSoon = (lane: Lane): void => pumpAt(lane, schedule.now());

  const pump = (lane: Lane): void => {
    lane.timer = null;
    const now = schedule.now();
    if (lane.retryAt > now) {
      pumpAt(lane, lane.retryAt);
      return;
    }
    const width = isAlive(lane) ? limits.flightsPerDestination : 1;
    for (const parcel of [...lane.parcels]) {
      if (lane.flying >= width) return;
      if (parcel.flying || parcel.notBefore > now) continue;
      if (isFull(parcel)) {
        blocked.add(lane);
        return;
      }
      // Another under the same id is under way: an answer to whoever chose our own message's id.
      if (flights.has(parcel.id)) {
        blocked.add(lane);
        continue;
      }
      launch(lane, parcel);
    }
    let next = Number.POSITIVE_INFINITY;
    for (const parcel of lane.parcels) if (!parcel.flying) next = Math.min(next, Math.max(parcel.notBefore, now + 1));
    if (next < Number.POSITIVE_INFINITY && next > now + 1) pumpAt(lane, next);
  };

  const isFull = ({ size }: Parcel): boolean =>
    flights.size >= limits.flights || (flights.size > 0 && flyingBytes + size > limits.flightBytes);

  const launch = (lane: Lane, parcel: Waiting): void => {
    lane.triedAt = schedule.now();
    const flight: Flight = { lane, parcel, answered: false, best: 0, idle: 0, watch: null };
    flights.set(parcel.id, flight);
    parcel.flying = true;
    lane.flying++;
    flyingBytes += parcel.size;
    if (deps.push(parcel)) watch(flight);
    else {
      land(flight);
      failed(lane, parcel, false);
    }
  };

  const watch = (flight: Flight): void => {
    flight.watch = schedule.at(schedule.now() + lookAfter, () => {
      const status = deps.status(flight.parcel.id);
      const begun = status !== null && status.state !== 'pending';
      // Counted from the best so far: what is sent again for want of room over there is no progress.
      const progress = begun ? 1 + status.acked : 0;
      flight.idle = progress > flight.best ? 0 : flight.idle + 1;
      flight.best = Math.max(flight.best, progress);
      if (flight.idle < (begun ? patience : 1)) {
        watch(flight);
        return;
      }
      // Says `aborted` to us, but not if the stack has lost it.
      deps.abort(flight.parcel.id);
      if (flights.get(flight.parcel.id) !== flight) return;
      land(flight);
      failed(flight.lane, flight.parcel, flight.answered);
    });
  };

  const land = ({ lane, parcel, watch: timer }: Flight): void => {
    timer?.cancel();
    flights.delete(parcel.id);
    parcel.flying = false;
    lane.flying--;
    flyingBytes -= parcel.size;
    for (const other of [...blocked]) {
      blocked.delete(other);
      pumpSoon(other);
    }
  };

  /** @param answered whether the receiver said anything to this try */
  const failed = (lane: Lane, parcel: Waiting, answered: boolean): void => {
    const now = schedule.now();
    if (answered || isAlive(lane)) {
      parcel.notBefore = now + backoff(++parcel.failures, deps.random);
    } else {
      if (lane.retryAt <= now) lane.retryAt = now + backoff(++lane.failures, deps.random);
      // The next attempt is another's turn: this one may be what is not wanted.
      lane.parcels.push(...lane.parcels.splice(lane.parcels.indexOf(parcel), 1));
    }
    pumpSoon(lane);
  };

  const heard = (lane: Lane): void => {
    lane.heardAt = schedule.now();
    lane.retryAt = 0;
    lane.failures = 0;
    pumpSoon(lane);
  };

  const drop = (lane: Lane, parcel: Waiting): void => {
    bySeq.delete(parcel.seq);
    lane.parcels.splice(lane.parcels.indexOf(parcel), 1);
    lane.bytes -= parcel.size;
    bytes -= parcel.size;
    if (lane.parcels.length > 0) {
      pumpSoon(lane);
      return;
    }
    lane.timer?.cancel();
    blocked.delete(lane);
    lanes.delete(lane.key);
  };

  const takeBack = (lane: Lane, parcel: Waiting): void => {
    const flight = flights.get(parcel.id);
    if (flight?.parcel === parcel) {
      land(flight);
      deps.abort(parcel.id);
    }
    drop(lane, parcel);
  };

  /** One timer for all deadlines, since there are many and few are met. */
  const expireAt = (deadline: number): void => {
    if (deadline >= expiryAt) return;
    expiry?.cancel();
    expiryAt = deadline;
    expiry = schedule.at(deadline, () => {
      expiryAt = Number.POSITIVE_INFINITY;
      const now = schedule.now();
      let next = Number.POSITIVE_INFINITY;
      for (const { lane, parcel } of [...bySeq.values()]) {
        if (parcel.deadline > now) {
          next = Math.min(next, parcel.deadline);
          continue;
        }
        takeBack(lane, parcel);
        deps.expired(parcel);
      }
      // Those of one second together.
      if (next < Number.POSITIVE_INFINITY) expireAt(Math.max(next, now + 1_000));
    });
  };

  const laneOf = (destination: Uint8Array): Lane => {
    const { key } = subnetOf(destination);
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const long = Number.NEGATIVE_INFINITY;
    const made: Lane = {
      ...{ key, parcels: [], bytes: 0, flying: 0, failures: 0, retryAt: 0 },
      ...{ heardAt: long, triedAt: long, timer: null },
    };
    lanes.set(key, made);
    return made;
  };

  /** At once, but not more often than {@link soonest}. */
  const retry = (lane: Lane): void => {
    lane.failures = 0;
    lane.retryAt = Math.min(lane.retryAt, lane.triedAt + soonest);
    for (const parcel of lane.parcels) {
      if (parcel.flying) deps.nudge(parcel.id);
      parcel.failures = 0;
      parcel.notBefore = Math.min(parcel.notBefore, lane.triedAt + soonest);
    }
    pumpSoon(lane);
  };

  return {
    add(one) {
      const lane = laneOf(one.destination);
      const parcel: Waiting = { ...one, failures: 0, notBefore: 0, flying: false };
      expireAt(parcel.deadline);
      lane.parcels.push(parcel);
      lane.bytes += parcel.size;
      bytes += parcel.size;
      bySeq.set(parcel.seq, { lane, parcel });
      // A pause stays a pause, and who waits for room goes on waiting.
      if (lane.timer === null && !blocked.has(lane)) pumpSoon(lane);
    },
    remove(seq) {
      const known = bySeq.get(seq);
      if (known === undefined) return false;
      takeBack(known.lane, known.parcel);
      return true;
    },
    changed(id, state) {
      const flight = flights.get(id);
      if (flight === undefined) return;
      const { lane, parcel } = flight;
      if (state === 'aborted') {
        land(flight);
        failed(lane, parcel, flight.answered);
        return;
      }
      flight.answered = true;
      heard(lane);
      if (state === 'sending') return;
      land(flight);
      if (deps.arrived(parcel)) drop(lane, parcel);
      else failed(lane, parcel, true);
    },
    reachable(address) {
      const lane = lanes.get(subnetOf(address).key);
      if (lane !== undefined) retry(lane);
    },
    allReachable() {
      for (const lane of [...lanes.values()]) retry(lane);
    },
    heard(address) {
      const lane = lanes.get(subnetOf(address).key);
      if (lane !== undefined) heard(lane);
    },
    load(destination) {
      if (destination === undefined) return { messages: bySeq.size, bytes };
      const lane = lanes.get(subnetOf(destination).key);
      return { messages: lane?.parcels.length ?? 0, bytes: lane?.bytes ?? 0 };
    },
  };
}
