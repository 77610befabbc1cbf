import { toHex } from '#core/crypto/encoding.ts';
import type { ShardStore } from '../../ports.ts';
import { again } from '../again.ts';
import type { RemoteDeps } from '../deps.ts';
import { splitName } from '../shard-name.ts';
import type { ZdbClient } from './client.ts';
import { ZdbError } from './errors.ts';
import { createZdbNames } from './names.ts';
import { createPartsReader, removeAllParts, removeParts } from './parts.ts';
import {
  decodeRecord,
  encodePartsRecord,
  type PartsRecord,
  partCount,
  partKey,
  partsRecordBytes,
  wholePrefix,
} from './record.ts';

/** A part: a range costs at most so much more than it is at each end, and a shard of a full pack of 4+2 is four and its record. */
const partLength = 512 * 1024;
/** Records of shards in parts that were read last, so that the next read of one takes one turn, not two. */
const keptRecords = 512;
/** Generations to remove as soon as the server can be asked again. More than this is found by listing. */
const leftoversMost = 1000;

const leftoverName = /^(.+)\.part$/;

/**
 * Shards in a namespace of a 0-db in user mode (`record.ts` tells how they lie there). Settling does nothing to the server, which has no
 * command for it: what it answered for is durable as it was started to be (`--sync`, `--synctime`; by default when its system writes).
 */
export function createZdbStore(client: ZdbClient, deps: RemoteDeps): ShardStore {
  const names = createZdbNames(client, deps);
  const parts = createPartsReader(client);
  const records = new Map<string, PartsRecord>();
  const turns = new Map<string, Promise<unknown>>();
  let leftovers: { readonly name: string; readonly generation: string }[] = [];

  /** Writers of one name one after the other: each removes what the one before it left. */
  const inTurn = <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const mine = (turns.get(name) ?? Promise.resolve()).then(work, work);
    turns.set(name, mine);
    const over = (): void => void (turns.get(name) === mine && turns.delete(name));
    mine.then(over, over);
    return mine;
  };

  const keep = (name: string, record: PartsRecord | null): void => {
    records.delete(name);
    if (record) records.set(name, record);
    const [oldest] = records.keys();
    if (records.size > keptRecords && oldest !== undefined) records.delete(oldest);
  };

  /** The record of a shard that lies in parts; null where it lies there itself, or nothing does. */
  const partsOf = async (name: string): Promise<PartsRecord | null> => {
    if ((await client.length(name)) !== partsRecordBytes) return null;
    const value = await client.get(name);
    const record = value && decodeRecord(value);
    return record?.kind === 'parts' ? record : null;
  };

  const drop = async (name: string, { generation, ...record }: PartsRecord): Promise<void> => {
    try {
      await removeParts(client, name, generation, partCount({ generation, ...record }));
      names.removed(name, [generation]);
    } catch {
      leftovers = [...leftovers, { name, generation }].slice(-leftoversMost);
    }
  };

  const tidy = async (): Promise<void> => {
    const now = leftovers;
    leftovers = [];
    for (const [i, { name, generation }] of now.entries()) {
      try {
        await removeAllParts(client, name, generation);
        names.removed(name, [generation]);
      } catch {
        leftovers.push(...now.slice(i));
        return;
      }
    }
  };

  /** The record is not written before `ready`. */
  const putParts = async (
    name: string,
    shard: readonly Uint8Array[],
    length: number,
    taken: () => void,
    ready: Promise<unknown>,
  ): Promise<void> => {
    const generation = toHex(deps.host.random(8));
    const record: PartsRecord = { kind: 'parts', partLength, length, generation };
    const count = partCount(record);
    const sets = Array.from({ length: count }, (_, i) => {
      const piece = slice(shard, i * partLength, (i + 1) * partLength);
      return client.set(partKey(name, generation, i), piece, i === count - 1 ? taken : undefined);
    });
    // None is under way any more when the caller hears of it: the bytes are its own again.
    const failed = (await Promise.allSettled([...sets, ready])).find((end) => end.status === 'rejected');
    try {
      if (failed) throw failed.reason;
      await client.set(name, encodePartsRecord(record));
    } catch (error) {
      // Where it is not known whether the record was stored, they stay: listing finds those that belong to none.
      if (failed || error instanceof ZdbError) await drop(name, record);
      throw error;
    }
    keep(name, record);
  };

  const readOnce = async (name: string, offset: number, target: Uint8Array): Promise<boolean | null> => {
    const known = records.get(name);
    const guess = known ? parts.read(name, known, offset, target) : null;
    const [got, guessed] = await Promise.allSettled([client.get(name), guess]);
    if (got.status === 'rejected') throw got.reason;
    const record = got.value && decodeRecord(got.value);
    keep(name, record?.kind === 'parts' ? record : null);
    if (!record) return false;
    if (record.kind === 'whole') {
      if (offset + target.length > record.bytes.length) return false;
      target.set(record.bytes.subarray(offset, offset + target.length));
      return true;
    }
    if (known?.generation !== record.generation) return parts.read(name, record, offset, target);
    if (guessed.status === 'rejected') throw guessed.reason;
    return guessed.value;
  };

  const removeLeftovers = async (name: string): Promise<void> => {
    const live = await partsOf(name);
    const old = names.generations(name).filter((one) => one !== live?.generation);
    for (const generation of old) await removeAllParts(client, name, generation);
    names.removed(name, old);
  };

  return {
    put: (name, shard, taken) => {
      splitName(name);
      return inTurn(name, async () => {
        const length = shard.reduce((sum, part) => sum + part.length, 0);
        const before = again(() => partsOf(name));
        let lent = true;
        const once = (): void => {
          if (lent) taken?.();
          lent = false;
        };
        keep(name, null);
        if (length > partLength) await putParts(name, shard, length, once, before);
        else {
          await before;
          await client.set(name, [wholePrefix, ...shard], once);
        }
        once();
        const replaced = await before;
        if (replaced) await drop(name, replaced);
      });
    },
    settle: tidy,
    async read(name, offset, target) {
      splitName(name);
      // It may be replaced between the record and the parts: then there is a new record.
      return (await again(() => readOnce(name, offset, target))) ?? (await readOnce(name, offset, target)) ?? false;
    },
    async size(name) {
      splitName(name);
      const length = await again(() => client.length(name));
      if (length === null) return null;
      return length === partsRecordBytes ? ((await partsOf(name))?.length ?? length - 1) : length - 1;
    },
    remove: (name) => {
      splitName(name);
      const [, half] = leftoverName.exec(name) ?? [];
      if (half !== undefined) return inTurn(half, () => again(() => removeLeftovers(half)));
      return inTurn(name, async () => {
        const before = await again(() => partsOf(name));
        await again(() => client.del(name));
        keep(name, null);
        names.removed(name);
        if (before) await drop(name, before);
        await tidy();
      });
    },
    list: (directory) => again(() => names.list(directory)),
  };
}

/** Bytes `from` to `to` of what `parts` are one after the other, as views. */
function slice(parts: readonly Uint8Array[], from: number, to: number): Uint8Array[] {
  const out: Uint8Array[] = [];
  let at = 0;
  for (const part of parts) {
    const piece = part.subarray(Math.max(0, from - at), Math.max(0, to - at));
    if (piece.length > 0) out.push(piece);
    at += part.length;
  }
  return out;
}
