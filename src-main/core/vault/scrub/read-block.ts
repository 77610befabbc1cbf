import { rebuildRows } from '../erasure/matrix.ts';
import { tableCombine } from '../erasure/table-combine.ts';
import { encodeShardHeader, headerBytes } from '../format/shard.ts';
import type { PackRow, ShardRow, VaultRow } from '../store/catalogue.ts';
import { type Engine, headerOf, shardName } from '../store/engine.ts';
import { blockBytes } from './sample.ts';

/** Blocks that a shard file is asked for by: header and shard. The tag after them is read with the whole. */
export const blocksOf = (shardLength: number): number => Math.ceil((headerBytes + shardLength) / blockBytes);

export type BlockFound = 'right' | 'wrong' | 'unread' | 'alone';

/**
 * Asks a place for one block of a shard and compares it byte for byte with what it must be: the header is known, and the code is
 * linear, so the same bytes of any k other shards make it. That holds for parity as for data, needs no key of the person and a few
 * KiB where the chunk's own seal would need up to 2 MiB. `alone`: fewer than k others can be read now. `wrong` tells that the
 * place or one of the others is; the tags of the whole shards say which.
 */
export async function readBlock(
  { places, catalogue, deps }: Pick<Engine, 'places' | 'catalogue' | 'deps'>,
  vault: Pick<VaultRow, 'id'>,
  pack: PackRow,
  shard: ShardRow,
  block: number,
): Promise<BlockFound> {
  const from = block * blockBytes;
  const to = Math.min(from + blockBytes, headerBytes + pack.shardLength);
  const place = places.get(shard.place);
  if (!place || !places.readable(shard.place)) return 'unread';
  const answer = new Uint8Array(to - from);
  try {
    if (!(await place.store.read(shardName(pack, shard.idx), from, answer))) return 'wrong';
  } catch (error) {
    deps.log.debug({ place: shard.place, error: String(error) }, 'a sample could not be read');
    return 'unread';
  }
  const header = encodeShardHeader({ ...headerOf(pack, vault.id), index: shard.idx });
  const inHeader = Math.max(0, Math.min(to, headerBytes) - from);
  if (Buffer.compare(answer.subarray(0, inHeader), header.subarray(from, from + inHeader)) !== 0) return 'wrong';
  const begin = Math.max(from, headerBytes);
  if (begin >= to) return 'right';
  // What lies on this computer's disks costs nothing to ask.
  const others = catalogue
    .shards(pack.seq)
    .filter((one) => one.idx !== shard.idx && one.state === 'ok' && places.readable(one.place))
    .sort((a, b) => Number(isRemote(places, a)) - Number(isRemote(places, b)));
  const inputs: { idx: number; bytes: Uint8Array }[] = [];
  for (const { idx, place: id } of others) {
    if (inputs.length === pack.k) break;
    const bytes = new Uint8Array(to - begin);
    const read = await places
      .get(id)
      ?.store.read(shardName(pack, idx), begin, bytes)
      .catch(() => false);
    if (read) inputs.push({ idx, bytes });
  }
  if (inputs.length < pack.k) return 'alone';
  const made = new Uint8Array(to - begin);
  const rows = rebuildRows(
    pack.k,
    pack.m,
    inputs.map(({ idx }) => idx),
    [shard.idx],
  );
  tableCombine(
    rows,
    inputs.map(({ bytes }) => bytes),
    [made],
  );
  return Buffer.compare(made, answer.subarray(inHeader)) === 0 ? 'right' : 'wrong';
}

const isRemote = (places: Engine['places'], { place }: ShardRow): boolean =>
  places.get(place)?.row.address.kind !== 'directory';
