import { type DialReason, dialReason } from './dial-reason.ts';
import { type Endpoint, endpointText } from './endpoint.ts';

export interface DialerDeps {
  /** Calls `connected` when there is a connection, resolves when it has ended, rejects when none came about. */
  readonly dial: (endpoint: Endpoint, connected: () => void) => Promise<void>;
  readonly clock: () => number;
  readonly setTimer: (ms: number, fire: () => void) => () => void;
  readonly random: (n: number) => Uint8Array;
}

export type DialState = 'connecting' | 'connected' | 'waiting';

export interface Dialled {
  readonly endpoint: Endpoint;
  readonly state: DialState;
  /** Attempts in a row that led to no connection. */
  readonly failures: number;
  /** Why the last attempt led to nothing, until one leads to a connection; null where nothing is amiss. */
  readonly reason: DialReason | null;
}

/** Keeps connections to the peers on its list. */
export interface Dialer {
  /** @returns false when it is on the list */
  add(endpoint: Endpoint): boolean;
  /** Dial no more; a connection that stands is its owner's to close. @returns false when it is not on the list */
  remove(endpoint: Endpoint): boolean;
  /** Dial those that wait now: why they failed may be gone. */
  hurry(): void;
  endpoints(): Dialled[];
  stop(): void;
}

const firstDelay = 1_000;
const longestDelay = 60_000;
/** A connection that lived so long was a good one: the next attempt is soon. */
const goodAfter = 60_000;
/** One that ended so soon was none: at its other end is no node, or one that wants nothing of us. */
const atOnce = 5_000;

interface Target {
  readonly endpoint: Endpoint;
  state: DialState;
  failures: number;
  reason: DialReason | null;
  /** Attempts since the last connection that lasted. */
  attempts: number;
  cancel: (() => void) | null;
  removed: boolean;
}

/**
 * Dials at once, and after a failure again: 1 s later, then 2, 4 and so on up to a minute, each time a random share between
 * half and all of it, so that those who lost one peer together do not return together.
 */
export function createDialer(deps: DialerDeps): Dialer {
  const targets = new Map<string, Target>();

  const attempt = async (target: Target): Promise<void> => {
    target.cancel = null;
    target.state = 'connecting';
    target.attempts++;
    const started = deps.clock();
    let connected: number | null = null;
    try {
      await deps.dial(target.endpoint, () => {
        connected = deps.clock();
        target.state = 'connected';
        target.failures = 0;
        target.reason = null;
      });
      if (connected !== null && deps.clock() - connected < atOnce) target.reason = 'closed';
    } catch (error) {
      target.failures++;
      target.reason = dialReason(error);
    }
    if (target.removed) return;
    if (deps.clock() - started >= goodAfter) target.attempts = 0;
    target.state = 'waiting';
    target.cancel = deps.setTimer(delay(target.attempts, deps.random), () => void attempt(target));
  };

  const drop = (target: Target): void => {
    target.removed = true;
    target.cancel?.();
  };

  return {
    add(endpoint) {
      const key = endpointText(endpoint);
      if (targets.has(key)) return false;
      const target: Target = {
        ...{ endpoint, state: 'waiting', failures: 0, reason: null, attempts: 0 },
        ...{ cancel: null, removed: false },
      };
      targets.set(key, target);
      void attempt(target);
      return true;
    },
    remove(endpoint) {
      const key = endpointText(endpoint);
      const target = targets.get(key);
      if (target === undefined) return false;
      targets.delete(key);
      drop(target);
      return true;
    },
    hurry() {
      for (const target of targets.values()) {
        target.attempts = 0;
        if (target.cancel === null) continue;
        target.cancel();
        void attempt(target);
      }
    },
    endpoints: () =>
      [...targets.values()].map(({ endpoint, state, failures, reason }) => ({ endpoint, state, failures, reason })),
    stop() {
      for (const target of targets.values()) drop(target);
      targets.clear();
    },
  };
}

/** Milliseconds before the next attempt. */
export function delay(attempts: number, random: (n: number) => Uint8Array): number {
  const full = Math.min(longestDelay, firstDelay * 2 ** Math.min(attempts, 10));
  const [a = 0, b = 0] = random(2);
  return full / 2 + ((a * 256 + b) / 65_536) * (full / 2);
}
