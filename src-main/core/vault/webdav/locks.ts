import { keyOf } from './paths.ts';

export interface Lock {
  /** `urn:uuid:…` */
  readonly token: string;
  /** What was locked: names from the root of the vault. */
  readonly path: readonly string[];
  readonly depth: '0' | 'infinity';
  readonly scope: 'exclusive' | 'shared';
  /** The owner element as XML that stands by itself; empty for none. */
  readonly owner: string;
  /** As granted, and when it ends (ms). */
  readonly seconds: number;
  readonly ends: number;
}

/** Locks at a time; a client holds a handful. */
const mostLocks = 1024;

export type Locks = ReturnType<typeof createLocks>;

/**
 * The write locks of the disk, in memory: they end with the session of the vault, as its connections do. A lock is on a path,
 * not on a file (RFC 4918, 7): it stays while the file below it is written anew.
 */
export function createLocks(now: () => number) {
  const byToken = new Map<string, Lock>();
  const byPath = new Map<string, Set<Lock>>();

  const drop = (lock: Lock): void => {
    byToken.delete(lock.token);
    const key = keyOf(lock.path);
    const there = byPath.get(key);
    there?.delete(lock);
    if (there?.size === 0) byPath.delete(key);
  };
  const put = (lock: Lock): void => {
    byToken.set(lock.token, lock);
    const key = keyOf(lock.path);
    const there = byPath.get(key) ?? new Set();
    there.add(lock);
    byPath.set(key, there);
  };
  const sweep = (): void => {
    for (const lock of [...byToken.values()]) if (lock.ends <= now()) drop(lock);
  };
  const at = (path: readonly string[]): Lock[] =>
    byToken.size === 0 ? [] : [...(byPath.get(keyOf(path)) ?? [])].filter((lock) => lock.ends > now());

  /** Those that hold for what lies there: its own, and those of infinite depth above. */
  const covering = (path: readonly string[]): Lock[] => {
    if (byToken.size === 0) return [];
    const found = at(path);
    for (let length = path.length - 1; length >= 0; length--) {
      found.push(...at(path.slice(0, length)).filter(({ depth }) => depth === 'infinity'));
    }
    return found;
  };
  /** Those on something below it. */
  const below = (path: readonly string[]): Lock[] => {
    if (byToken.size === 0) return [];
    sweep();
    const prefix = path.length === 0 ? '' : `${keyOf(path)}/`;
    return [...byToken.values()].filter(
      (lock) => lock.path.length > path.length && keyOf(lock.path).startsWith(prefix),
    );
  };

  return {
    covering,
    below,
    /**
     * @returns the lock, those that stand in its way, or null when there are too many
     */
    take(wanted: Omit<Lock, 'ends'>): Lock | readonly Lock[] | null {
      sweep();
      const inTheWay = [...covering(wanted.path), ...(wanted.depth === 'infinity' ? below(wanted.path) : [])].filter(
        (other) => wanted.scope === 'exclusive' || other.scope === 'exclusive',
      );
      if (inTheWay.length > 0) return inTheWay;
      if (byToken.size >= mostLocks) return null;
      const lock = { ...wanted, ends: now() + wanted.seconds * 1000 };
      put(lock);
      return lock;
    },
    /** One that covers the path, for longer. */
    refresh(token: string, path: readonly string[], seconds: number): Lock | null {
      const lock = covering(path).find((one) => one.token === token);
      if (!lock) return null;
      const longer = { ...lock, seconds, ends: now() + seconds * 1000 };
      drop(lock);
      put(longer);
      return longer;
    },
    /** @returns false when no such lock covers the path */
    release(token: string, path: readonly string[]): boolean {
      const lock = covering(path).find((one) => one.token === token);
      if (lock) drop(lock);
      return lock !== undefined;
    },
    /** What lay there is gone, and the locks on it and below with it. */
    forget(path: readonly string[]): void {
      for (const lock of [...at(path), ...below(path)]) drop(lock);
    },
    /**
     * Which locks keep a change off: those that hold there and no token of which was named. Of several shared ones any one
     * will do. `members`: the change makes or removes a name in the folder above, which its locks of depth 0 keep too.
     * `all`: it takes what lies below along.
     */
    against(path: readonly string[], tokens: ReadonlySet<string>, change: { members: boolean; all: boolean }): Lock[] {
      if (byToken.size === 0) return [];
      const groups = [covering(path)];
      const above = path.slice(0, -1);
      if (change.members && path.length > 0) groups.push(at(above));
      if (change.all) groups.push(...below(path).map((lock) => [lock]));
      const refused = new Map<string, Lock>();
      for (const group of groups) {
        const shared = group.filter(({ scope }) => scope === 'shared');
        const mayShare = shared.some(({ token }) => tokens.has(token));
        for (const lock of group) {
          if (tokens.has(lock.token) || (lock.scope === 'shared' && mayShare)) continue;
          refused.set(lock.token, lock);
        }
      }
      return [...refused.values()];
    },
    count: () => byToken.size,
  };
}
