import type { Forwarding } from '../router/effects.ts';
import type { Pair } from '../seal/pair.ts';
import { u32 } from '../wire/big-endian.ts';
import { contains, type Prefix, subnetBits } from '../wire/prefix.ts';

/** What a packet's destination leads to. */
export interface ForwardingEntry {
  readonly prefix: Prefix;
  forwarding: Exclude<Forwarding, { state: 'unknown' }>;
  /** A packet went this way since the router last asked. */
  used: boolean;
  /** Sealing for the owner; undefined until first needed, null when its key is unusable. */
  pair: Pair | null | undefined;
}

/**
 * Destination to route, looked up for every packet. Subnets are /64 in practice: one flat table with open addressing over
 * the two halves of the prefix in typed arrays, half full at most, which costs a few cache misses at 100,000 routes where a
 * Map of strings costs hundreds of nanoseconds. Longer prefixes, which nodes may learn but do not ask for, hang on the /64
 * around them: there can be 64 for each key, since each must hold the key's address, and none of another's traffic pays.
 */
export interface ForwardingTable {
  /** The entry whose prefix holds the address at `bytes[at]`, the longest one; null for none. */
  lookup(bytes: Uint8Array, at: number): ForwardingEntry | null;
  /** Whether prefixes longer than a subnet are known in the address's /64. */
  hasLonger(bytes: Uint8Array, at: number): boolean;
  /** @returns the entry before and after; null where there was, or is, none */
  set(prefix: Prefix, forwarding: Forwarding): { before: Forwarding['state']; entry: ForwardingEntry | null };
  /** Whether the route was used since the last call. */
  takeUsed(prefix: Prefix): boolean;
  entries(): Iterable<ForwardingEntry>;
  size(): number;
}

const smallest = 64;

interface Slot {
  readonly high: number;
  readonly low: number;
  subnet: ForwardingEntry | null;
  /** Longest first. */
  longer: ForwardingEntry[];
}

export function createForwardingTable(): ForwardingTable {
  let capacity = smallest;
  let high = new Uint32Array(capacity);
  let low = new Uint32Array(capacity);
  /** Index into `held` plus one; 0 for an empty slot. */
  let refs = new Uint32Array(capacity);
  let count = 0;
  let size = 0;
  const held: (Slot | undefined)[] = [];
  const free: number[] = [];

  const slotOf = (h: number, l: number): number => {
    const mask = capacity - 1;
    let slot = hash(h, l) & mask;
    while (refs[slot] !== 0 && (high[slot] !== h || low[slot] !== l)) slot = (slot + 1) & mask;
    return slot;
  };

  const resize = (to: number): void => {
    const [oldHigh, oldLow, oldRefs] = [high, low, refs];
    capacity = to;
    high = new Uint32Array(to);
    low = new Uint32Array(to);
    refs = new Uint32Array(to);
    for (let i = 0; i < oldRefs.length; i++) {
      if (oldRefs[i] === 0) continue;
      const [h, l] = [oldHigh[i] as number, oldLow[i] as number];
      const slot = slotOf(h, l);
      high[slot] = h;
      low[slot] = l;
      refs[slot] = oldRefs[i] as number;
    }
  };

  const insert = (slot: Slot): void => {
    if (2 * (count + 1) > capacity) resize(capacity * 2);
    const place = slotOf(slot.high, slot.low);
    const index = free.pop() ?? held.length;
    held[index] = slot;
    high[place] = slot.high;
    low[place] = slot.low;
    refs[place] = index + 1;
    count++;
  };

  /** Close the gap, so that no probe ends early at it (Knuth, The Art of Computer Programming 6.4, algorithm R). */
  const remove = (slot: number): void => {
    const mask = capacity - 1;
    const index = (refs[slot] as number) - 1;
    held[index] = undefined;
    free.push(index);
    count--;
    let gap = slot;
    refs[gap] = 0;
    for (let next = (gap + 1) & mask; refs[next] !== 0; next = (next + 1) & mask) {
      const home = hash(high[next] as number, low[next] as number) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      high[gap] = high[next] as number;
      low[gap] = low[next] as number;
      refs[gap] = refs[next] as number;
      refs[next] = 0;
      gap = next;
    }
  };

  const find = (h: number, l: number): Slot | undefined => {
    const ref = refs[slotOf(h, l)] as number;
    return ref === 0 ? undefined : held[ref - 1];
  };

  const entryOf = (slot: Slot | undefined, prefix: Prefix): ForwardingEntry | null => {
    if (slot === undefined) return null;
    if (prefix.length === subnetBits) return slot.subnet;
    return slot.longer.find((one) => one.prefix.key === prefix.key) ?? null;
  };

  const slotFor = (prefix: Prefix): Slot | undefined => find(u32(prefix.bytes, 0), u32(prefix.bytes, 4));

  const add = (known: Slot | undefined, entry: ForwardingEntry): void => {
    const { bytes, length } = entry.prefix;
    const slot = known ?? { high: u32(bytes, 0), low: u32(bytes, 4), subnet: null, longer: [] };
    if (known === undefined) insert(slot);
    if (length === subnetBits) slot.subnet = entry;
    else slot.longer = [...slot.longer, entry].sort((a, b) => b.prefix.length - a.prefix.length);
    size++;
  };

  const drop = (slot: Slot, entry: ForwardingEntry): void => {
    if (slot.subnet === entry) slot.subnet = null;
    else slot.longer = slot.longer.filter((one) => one !== entry);
    size--;
    if (slot.subnet !== null || slot.longer.length > 0) return;
    remove(slotOf(slot.high, slot.low));
    if (capacity > smallest && 8 * count < capacity) resize(capacity / 2);
  };

  return {
    lookup(bytes, at) {
      const slot = find(u32(bytes, at), u32(bytes, at + 4));
      if (slot === undefined) return null;
      for (const entry of slot.longer) if (contains(entry.prefix, bytes, at)) return entry;
      return slot.subnet;
    },
    hasLonger: (bytes, at) => (find(u32(bytes, at), u32(bytes, at + 4))?.longer.length ?? 0) > 0,
    set(prefix, forwarding) {
      const slot = slotFor(prefix);
      const entry = entryOf(slot, prefix);
      const before = entry?.forwarding.state ?? 'unknown';
      if (forwarding.state === 'unknown') {
        if (slot !== undefined && entry !== null) drop(slot, entry);
        return { before, entry: null };
      }
      if (entry === null) {
        const made: ForwardingEntry = { prefix, forwarding, used: false, pair: undefined };
        add(slot, made);
        return { before, entry: made };
      }
      if (keyOf(entry.forwarding) !== keyOf(forwarding)) entry.pair = undefined;
      entry.forwarding = forwarding;
      return { before, entry };
    },
    takeUsed(prefix) {
      const entry = entryOf(slotFor(prefix), prefix);
      if (entry === null || !entry.used) return false;
      entry.used = false;
      return true;
    },
    *entries() {
      for (const slot of held) {
        if (slot?.subnet != null) yield slot.subnet;
        if (slot !== undefined) yield* slot.longer;
      }
    },
    size: () => size,
  };
}

/** The owner's public key in hex: sealing depends on it alone, not on the run of the program. */
function keyOf(forwarding: Forwarding): string | null {
  return forwarding.state === 'route' ? forwarding.routerId.key.slice(0, 64) : null;
}

/** A finaliser of MurmurHash3 (public domain) over both halves. */
function hash(h: number, l: number): number {
  let x = Math.imul(h ^ (l >>> 16), 0x85ebca6b) ^ l;
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
