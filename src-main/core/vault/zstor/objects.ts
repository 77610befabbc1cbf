import { aesGcmNonceBytes } from '#core/crypto/aead.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Backends } from './backends.ts';
import { mostShards, type ZstorConfig } from './config.ts';
import type { Engine, LaterOpening } from './engine.ts';
import { noRoomHere, objectDamaged, tooLongForZstor } from './failures.ts';
import { fetchShards, lookForShards, type ShardState } from './fetch-shards.ts';
import { createMetaStore, type MetaStore } from './meta-store.ts';
import { decodeMetaData, encodeMetaData, type MetaData } from './metadata.ts';
import { Damaged } from './opening.ts';
import { placeShards } from './place-shards.ts';
import { TooLong } from './sealing.ts';

export interface ObjectDeps {
  readonly config: ZstorConfig;
  readonly backends: Backends;
  readonly engine: Engine;
  readonly random: (n: number) => Uint8Array;
  /** A directory of ours for what is under way, and a new name in it. */
  readonly spool: { readonly directory: string; name(): string };
}

export interface StoredObject {
  readonly checksum: Uint8Array;
  readonly length: number;
  /** `same`: it was there already, byte for byte; `repaired`: it was, and shards of it were made again. */
  readonly how: 'stored' | 'same' | 'repaired';
}

/** Objects as the real zstor has them, over one deployment. `path` is for words only; keys of objects are those of the metadata. */
export interface Objects {
  readonly meta: MetaStore;
  /** @throws Fail NOT_ENOUGH_PLACES, DAMAGED */
  record(key: string, path: string): Promise<MetaData | null>;
  /** @throws Fail NOT_ENOUGH_PLACES, TOO_LARGE, DISK_FULL */
  store(
    key: string,
    path: string,
    source: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    onSent: (part: number) => void,
  ): Promise<StoredObject>;
  /** Gives the bytes to `to`, which must not show them to anybody before this resolves. @throws Fail DAMAGED, DISK_FULL */
  load(record: MetaData, path: string, to: (plain: Uint8Array) => Promise<void>, signal: AbortSignal): Promise<void>;
  /** How each shard is, by index. `read`: read them whole; otherwise only whether they are there is asked. */
  check(record: MetaData, read: boolean, signal: AbortSignal): Promise<ShardState[]>;
  /** Make shards that are not good again, on backends that have none of it. @throws Fail DAMAGED, NOT_ENOUGH_PLACES, DISK_FULL */
  rebuild(key: string, path: string, record: MetaData, signal: AbortSignal): Promise<number>;
}

export function createObjects(deps: ObjectDeps): Objects {
  const { config, backends, engine, random, spool } = deps;
  const meta = createMetaStore(config, backends, random);

  /** In words of ours, whatever went wrong in the engine. */
  const explained = async <T>(path: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isFail(error)) throw error;
      if (error instanceof TooLong) throw tooLongForZstor(path);
      if (error instanceof Damaged) throw objectDamaged(path, error.message);
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOSPC' || code === 'EDQUOT') throw noRoomHere(spool.directory);
      throw error;
    }
  };

  const opened = async <T>(
    record: MetaData,
    which: 'enough' | 'all',
    signal: AbortSignal,
    work: (opening: LaterOpening, states: ReadonlyMap<number, ShardState>) => Promise<T>,
  ): Promise<T> => {
    const { k, parity, key, checksum } = record;
    const opening = await engine.opening({ spool: spool.name(), key, k, parity, checksum });
    try {
      return await work(opening, await fetchShards(record, opening, backends, which, signal));
    } finally {
      await opening.close();
    }
  };

  /** @throws Fail DAMAGED */
  const assemble = (
    opening: LaterOpening,
    record: MetaData,
    states: ReadonlyMap<number, ShardState>,
    path: string,
  ): Promise<number> => {
    const { k, parity } = record;
    const bad = [...states].filter(([, state]) => state !== 'good');
    const good = states.size - bad.length;
    if (good >= k) return opening.assemble();
    const which = bad.map(([index, state]) => `${index} is ${state}`).join(', ');
    throw objectDamaged(path, `${k} of its ${k + parity} shards are needed, and ${good} could be read (${which})`);
  };

  const rebuild: Objects['rebuild'] = (key, path, record, signal) =>
    explained(path, () =>
      opened(record, 'all', signal, async (opening, states) => {
        const wanted = [...states].flatMap(([index, state]) => (state === 'good' ? [] : [index])).sort((a, b) => a - b);
        if (wanted.length === 0) return 0;
        await meta.checkWritable();
        const shardLength = await assemble(opening, record, states, path);
        const shardOf = (index: number) => record.shards.find((shard) => shard.index === index);
        const shards = await placeShards({
          config,
          backends,
          random,
          // k and parity of an object are those it was written with, whatever the configuration says by now.
          redundancy: { ...config, k: record.k, parity: record.parity },
          kept: record.shards.filter(({ index }) => !wanted.includes(index)),
          wanted: wanted.map((index) => ({ index, was: shardOf(index)?.at ?? null })),
          shardLength,
          pieces: () => opening.remade(wanted),
          checksums: () => opening.remadeChecksums(),
          signal,
          onSent: () => {},
        });
        await meta.write(key, encodeMetaData({ ...record, shards }));
        return wanted.length;
      }),
    );

  return {
    meta,
    rebuild,
    async record(key, path) {
      const record = await meta.read(key, decodeMetaData);
      if (record === 'damaged')
        throw objectDamaged(path, 'its metadata does not open with the key of this configuration');
      if (record && !isSound(record)) throw objectDamaged(path, 'its metadata makes no sense');
      return record;
    },
    check: (record, read, signal) =>
      read
        ? explained('An object', () => opened(record, 'all', signal, async (_, states) => statesInOrder(states)))
        : lookForShards(record, backends),
    load: (record, path, to, signal) =>
      explained(path, () =>
        opened(record, 'enough', signal, async (opening, states) => {
          await assemble(opening, record, states, path);
          // One step ahead, so that opening and taking go on at the same time.
          let coming = opening.next();
          for (;;) {
            const plain = await coming;
            if (plain === null) return;
            signal.throwIfAborted();
            coming = opening.next();
            coming.catch(() => {});
            await to(plain);
          }
        }),
      ),
    store: (key, path, source, signal, onSent) =>
      explained(path, async () => {
        const { k, parity } = config;
        await meta.checkWritable();
        const nonce = random(aesGcmNonceBytes);
        const sealing = await engine.sealing({ spool: spool.name(), key: config.key, nonce, k, parity });
        try {
          let before: Promise<void> = Promise.resolve();
          for await (const plain of source) {
            signal.throwIfAborted();
            // A copy: it goes to another thread, and the source may use its bytes again.
            const copy = new Uint8Array(plain);
            await before;
            before = sealing.push(copy);
            before.catch(() => {});
          }
          await before;
          const { checksum, plainLength: length, shardLength } = await sealing.finish();
          const there = await meta.read(key, decodeMetaData);
          if (there && there !== 'damaged' && equalBytes(there.checksum, checksum) && isSound(there)) {
            const states = await lookForShards(there, backends);
            if (states.every((state) => state === 'good')) return { checksum, length, how: 'same' };
            // Too few for that, perhaps: then it is written anew.
            const repaired = await rebuild(key, path, there, signal).catch((error: unknown) => {
              if (isFail(error, 'DAMAGED')) return null;
              throw error;
            });
            if (repaired !== null) return { checksum, length, how: 'repaired' };
          }
          const shards = await placeShards({
            config,
            backends,
            random,
            redundancy: config,
            kept: [],
            wanted: Array.from({ length: k + parity }, (_, index) => ({ index, was: null })),
            shardLength,
            pieces: () => sealing.pieces(),
            checksums: () => sealing.checksums(),
            signal,
            onSent,
          });
          await meta.write(key, encodeMetaData({ k, parity, checksum, key: config.key, shards }));
          return { checksum, length, how: 'stored' };
        } finally {
          await sealing.close();
        }
      }),
  };
}

/** Numbers that fit together, and not more shards than are coded here. */
function isSound({ k, parity, shards }: MetaData): boolean {
  const indices = new Set(shards.map(({ index }) => index));
  return (
    k >= 1 &&
    k <= mostShards &&
    parity <= mostShards &&
    indices.size === shards.length &&
    shards.length <= k + parity &&
    shards.every(({ index, keys }) => index < k + parity && keys.length > 0)
  );
}

const statesInOrder = (states: ReadonlyMap<number, ShardState>): ShardState[] =>
  [...states].sort(([a], [b]) => a - b).map(([, state]) => state);
