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

/** @param onExpire called after the secrets were forgotten because of the time limit */
export function createSession(host: Host, onExpire: () => void): Session {
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
    const remaining = held === null ? null : left();
    if (remaining === null) return;
    if (remaining <= 0) {
      if (close()) onExpire();
    } else {
      cancel?.();
      cancel = host.setTimer(remaining, check);
    }
  }

  /** True when the time has passed, and then locks. */
  function expired(): boolean {
    const remaining = held === null ? null : left();
    if (remaining === null || remaining > 0) return false;
    check();
    return true;
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
      check();
    },
  };
}
