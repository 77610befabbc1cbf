import { freeNow } from '#core/crypto/free.ts';
import { keyOf } from './address.ts';
import type { Backends } from './backends.ts';
import { nameOf, type ZstorConfig } from './config.ts';
import { tooFewBackends } from './failures.ts';
import { type Connection, type Key, keyFromBytes, keyToBytes, type ShardInfo } from './metadata.ts';
import { layOut, type Redundancy, randomBelow, shuffle, survives } from './placement.ts';

export interface Placing {
  readonly config: ZstorConfig;
  readonly backends: Backends;
  readonly random: (n: number) => Uint8Array;
  readonly redundancy: Redundancy;
  /** Shards that stay where they are. */
  readonly kept: readonly ShardInfo[];
  /** Those to be written, and where they were before, if they were. */
  readonly wanted: readonly { readonly index: number; readonly was: Connection | null }[];
  readonly shardLength: number;
  /** The next piece of each wanted shard; null after the last, and then from the first again. */
  pieces(): Promise<Uint8Array[] | null>;
  /** Of each wanted shard, after its last piece. */
  checksums(): Promise<Uint8Array[]>;
  readonly signal: AbortSignal;
  /** How much of what is to be written went out, 0..1. */
  onSent(part: number): void;
}

/** Times that shards whose backend failed are sent to another. */
const rounds = 3;

interface Target {
  readonly backend: Connection;
  readonly keys: Key[];
  failed: boolean;
}

/**
 * Write shards to sequential 0-dbs, each to one that has none of the object, placed as the configuration asks. All of them or none: what was
 * written of an object that does not come about is deleted again, as far as its backends answer.
 *
 * @returns all shards of the object, kept and written, in order @throws Fail NOT_ENOUGH_PLACES
 */
export async function placeShards(p: Placing): Promise<ShardInfo[]> {
  const { backends, wanted, kept, signal } = p;
  const chooser = createChooser(p);
  const targets = new Map<number, Target>();
  const written: { readonly at: Connection; readonly key: Key }[] = [];
  const send = async (target: Target, piece: Uint8Array): Promise<void> => {
    if (target.failed) return;
    let isOut = false;
    const key = await backends
      .at(target.backend)
      .append(piece, () => {
        isOut = true;
      })
      .then(keyFromBytes, () => null);
    if (key) {
      target.keys.push(key);
      written.push({ at: target.backend, key });
      // A server may answer before it has read all: as long as the system sends, the memory is not ours.
      if (isOut) freeNow(piece);
    } else target.failed = true;
  };

  let sending: Promise<unknown> = Promise.resolve();
  try {
    const first = await chooser.first();
    for (const [i, { index }] of wanted.entries()) {
      targets.set(index, { backend: first[i] as Connection, keys: [], failed: false });
    }
    let todo = wanted.map(({ index }) => index);
    for (let round = 0; todo.length > 0; round++) {
      let sent = 0;
      for (let all = await p.pieces(); all; all = await p.pieces()) {
        // One window goes out while the next is made.
        await sending;
        signal.throwIfAborted();
        const now = all;
        sending = Promise.all(
          todo.map((index) => {
            const target = targets.get(index);
            const piece = now[wanted.findIndex((one) => one.index === index)];
            return target && piece ? send(target, piece) : null;
          }),
        );
        sent += now[0]?.length ?? 0;
        p.onSent(sent / Math.max(1, p.shardLength));
      }
      await sending;
      signal.throwIfAborted();
      todo = todo.filter((index) => targets.get(index)?.failed);
      for (const index of todo) {
        const { backend } = targets.get(index) as Target;
        const other = round + 1 < rounds ? await chooser.instead(backend) : null;
        if (!other) throw chooser.failure(backend);
        targets.set(index, { backend: other, keys: [], failed: false });
      }
    }
    const sums = await p.checksums();
    const made = wanted.map(({ index }, i): ShardInfo => {
      const { backend, keys } = targets.get(index) as Target;
      return { index, checksum: sums[i] ?? new Uint8Array(0), keys, at: backend };
    });
    const used = new Set(made.flatMap(({ keys, at }) => keys.map((key) => pieceName(at, key))));
    await forget(
      backends,
      written.filter(({ at, key }) => !used.has(pieceName(at, key))),
    );
    return [...kept, ...made].sort((a, b) => a.index - b.index);
  } catch (error) {
    // What is on its way is known by its key when it has arrived.
    await sending;
    await forget(backends, written);
    throw error;
  }
}

const pieceName = (at: Connection, key: Key): string => `${keyOf(at)} ${key.id}`;

/** Nobody will ever refer to these. A backend that does not answer keeps them, as it does with the real zstor. */
async function forget(
  backends: Backends,
  pieces: readonly { readonly at: Connection; readonly key: Key }[],
): Promise<void> {
  await Promise.allSettled(pieces.map(({ at, key }) => backends.at(at).del(keyToBytes(key))));
}

/** Chooses backends, asking each whether it takes shards before it is relied on. */
function createChooser({ config, backends, random, redundancy, kept, wanted, shardLength }: Placing) {
  const below = randomBelow(random);
  const groups = config.groups;
  const groupOf = (backend: Connection | null): number =>
    backend === null ? -1 : groups.findIndex((group) => group.some((one) => keyOf(one) === keyOf(backend)));
  /** Have a shard of the object, or cannot take one. */
  const taken = new Set(kept.map(({ at }) => keyOf(at)));
  const away: string[] = [];
  const ready = new Map<string, Promise<boolean>>();

  const isReady = (backend: Connection): Promise<boolean> => {
    const key = keyOf(backend);
    const known = ready.get(key);
    if (known) return known;
    const asked = backends
      .at(backend)
      .info()
      .then(
        ({ mode, locked, limit, used }) =>
          mode === 'sequential' && !locked && (limit === 0 || limit - used >= shardLength),
        () => false,
      )
      .then((is) => {
        if (!is) away.push(nameOf(backend));
        return is;
      });
    ready.set(key, asked);
    return asked;
  };
  const free = (group: number): Connection[] => (groups[group] ?? []).filter((one) => !taken.has(keyOf(one)));

  const counts = groups.map(() => 0);
  const count = (backend: Connection, by: number): void => {
    const group = groupOf(backend);
    if (group >= 0) counts[group] = (counts[group] ?? 0) + by;
  };
  for (const { at } of kept) count(at, 1);

  const take = async (group: number): Promise<Connection | null> => {
    for (const backend of shuffle(free(group), below)) {
      taken.add(keyOf(backend));
      if (!(await isReady(backend))) continue;
      count(backend, 1);
      return backend;
    }
    return null;
  };

  /** Another one for a shard: of the same group, which leaves the layout as it is; else of any group with which it survives. */
  const another = async (was: Connection | null): Promise<Connection | null> => {
    const home = groupOf(was);
    const same = home >= 0 ? await take(home) : null;
    if (same) return same;
    const others = shuffle(
      groups.map((_, group) => group).filter((group) => group !== home),
      below,
    ).sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0));
    for (const group of others) {
      // Counted as if all were there: those to come are placed by the same rule.
      const then = counts.map((n, i) => n + (i === group ? 1 : 0));
      const whole = then.reduce((sum, n) => sum + n, 0) === redundancy.k + redundancy.parity;
      if (whole && kept.length === 0 && !survives(then, redundancy)) continue;
      const found = await take(group);
      if (found) return found;
    }
    return null;
  };

  const failure = (backend?: Connection) => {
    if (backend) away.push(nameOf(backend));
    const all = groups.flat().length;
    return tooFewBackends(redundancy.k + redundancy.parity, all - new Set(away).size, [...new Set(away)]);
  };

  return {
    failure,
    /** A backend for each wanted shard. @throws Fail NOT_ENOUGH_PLACES */
    async first(): Promise<Connection[]> {
      if (kept.length > 0) {
        const out: Connection[] = [];
        for (const { was } of wanted) {
          if (was) taken.add(keyOf(was));
          const found = await another(was);
          if (!found) throw failure();
          out.push(found);
        }
        return out;
      }
      const out = new Set<Connection>();
      for (;;) {
        const layout = layOut(
          groups.map((_, group) => free(group).length),
          redundancy,
          below,
        );
        if (!layout) throw failure();
        out.clear();
        for (const [group, n] of layout.entries())
          for (const one of shuffle(free(group), below).slice(0, n)) out.add(one);
        const answers = await Promise.all([...out].map(async (one) => ({ one, is: await isReady(one) })));
        const bad = answers.filter(({ is }) => !is);
        for (const { one } of bad) taken.add(keyOf(one));
        if (bad.length === 0) break;
      }
      for (const one of out) {
        taken.add(keyOf(one));
        count(one, 1);
      }
      return shuffle([...out], below);
    },
    /** One in the stead of a backend that failed. */
    async instead(failed: Connection): Promise<Connection | null> {
      away.push(nameOf(failed));
      count(failed, -1);
      return another(failed);
    },
  };
}
