import { freeNow } from '#core/crypto/free.ts';
import { checkShardTag, encodeShardHeader, headerBytes, tagBytes } from '../format/shard.ts';
import type { PackRow, VaultRow } from '../store/catalogue.ts';
import { type Engine, headerOf, shardName } from '../store/engine.ts';
import { createLossJudge } from '../store/is-loss.ts';
import { inTime } from './in-time.ts';

/** Servers have shorter deadlines of their own. */
const answerMs = 5 * 60_000;

/** `unread`: nothing is known of it now. */
export type Found = 'right' | 'rotten' | 'missing' | 'unread';

/**
 * Reads one shard and says what is there. Right is the shard that belongs there and no other: its header names vault, pack and index,
 * and the keyed tag covers header and bytes, so an older or another shard under this name is rotten like a flipped bit. What is
 * bad is read once more, and the place must bear its mark, before it is believed.
 */
export function createShardCheck(
  { places, deps }: Pick<Engine, 'places' | 'deps'>,
  vault: Pick<VaultRow, 'id' | 'integrity'>,
) {
  const isLoss = createLossJudge(places, vault.id);

  const look = async (
    pack: PackRow,
    idx: number,
    id: string,
    bytes: Uint8Array,
  ): Promise<Exclude<Found, 'unread'> | 'error'> => {
    const place = places.get(id);
    if (!place) return 'error';
    const name = shardName(pack, idx);
    const full = bytes.length;
    try {
      if (!(await place.store.read(name, 0, bytes)))
        return (await place.store.size(name)) === null ? 'missing' : 'rotten';
      // A question less for servers, where it costs: bytes after the tag harm nobody.
      if (place.row.address.kind === 'directory' && (await place.store.size(name)) !== full) return 'rotten';
    } catch {
      return 'error';
    }
    const header = encodeShardHeader({ ...headerOf(pack, vault.id), index: idx });
    if (Buffer.compare(bytes.subarray(0, headerBytes), header) !== 0) return 'rotten';
    const body = bytes.subarray(headerBytes, full - tagBytes);
    return checkShardTag(vault.integrity, header, body, bytes.subarray(full - tagBytes)) ? 'right' : 'rotten';
  };

  const judge = async (pack: PackRow, idx: number, id: string): Promise<Found> => {
    const bytes = new Uint8Array(headerBytes + pack.shardLength + tagBytes);
    let found = await look(pack, idx, id, bytes);
    if (found !== 'right') found = await look(pack, idx, id, bytes);
    freeNow(bytes);
    if (found === 'right') return found;
    if (!(await isLoss(id, found === 'error'))) return 'unread';
    return found === 'error' ? 'rotten' : found;
  };

  /** Under a bound of traffic others are read at the same time, and each twice where the first time was not right. */
  const slowness = (pack: PackRow): number => deps.traffic?.down.timeOf(16 * pack.shardLength) ?? 0;

  return (pack: PackRow, idx: number, id: string): Promise<Found> =>
    inTime(deps.host, answerMs + slowness(pack), judge(pack, idx, id), () => 'unread');
}
export type ShardCheck = ReturnType<typeof createShardCheck>;
