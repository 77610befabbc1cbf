import type { ZdbClient } from './client.ts';
import { type PartsRecord, partKey } from './record.ts';

/** Parts kept from the last reads: the next range often begins in the part where the last one ended. */
const keptParts = 8;
const probeAtOnce = 64;

export type PartsReader = ReturnType<typeof createPartsReader>;

/** Reads ranges of shards that lie in parts, fetching only those it needs. */
export function createPartsReader(client: ZdbClient) {
  const kept = new Map<string, Promise<Uint8Array | null>>();
  const fetch = (key: string): Promise<Uint8Array | null> => {
    const known = kept.get(key);
    if (known) return known;
    const coming = client.get(key);
    kept.set(key, coming);
    const [oldest] = kept.keys();
    if (kept.size > keptParts && oldest !== undefined) kept.delete(oldest);
    const drop = (): void => void (kept.get(key) === coming && kept.delete(key));
    coming.then((bytes) => bytes ?? drop(), drop);
    return coming;
  };
  return {
    /** @returns false where it is too short; null where parts are gone, as of a shard that was replaced or removed */
    async read(name: string, record: PartsRecord, offset: number, target: Uint8Array): Promise<boolean | null> {
      if (offset + target.length > record.length) return false;
      const { partLength, generation, length } = record;
      const reads: Promise<boolean>[] = [];
      for (let at = 0; at < target.length; ) {
        const i = Math.floor((offset + at) / partLength);
        const from = offset + at - i * partLength;
        const whole = Math.min(partLength, length - i * partLength);
        const piece = target.subarray(at, at + whole - from);
        const key = partKey(name, generation, i);
        reads.push(
          piece.length === whole && !kept.has(key)
            ? client.getInto(key, piece).then((got) => got === whole)
            : fetch(key).then((bytes) => {
                if (bytes?.length !== whole) return false;
                piece.set(bytes.subarray(from, from + piece.length));
                return true;
              }),
        );
        at += piece.length;
      }
      // All of them end before anything else is done with the target.
      const ends = await Promise.allSettled(reads);
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
      return ends.every((end) => end.status === 'fulfilled' && end.value) ? true : null;
    },
  };
}

/** Remove parts, the first one last: while it is there, so may others be. */
export async function removeParts(client: ZdbClient, name: string, generation: string, count: number): Promise<void> {
  const gone = Array.from({ length: count }, (_, i) => client.del(partKey(name, generation, count - 1 - i)));
  const failed = (await Promise.allSettled(gone)).find((end) => end.status === 'rejected');
  if (failed) throw failed.reason;
}

/** As {@link removeParts}, of a generation whose record is not known. */
export async function removeAllParts(client: ZdbClient, name: string, generation: string): Promise<void> {
  let count = 0;
  for (let at = 0; ; at += probeAtOnce) {
    const keys = Array.from({ length: probeAtOnce }, (_, i) => partKey(name, generation, at + i));
    const last = (await client.existAll(keys)).lastIndexOf(true);
    if (last !== -1) count = at + last + 1;
    if (last < probeAtOnce - 1) break;
  }
  await removeParts(client, name, generation, count);
}
