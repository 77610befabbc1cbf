import { asBytes } from '#core/crypto/bytes.ts';
import type { Backends } from './backends.ts';
import type { LaterOpening } from './engine.ts';
import { keyToBytes, type MetaData, type ShardInfo } from './metadata.ts';

/** What a shard is found to be. `rotten`: its bytes are others. `unreachable`: its backend does not answer, so nobody knows. */
export type ShardState = 'good' | 'missing' | 'rotten' | 'unreachable';

/** Pieces asked for ahead of what is taken, of each shard: hides the way to the backend. */
const ahead = 2;

/**
 * Shards into an opening: k of them, the data shards first since those need no rebuilding; or all there are.
 *
 * @returns what was found, by index; what was not asked for is not in it
 * @throws the signal's reason, and what the opening throws (a full disk)
 */
export async function fetchShards(
  record: MetaData,
  opening: LaterOpening,
  backends: Backends,
  which: 'enough' | 'all',
  signal: AbortSignal,
): Promise<Map<number, ShardState>> {
  const states = new Map<number, ShardState>();
  const queue = [...record.shards].sort((a, b) => a.index - b.index);
  const goodOnes = (): number => [...states.values()].filter((state) => state === 'good').length;
  /** As many under way as may still be needed, never more than k. */
  const lane = async (): Promise<void> => {
    for (let shard = queue.shift(); shard; shard = queue.shift()) {
      const state = await fetchShard(shard, opening, backends, signal);
      states.set(shard.index, state);
      if (state === 'good' && which === 'enough') return;
    }
  };
  await Promise.all(Array.from({ length: record.k }, lane));
  signal.throwIfAborted();
  if (which === 'enough' && goodOnes() >= record.k) return states;
  for (let index = 0; index < record.k + record.parity; index++) if (!states.has(index)) states.set(index, 'missing');
  return states;
}

async function fetchShard(
  { index, keys, checksum, at }: ShardInfo,
  opening: LaterOpening,
  backends: Backends,
  signal: AbortSignal,
): Promise<ShardState> {
  const zdb = backends.at(at);
  const asked: Promise<Uint8Array | null>[] = [];
  let next = 0;
  const more = (): void => {
    for (let key = keys[next]; key && asked.length < ahead; key = keys[++next]) {
      const answer = zdb.get(keyToBytes(key));
      answer.catch(() => {});
      asked.push(answer);
    }
  };
  for (;;) {
    signal.throwIfAborted();
    more();
    const coming = asked.shift();
    if (!coming) break;
    let piece: Uint8Array | null;
    try {
      piece = await coming;
    } catch {
      await opening.drop(index);
      return 'unreachable';
    }
    if (piece === null) {
      await opening.drop(index);
      return 'missing';
    }
    // What has its memory to itself goes to the other thread as it is.
    const own = piece.byteLength === piece.buffer.byteLength;
    await opening.append(index, own ? asBytes(piece) : new Uint8Array(piece));
  }
  return (await opening.finishShard(index, checksum)) ? 'good' : 'rotten';
}

/** Whether every piece of each shard is there, asked and not read: rot is not seen this way. */
export async function lookForShards(record: MetaData, backends: Backends): Promise<ShardState[]> {
  const states: ShardState[] = Array.from({ length: record.k + record.parity }, () => 'missing');
  await Promise.all(
    record.shards.map(async ({ index, keys, at }) => {
      const zdb = backends.at(at);
      try {
        let there = true;
        for (const key of keys) there &&= (await zdb.length(keyToBytes(key))) !== null;
        states[index] = there ? 'good' : 'missing';
      } catch {
        states[index] = 'unreachable';
      }
    }),
  );
  return states;
}
