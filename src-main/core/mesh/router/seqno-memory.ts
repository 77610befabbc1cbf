import type { Prefix } from '../wire/prefix.ts';
import type { RouterId } from '../wire/router-id.ts';
import { seqnoAskAgain, seqnoRequestMemory } from './constants.ts';
import type { PeerId } from './effects.ts';
import { isNewer } from './seqno.ts';

/** Requests for a newer seqno of one source that passed through here, or began here. */
interface Request {
  seqno: number;
  at: number;
  readonly asked: Map<PeerId, number>;
  /** Who asked us, and is owed the answer. */
  readonly interested: Set<PeerId>;
}

export interface SeqnoMemory {
  /** Note a request from a neighbour. @returns false when the same, or more, was asked for already */
  note(prefix: Prefix, routerId: RouterId, seqno: number, from: PeerId, now: number): boolean;
  /** Whether this neighbour may be asked now, which is then remembered. Never one that asked us for the same. */
  mayAsk(prefix: Prefix, routerId: RouterId, seqno: number, peer: PeerId, now: number): boolean;
  /** Who waits for this seqno or an older one; each is told once. */
  takeInterested(prefix: Prefix, routerId: RouterId, seqno: number): PeerId[];
  sweep(now: number): void;
  size(): number;
}

/** Of what may be remembered, the part for requests that began elsewhere; the rest is for our own. */
const othersShare = 0.75;

/**
 * When one of the two parts is full, its oldest request goes: what others have us remember never keeps us from asking.
 *
 * @param limit how many are remembered
 */
export function createSeqnoMemory(limit: number): SeqnoMemory {
  const memory = new Map<string, Request>();
  const others = { keys: new Set<string>(), most: Math.floor(limit * othersShare) };
  const own = { keys: new Set<string>(), most: limit - others.most };
  const keyOf = (prefix: Prefix, routerId: RouterId): string => `${prefix.key} ${routerId.key}`;

  /** The request under way, or a new one when what is remembered is old or asked for less. */
  const current = (prefix: Prefix, routerId: RouterId, seqno: number, now: number, part: typeof own): Request => {
    const key = keyOf(prefix, routerId);
    const known = memory.get(key);
    const fresh = known !== undefined && now - known.at < seqnoRequestMemory;
    if (fresh && !isNewer(seqno, known.seqno)) return known;
    // Who asked for less is served by more.
    const made: Request = { seqno, at: now, asked: new Map(), interested: new Set(fresh ? known.interested : []) };
    if (known === undefined) {
      const [oldest] = part.keys;
      if (oldest !== undefined && part.keys.size >= part.most) forget(oldest);
      part.keys.add(key);
    }
    memory.set(key, made);
    return made;
  };

  const forget = (key: string): void => {
    memory.delete(key);
    others.keys.delete(key);
    own.keys.delete(key);
  };

  return {
    note(prefix, routerId, seqno, from, now) {
      const before = memory.get(keyOf(prefix, routerId));
      const request = current(prefix, routerId, seqno, now, others);
      request.interested.add(from);
      return request !== before;
    },
    mayAsk(prefix, routerId, seqno, peer, now) {
      const request = current(prefix, routerId, seqno, now, own);
      if (request.interested.has(peer)) return false;
      if (now - (request.asked.get(peer) ?? Number.NEGATIVE_INFINITY) < seqnoAskAgain) return false;
      request.asked.set(peer, now);
      return true;
    },
    takeInterested(prefix, routerId, seqno) {
      const request = memory.get(keyOf(prefix, routerId));
      if (request === undefined || isNewer(request.seqno, seqno)) return [];
      const peers = [...request.interested];
      request.interested.clear();
      return peers;
    },
    sweep(now) {
      for (const [key, request] of memory) if (now - request.at >= 6 * seqnoRequestMemory) forget(key);
    },
    size: () => memory.size,
  };
}
