import type { Forwarding, PeerId } from '../router/effects.ts';
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
 * Destination to route, looked up for every packet. Subnets are /64 in practice: one flat table with open addressing, half full
 * at most. A row is four words that lie in one line of the processor's cache, because at 100,000 routes it is the fetches from
 * memory that cost, not the steps: both halves of the prefix, the place of its slot, and what a packet on its way through needs
 * to know, which is so had without touching any object. Longer prefixes, which nodes may learn but do not ask for, hang on the
 * /64 around them: there can be 64 for each key, since each must hold the key's address, and none of another's traffic pays.
 */
export interface ForwardingTable {
  /**
   * The peer that packets to the address at `bytes[at]` go on to, and that they do is noted ({@link ForwardingTable.takeUsed}).
   *
   * @returns 0 when that cannot be told so quickly: ask {@link ForwardingTable.lookup}
   */
  passTo(bytes: Uint8Array, at: number): PeerId;
  /** The entry whose prefix holds the address at `bytes[at]`, the longest one; null for none. */
  lookup(bytes: Uint8Array, at: number): ForwardingEntry | null;
  /** @returns the entry before and after; null where there was, or is, none */
  set(prefix: Prefix, forwarding: Forwarding): { before: Forwarding['state']; entry: ForwardingEntry | null };
  /** Whether the route was used since the last call. */
  takeUsed(prefix: Prefix): boolean;
  entries(): Iterable<ForwardingEntry>;
  size(): number;
}

const smallest = 64;

/** A row: high, low, place in `held` plus one (0: no row), and the peer for what passes through (0: ask the slot). */
const rowWords = 4;
const refWord = 2;
const passWord = 3;
/** In the last word, beside the peer: a packet passed since it was last asked. */
const usedBit = 0x8000_0000;

interface Slot {
  readonly high: number;
  readonly low: number;
  subnet: ForwardingEntry | null;
  /** Longest first. */
  longer: ForwardingEntry[];
}

export function createForwardingTable(): ForwardingTable {
  let capacity = smallest;
  let rows = new Uint32Array(capacity * rowWords);
  let count = 0;
  let size = 0;
  const held: (Slot | undefined)[] = [];
  const free: number[] = [];

  /** Where the row of the prefix begins, or would. */
  const rowOf = (h: number, l: number): number => {
    const mask = capacity - 1;
    let row = hash(h, l) & mask;
    for (;;) {
      const at = row * rowWords;
      if (rows[at + refWord] === 0 || (rows[at] === h && rows[at + 1] === l)) return at;
      row = (row + 1) & mask;
    }
  };

  const copyRow = (from: Uint32Array, at: number, to: number): void => {
    for (let i = 0; i < rowWords; i++) rows[to + i] = from[at + i] as number;
  };

  /** A row that is none passes nothing on. */
  const clearRow = (at: number): void => {
    rows[at + refWord] = 0;
    rows[at + passWord] = 0;
  };

  const resize = (to: number): void => {
    const old = rows;
    capacity = to;
    rows = new Uint32Array(to * rowWords);
    for (let at = 0; at < old.length; at += rowWords) {
      if (old[at + refWord] !== 0) copyRow(old, at, rowOf(old[at] as number, old[at + 1] as number));
    }
  };

  const insert = (slot: Slot): void => {
    if (2 * (count + 1) > capacity) resize(capacity * 2);
    const at = rowOf(slot.high, slot.low);
    const index = free.pop() ?? held.length;
    held[index] = slot;
    rows[at] = slot.high;
    rows[at + 1] = slot.low;
    rows[at + refWord] = index + 1;
    rows[at + passWord] = 0;
    count++;
  };

  /** Close the gap, so that no probe ends early at it (Knuth, The Art of Computer Programming 6.4, algorithm R). */
  const remove = (removed: number): void => {
    const mask = capacity - 1;
    const index = (rows[removed + refWord] as number) - 1;
    held[index] = undefined;
    free.push(index);
    count--;
    let gap = removed / rowWords;
    clearRow(removed);
    for (let next = (gap + 1) & mask; rows[next * rowWords + refWord] !== 0; next = (next + 1) & mask) {
      const at = next * rowWords;
      const home = hash(rows[at] as number, rows[at + 1] as number) & mask;
      if (((next - home) & mask) < ((next - gap) & mask)) continue;
      copyRow(rows, at, gap * rowWords);
      clearRow(at);
      gap = next;
    }
  };

  const find = (h: number, l: number): Slot | undefined => {
    const ref = rows[rowOf(h, l) + refWord] as number;
    return ref === 0 ? undefined : held[ref - 1];
  };

  /** What the row says for packets on their way through follows from the slot; that it was used is the entry's to know. */
  const settleRow = (slot: Slot): void => {
    const at = rowOf(slot.high, slot.low);
    takeRowUsed(slot);
    const forwarding = slot.longer.length === 0 ? slot.subnet?.forwarding : undefined;
    const quick = forwarding?.state === 'route' && forwarding.peer > 0 && forwarding.peer < usedBit;
    rows[at + passWord] = quick ? forwarding.peer : 0;
  };

  const takeRowUsed = (slot: Slot): void => {
    const word = rowOf(slot.high, slot.low) + passWord;
    const pass = rows[word] as number;
    if (pass < usedBit) return;
    rows[word] = pass - usedBit;
    if (slot.subnet !== null) slot.subnet.used = true;
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
    settleRow(slot);
  };

  const drop = (slot: Slot, entry: ForwardingEntry): void => {
    takeRowUsed(slot);
    if (slot.subnet === entry) slot.subnet = null;
    else slot.longer = slot.longer.filter((one) => one !== entry);
    size--;
    if (slot.subnet !== null || slot.longer.length > 0) {
      settleRow(slot);
      return;
    }
    remove(rowOf(slot.high, slot.low));
    if (capacity > smallest && 8 * count < capacity) resize(capacity / 2);
  };

  return {
    passTo(bytes, at) {
      const word = rowOf(u32(bytes, at), u32(bytes, at + 4)) + passWord;
      const pass = rows[word] as number;
      if (pass === 0) return 0;
      if (pass >= usedBit) return pass - usedBit;
      rows[word] = pass + usedBit;
      return pass;
    },
    lookup(bytes, at) {
      const slot = find(u32(bytes, at), u32(bytes, at + 4));
      if (slot === undefined) return null;
      for (const entry of slot.longer) if (contains(entry.prefix, bytes, at)) return entry;
      return slot.subnet;
    },
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
      if (slot !== undefined) settleRow(slot);
      return { before, entry };
    },
    takeUsed(prefix) {
      const slot = slotFor(prefix);
      if (slot !== undefined) takeRowUsed(slot);
      const entry = entryOf(slot, prefix);
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
