import { u32 } from '../wire/big-endian.ts';
import type { Peer } from './peer.ts';

/** Peers by the /64 that each answers for. */
export interface PeerTable {
  /** @param at where in `bytes` an address begins */
  find(bytes: Uint8Array, at?: number): Peer | null;
  add(peer: Peer): void;
  remove(peer: Peer): void;
  all(): Iterable<Peer>;
  size(): number;
}

export function createPeerTable(): PeerTable {
  /** By the first four bytes; those that share them lie in one list, which has one member unless somebody made an effort. */
  const buckets = new Map<number, Peer[]>();
  const peers = new Set<Peer>();
  /** Packets come in rows. */
  let last: Peer | null = null;

  const isAt = (peer: Peer, bytes: Uint8Array, at: number): boolean => {
    const { address } = peer;
    for (let i = 0; i < 8; i++) if (address[i] !== bytes[at + i]) return false;
    return true;
  };

  return {
    find(bytes, at = 0) {
      if (last !== null && isAt(last, bytes, at)) return last;
      const found = buckets.get(u32(bytes, at))?.find((peer) => isAt(peer, bytes, at)) ?? null;
      if (found !== null) last = found;
      return found;
    },
    add(peer) {
      const key = u32(peer.address, 0);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [peer]);
      else bucket.push(peer);
      peers.add(peer);
    },
    remove(peer) {
      const key = u32(peer.address, 0);
      const rest = buckets.get(key)?.filter((one) => one !== peer) ?? [];
      if (rest.length === 0) buckets.delete(key);
      else buckets.set(key, rest);
      peers.delete(peer);
      if (last === peer) last = null;
    },
    all: () => peers,
    size: () => peers.size,
  };
}
