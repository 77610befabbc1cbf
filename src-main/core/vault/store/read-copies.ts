import { type CataloguePart, type CatalogueRecord, decodeCatalogue } from '../format/catalogue.ts';
import { decodeHead, type Head, headHash, isVouchedFor } from '../format/head.ts';
import type { VaultKeys } from '../format/keys.ts';
import { checkShardTag, headerBytes, packKinds, type ShardHeader, tagBytes } from '../format/shard.ts';
import type { PackRow } from './catalogue.ts';
import { type Engine, shardName } from './engine.ts';
import type { Packs } from './packs.ts';

/** A catalogue pack found on the places, and which of its shards were seen where. */
export interface Found {
  readonly header: ShardHeader;
  readonly shards: Map<number, string>;
}

export interface Copies {
  /** Records of the newest base that can be read and of the deltas that follow it, in the order in which they apply. */
  readonly layers: readonly (readonly CatalogueRecord[])[];
  /** The state that they lead to; 0 for none. */
  readonly generation: number;
  /** The newest that is on the places, whether it can be read or not. */
  readonly newest: number;
  /** Copies that can be read and belong to another state than the one that was reached. */
  readonly strange: readonly Found[];
  /** The newest epoch that any of them was sealed in. */
  readonly epoch: number;
  /** Of the newest of them; null when an earlier release wrote that, without a head. */
  readonly head: Head | null;
}

/** One copy of the catalogue, read whole. */
interface Whole {
  readonly packs: readonly Found[];
  readonly records: readonly CatalogueRecord[];
  readonly head: Head | null;
}

/**
 * Read what the places hold of the catalogue. What a header says is believed as far as the shards' tags bear it out; which parts belong to one
 * copy and what a delta follows on, its head says (docs/formats/vault.md, "Heads").
 *
 * @param adopt gives the pack a row, by which it can be read
 */
export async function readCopies(
  engine: Pick<Engine, 'places' | 'deps' | 'arena'>,
  packs: Pick<Packs, 'readBody'>,
  keys: VaultKeys,
  found: readonly Found[],
  adopt: (found: Found) => PackRow,
): Promise<Copies> {
  const { deps, arena } = engine;
  let epoch = 0;
  const fits = ({ header: { k, m, shardLength } }: Found): boolean => (k + m) * shardLength <= arena.slotBytes;
  const read = async (f: Found): Promise<CataloguePart | null> => {
    // A header is only what a place says: shards longer than a slot has room for would be read over their neighbours.
    if (!fits(f)) {
      deps.log.warn({ shards: f.header.shardLength }, 'a copy of the catalogue does not fit any pack of this vault');
      return null;
    }
    const row = adopt(f);
    try {
      const part = decodeCatalogue(await packs.readBody(keys, row));
      // What opens under the keys of an epoch was written by who had them: the epoch has begun.
      if (part) epoch = Math.max(epoch, row.epoch);
      return part;
    } catch (error) {
      deps.log.warn({ error: String(error) }, 'a copy of the catalogue cannot be read');
      return null;
    }
  };

  /** Every copy that can be made whole of packs that say that they are of one. */
  async function* wholes(group: readonly Found[]): AsyncGenerator<Whole> {
    for (const last of group.filter(({ header }) => header.part === header.parts - 1)) {
      const { header } = last;
      const end = await read(last);
      if (!end) continue;
      const head = end.headless ? null : headOf(keys, header, end);
      if (!head && !end.headless) {
        deps.log.warn({ generation: header.generation }, 'a copy of the catalogue is not what its head says');
        continue;
      }
      const parts: CatalogueRecord[][] = [];
      const from: Found[] = [];
      for (let part = 0; part < header.parts - 1; part++) {
        const others = group.filter(({ header: one }) => one.part === part && one.parts === header.parts);
        for (const f of others) {
          const got = await read(f);
          if (!got || got.headless !== end.headless || (head && !isPart(head, part, got))) continue;
          parts.push(got.records);
          from.push(f);
          break;
        }
        if (parts.length <= part) break;
      }
      if (parts.length < header.parts - 1) continue;
      yield { packs: [...from, last], records: [...parts, end.records].flat(), head };
    }
  }

  const groups = (kind: number): Found[][] => {
    const by = new Map<string, Found[]>();
    for (const f of found.filter(({ header }) => header.kind === kind)) {
      const key = `${f.header.generation}:${f.header.previous}`;
      by.set(key, [...(by.get(key) ?? []), f]);
    }
    return [...by.values()].sort((a, b) => (b[0]?.header.generation ?? 0) - (a[0]?.header.generation ?? 0));
  };

  const layers: (readonly CatalogueRecord[])[] = [];
  /** States that led to the one that was reached. */
  const past: Head['before'][] = [];
  let generation = 0;
  let head: Head | null = null;
  const used = new Set<Found>();
  const take = (whole: Whole, reached: number): void => {
    layers.push(whole.records);
    for (const f of whole.packs) used.add(f);
    generation = reached;
    head = whole.head;
    if (!head) return;
    if (head.base) past.push(head.before);
    past.push({ generation: head.generation, hash: headHash(keys.vaultId, head) });
  };

  for (const group of groups(packKinds.base)) {
    for await (const whole of wholes(group)) {
      take(whole, group[0]?.header.generation ?? 0);
      break;
    }
    if (generation > 0) break;
  }
  for (let more = generation > 0; more; ) {
    more = false;
    for (const group of groups(packKinds.delta)) {
      const header = group[0]?.header;
      if (!header || header.previous > generation || header.generation <= generation) continue;
      for await (const whole of wholes(group)) {
        more = follows(whole.head, head, past);
        if (more) take(whole, header.generation);
        if (more) break;
      }
      if (more) break;
    }
  }
  // What is left and claims to be newer, or to be one of the states that led here: it was not made from them.
  const strange: Found[] = [];
  for (const group of generation === 0 ? [] : [...groups(packKinds.base), ...groups(packKinds.delta)]) {
    const { generation: reached = 0, previous = 0 } = group[0]?.header ?? {};
    // Nothing is known of how far back others go; and what comes after a gap may well be of this state.
    const old = reached <= generation && !past.some((one) => one.generation === reached);
    if (old || previous > generation) continue;
    for await (const whole of wholes(group.filter((f) => !used.has(f)))) {
      if (isOne(whole.head, past, keys)) continue;
      strange.push(...whole.packs);
    }
  }
  const newer = found.filter((f) => f.header.generation > generation && fits(f));
  const newest = await newestOf(engine, keys, newer);
  return { layers, generation, newest: Math.max(generation, newest), strange, epoch, head };
}

/** The head in a last part, if it is the person's and says of this copy what its header and its bytes say. */
function headOf(keys: VaultKeys, header: ShardHeader, end: CataloguePart): Head | null {
  const signed = decodeHead(end.head);
  if (!signed || !isVouchedFor(keys, signed)) return null;
  const { head } = signed;
  const same =
    head.generation === header.generation &&
    head.base === (header.kind === packKinds.base) &&
    head.previous === header.previous &&
    head.parts.length === header.parts;
  return same && isPart(head, header.parts - 1, end) ? head : null;
}

const isPart = (head: Head, part: number, { digest }: CataloguePart): boolean =>
  Buffer.compare(head.parts[part] ?? new Uint8Array(0), digest) === 0;

/** One of the states that led to the one that was reached, which a base has made superfluous. */
const isOne = (head: Head | null, past: readonly Head['before'][], { vaultId }: VaultKeys): boolean =>
  head !== null && past.some(({ hash }) => Buffer.compare(hash, headHash(vaultId, head)) === 0);

/** Whether a copy was made from the state that was reached, or from one that led to it. */
function follows(next: Head | null, now: Head | null, past: readonly Head['before'][]): boolean {
  // Earlier releases had no heads: their copies follow on each other, and the first that has one on any of theirs.
  if (!next) return now === null;
  const { generation, hash } = next.before;
  if (generation === 0 || now === null) return true;
  return past.some((one) => one.generation === generation && Buffer.compare(one.hash, hash) === 0);
}

/** The newest generation that a place did not make up: the shard is whole and its tag, which covers the header, is right. */
async function newestOf({ places }: Pick<Engine, 'places'>, keys: VaultKeys, found: readonly Found[]): Promise<number> {
  const sorted = [...found].sort((a, b) => b.header.generation - a.header.generation);
  for (const { header, shards } of sorted) {
    for (const [index, place] of shards) {
      const store = places.readable(place) ? places.get(place)?.store : undefined;
      const whole = new Uint8Array(headerBytes + header.shardLength + tagBytes);
      const name = shardName({ dir: 'c', id: header.packId }, index);
      if (!(await store?.read(name, 0, whole).catch(() => false))) continue;
      const end = headerBytes + header.shardLength;
      const [head, shard, tag] = [whole.slice(0, headerBytes), whole.subarray(headerBytes, end), whole.slice(end)];
      if (checkShardTag(keys.integrity, head, shard, tag)) return header.generation;
    }
  }
  return 0;
}
