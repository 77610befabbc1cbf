import type { SessionTimes } from './constants.ts';
import type { Session } from './session.ts';

/**
 * The sessions with one peer. The *current* one is used for what we send. The one *before* is only heard, until the peer is
 * seen to use the current one, and a while longer for packets on their way. A *pending* one was answered by us and is used for
 * nothing until the peer's first packet in it: before that, nobody has proved to hold the peer's secret now.
 *
 * When both sides begin at once and both handshakes succeed, each ends up with the other's session for sending. That
 * does no harm: the one before stays as long as the peer uses it.
 */
export interface KeyRing {
  /** What to send in; null when there is none, or it is used up. */
  usable(now: number): Session | null;
  /** The session that the peer addresses by this index, if it may still be heard. */
  find(now: number, index: number): Session | null;
  /** The session of ours that has this index at the peer. */
  findSent(remoteIndex: number): Session | null;
  hasIndex(index: number): boolean;
  hasPending(): boolean;
  /** Keep a session that we answered, in place of one answered before. */
  answer(now: number, session: Session): void;
  /** Use a session from now on. */
  adopt(session: Session): void;
  /**
   * An authentic packet came in the session.
   *
   * @returns true when it shows that the pending session is the peer's: to be adopted
   */
  heard(now: number, session: Session): boolean;
  /** Erase what is past its time. @returns which of them went */
  expire(now: number): { readonly current: boolean; readonly pending: boolean };
  due(): number;
  /** @returns whether there was one to send in */
  erase(): boolean;
}

const never = Number.POSITIVE_INFINITY;

export function createKeyRing(times: SessionTimes): KeyRing {
  let current: Session | null = null;
  let previous: Session | null = null;
  let previousUntil = never;
  let pending: Session | null = null;
  let pendingUntil = never;

  const endOf = (session: Session | null): number => (session === null ? never : session.since + times.rejectAfter);
  const previousEnd = (): number => Math.min(endOf(previous), previousUntil);
  const dropPrevious = (): void => {
    previous?.erase();
    previous = null;
    previousUntil = never;
  };
  const takePending = (): Session | null => {
    const session = pending;
    pending = null;
    pendingUntil = never;
    return session;
  };

  return {
    usable: (now) =>
      current !== null && now < endOf(current) && current.sent() < times.rejectAfterPackets ? current : null,
    find(now, index) {
      let session: Session | null = null;
      if (current?.index === index) session = current;
      else if (previous?.index === index) session = previous;
      else if (pending?.index === index) session = pending;
      return now < endOf(session) ? session : null;
    },
    findSent(remoteIndex) {
      if (current?.remoteIndex === remoteIndex) return current;
      return previous?.remoteIndex === remoteIndex ? previous : null;
    },
    hasIndex: (index) => current?.index === index || previous?.index === index || pending?.index === index,
    hasPending: () => pending !== null,
    answer(now, session) {
      pending?.erase();
      pending = session;
      pendingUntil = now + times.confirmWithin;
    },
    adopt(session) {
      dropPrevious();
      previous = current;
      current = session;
    },
    heard(now, session) {
      if (session === pending) {
        takePending();
        return true;
      }
      if (session === current && previous !== null && previousUntil === never) previousUntil = now + times.overlap;
      return false;
    },
    expire(now) {
      if (now >= previousEnd()) dropPrevious();
      const gone = { current: now >= endOf(current), pending: now >= pendingUntil };
      if (gone.pending) takePending()?.erase();
      if (gone.current) {
        current?.erase();
        current = null;
      }
      return gone;
    },
    due: () => Math.min(endOf(current), previousEnd(), pendingUntil),
    erase() {
      const had = current !== null;
      current?.erase();
      current = null;
      dropPrevious();
      takePending()?.erase();
      return had;
    },
  };
}
