import { aesGcmNonceBytes, openAesGcm, sealAesGcm } from '#core/crypto/aead.ts';
import { blake2b128, blake2b128Bytes } from '#core/crypto/blake2b.ts';
import { concatBytes } from '#core/crypto/bytes.ts';
import { equalBytes } from '#core/crypto/equal.ts';
import { isFail } from '#shared/rpc/fail.ts';
import type { Backends } from './backends.ts';
import { nameOf, type ZstorConfig } from './config.ts';
import { codeShards, joinShards } from './erasure.ts';
import { metadataAway, metadataNotWritable, tooManyObjects } from './failures.ts';
import { metaPrefix } from './paths.ts';

const k = 2;
const parity = 2;
/** Of one value: a record of 128 shards of 64 GiB has no more. */
const mostValue = 64 * 1024 * 1024;
/** Objects listed at a time: some 150 MB of names. */
const mostKeys = 1_000_000;
const mostPages = 20_000_000;

const none = new Uint8Array(0);

/**
 * Values in the four 0-dbs of zstor's metadata: nonce || AES-256-GCM under the key of the data, as 2 + 2 shards, each stored under the same
 * key as u8 index || shard || BLAKE2b-128 of the shard.
 */
export interface MetaStore {
  /** @returns null when there is none. @throws Fail NOT_ENOUGH_PLACES when that cannot be told */
  read<T>(key: string, decode: (value: Uint8Array) => T | null): Promise<T | null | 'damaged'>;
  /** On all four, or not at all as far as can be seen before. @throws Fail NOT_ENOUGH_PLACES */
  write(key: string, value: Uint8Array): Promise<void>;
  /** All four take writes now. @throws Fail NOT_ENOUGH_PLACES */
  checkWritable(): Promise<void>;
  /** Keys of all objects, in the order of the first backend. @throws Fail NOT_ENOUGH_PLACES, TOO_LARGE */
  list(signal: AbortSignal): Promise<string[]>;
}

/** The four stored values. */
export async function disperse(key: Uint8Array, nonce: Uint8Array, value: Uint8Array): Promise<Uint8Array[]> {
  const sealed = concatBytes(nonce, sealAesGcm(key, nonce, value, none));
  const shards = codeShards(sealed, k, parity);
  return Promise.all(shards.map(async (shard, i) => concatBytes(Uint8Array.of(i), shard, await blake2b128(shard))));
}

/**
 * The value of what was stored. Who is cut off while replacing a record leaves shards of both, so every two are tried.
 *
 * @returns null when no two of them give one
 */
export async function gather<T>(
  key: Uint8Array,
  stored: readonly Uint8Array[],
  decode: (value: Uint8Array) => T | null,
): Promise<T | null> {
  const shards: { index: number; shard: Uint8Array }[] = [];
  for (const bytes of stored) {
    const [index = 255] = bytes;
    const end = bytes.length - blake2b128Bytes;
    if (index >= k + parity || end <= 1 || bytes.length > mostValue) continue;
    const shard = bytes.subarray(1, end);
    if (equalBytes(await blake2b128(shard), bytes.subarray(end))) shards.push({ index, shard });
  }
  for (const [i, a] of shards.entries()) {
    for (const b of shards.slice(i + 1)) {
      if (a.index === b.index) continue;
      const pair: (Uint8Array | null)[] = [null, null, null, null];
      pair[a.index] = a.shard;
      pair[b.index] = b.shard;
      const sealed = joinShards(pair, k, parity);
      if (!sealed || sealed.length < aesGcmNonceBytes) continue;
      const value = openAesGcm(key, sealed.subarray(0, aesGcmNonceBytes), sealed.subarray(aesGcmNonceBytes), none);
      const decoded = value && decode(value);
      if (decoded !== null) return decoded;
    }
  }
  return null;
}

export function createMetaStore(config: ZstorConfig, backends: Backends, random: (n: number) => Uint8Array): MetaStore {
  const four = config.metadata.map((connection) => ({ name: nameOf(connection), zdb: backends.at(connection) }));

  const checkWritable = async (): Promise<void> => {
    const away: string[] = [];
    await Promise.all(
      four.map(async ({ name, zdb }) => {
        const info = await zdb.info().catch(() => null);
        if (info?.mode !== 'user' || info.locked || info.worm) away.push(name);
      }),
    );
    if (away.length > 0) throw metadataNotWritable(away);
  };

  return {
    checkWritable,
    async read(key, decode) {
      const away: string[] = [];
      const stored: Uint8Array[] = [];
      await Promise.all(
        four.map(async ({ name, zdb }) => {
          try {
            const value = await zdb.get(key);
            if (value) stored.push(value);
          } catch {
            away.push(name);
          }
        }),
      );
      const value = await gather(config.key, stored, decode);
      if (value !== null) return value;
      // Two shards make a value: with more than one backend away there may be one that nobody here can tell.
      if (away.length > 1 || (away.length > 0 && stored.length > 0)) throw metadataAway(away);
      return stored.length > 1 ? 'damaged' : null;
    },
    async write(key, value) {
      await checkWritable();
      const stored = await disperse(config.key, random(aesGcmNonceBytes), value);
      const failed: string[] = [];
      await Promise.all(
        four.map(({ name, zdb }, i) => zdb.set(key, stored[i] ?? none).catch(() => void failed.push(name))),
      );
      if (failed.length > 0) throw metadataNotWritable(failed);
    },
    async list(signal) {
      const prefix = metaPrefix(config.prefix);
      const keys = new Set<string>();
      const away: string[] = [];
      for (const { name, zdb } of four) {
        try {
          let pages = 0;
          for (let page = await zdb.scan(); page; page = await zdb.scan(page.cursor)) {
            signal.throwIfAborted();
            // A page has something on it: who goes on for ever with nothing is no 0-db.
            if (page.entries.length === 0 || ++pages > mostPages) throw new Error('a scan without an end');
            for (const { key } of page.entries) {
              const text = new TextDecoder().decode(key);
              if (text.startsWith(prefix)) keys.add(text);
            }
            if (keys.size > mostKeys) throw tooManyObjects(mostKeys);
          }
        } catch (error) {
          signal.throwIfAborted();
          if (isFail(error)) throw error;
          away.push(name);
        }
      }
      // Every object has shards on all four, or on three while one was written: two that answer know of it.
      if (away.length > 2) throw metadataAway(away);
      return [...keys];
    },
  };
}
