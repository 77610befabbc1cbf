import { wipe } from '#core/crypto/wipe.ts';
import type { Host } from '#core/host.ts';
import { type PersonKeys, wipePersonKeys } from './person-keys.ts';

/** The person's secrets while unlocked. */
export interface Secrets {
  readonly entropy: Uint8Array;
  readonly keys: PersonKeys;
}

export interface Session {
  /** Null while locked. Looks at the clock first: after a sleep the timer may be late, the lock is not. */
  secrets(): Secrets | null;
  open(secrets: Secrets): void;
  /** Forget and zero the secrets. False when there were none. */
  close(): boolean;
  /** The person did something. Does not revive a session whose time has passed. */
  touch(): void;
  setMinutes(minutes: number): void;
}

/** While unlocked it is looked so often whether something is at work. */
const lookMs = 60_000;

/**
 * @param onExpire called after the secrets were forgotten because of the time limit
 * @param atWork whether something that somebody started, and that a lock would break off, is at work: that counts as use
 */
export function createSession(host: Host, onExpire: () => void, atWork: () => boolean = () => false): Session {
  let lastLook = 0;
  let held: Secrets | null = null;
  let minutes = 0;
  let lastUse = 0;
  let cancel: (() => void) | null = null;

  function close(): boolean {
    cancel?.();
    cancel = null;
    if (held === null) return false;
    wipe(held.entropy);
    wipePersonKeys(held.keys);
    held = null;
    return true;
  }

  /** How long until the lock; null for never. A clock set back counts as use, so that it cannot stretch the limit. */
  function left(): number | null {
    if (minutes === 0) return null;
    const now = host.now();
    if (now < lastUse) lastUse = now;
    return lastUse + minutes * 60_000 - now;
  }

  function check(): void {
    if (held === null || minutes === 0) return;
    const now = host.now();
    // A computer that slept was not at work: its session ends in time, whatever it was about to do.
    const awake = Math.abs(now - lastLook) < 2 * lookMs;
    lastLook = now;
    if (awake && atWork()) lastUse = now;
    const remaining = left() ?? 0;
    if (remaining <= 0) {
      if (close()) onExpire();
    } else {
      cancel?.();
      cancel = host.setTimer(Math.min(remaining, lookMs), check);
    }
  }

  /** True when the time has passed, and then locks. */
  function expired(): boolean {
    const remaining = held === null ? null : left();
    if (remaining === null || remaining > 0) return false;
    check();
    return held === null;
  }

  return {
    secrets() {
      expired();
      return held;
    },
    open(secrets) {
      close();
      held = secrets;
      lastUse = host.now();
      lastLook = lastUse;
      check();
    },
    close,
    touch() {
      // The timer is not moved at each touch: when it fires it looks how much is left.
      if (!expired()) lastUse = host.now();
    },
    setMinutes(value) {
      minutes = value;
      cancel?.();
      cancel = null;
      lastUse = host.now();
      lastLook = lastUse;
      check();
    },
  };
}
