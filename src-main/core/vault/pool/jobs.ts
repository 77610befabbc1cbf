import { freeNow } from '#core/crypto/free.ts';
import { createKernel, type Kernel } from '../erasure/kernel.ts';
import { generator, rebuildRows } from '../erasure/matrix.ts';
import {
  type ChunkPosition,
  type Codec,
  codecs,
  compress,
  openChunk,
  sealChunk,
  sealChunkInto,
  sealOverhead,
} from '../format/chunk.ts';
import {
  checkShardTag,
  encodeShardHeader,
  headerBytes,
  type ShardHeader,
  shardLengthFor,
  shardTag,
} from '../format/shard.ts';
import { imageStride } from './arena.ts';
import { type DeliverJob, type DeliverResult, deliver } from './deliver.ts';
import { type LoadJob, type LoadResult, load } from './load.ts';
import { type LookJob, type LookResult, look } from './look.ts';
import { type ScanJob, type ScanResult, scan } from './scan.ts';

/** Compress and seal chunks into the slot at `slot`, one after the other, and make the shard files of them there. */
export interface PackJob {
  readonly kind: 'pack';
  /** By chunk: where its plain bytes lie in the arena. Numbers in one array cross threads a hundred times faster than objects. */
  readonly at: Uint32Array;
  readonly length: Uint32Array;
  /** Without compression for what is compressed already. */
  readonly compress: boolean;
  readonly slot: number;
  readonly slotBytes: number;
  readonly packKey: Uint8Array;
  readonly integrityKey: Uint8Array;
  readonly header: Omit<ShardHeader, 'index' | 'shardLength' | 'payload'>;
}
export interface PackResult {
  /** By chunk: where it lies in the payload, its sealed length and its {@link Codec}. */
  readonly offset: Uint32Array;
  readonly sealed: Uint32Array;
  readonly codec: Uint8Array;
  /** All of the data shards: what of it is chunks, only the catalogue tells. */
  readonly payload: number;
  /** Shard file i (header, bytes, tag) lies at slot + i * imageStride(shardLength). */
  readonly shardLength: number;
}

/** Open sealed chunks; an entry is null when the bytes are not that chunk. */
export interface OpenJob {
  readonly kind: 'open';
  readonly packKey: Uint8Array;
  readonly position: ChunkPosition;
  /** The bytes, or where they lie in the arena. */
  readonly sealed: Uint8Array | { readonly at: number; readonly length: number };
}
export interface OpenResult {
  readonly plain: Uint8Array | null;
}

/**
 * The slot holds shards at slot + index * shardLength. Check the tags of those read (`have`), and when at least k are
 * right make the shards in `want` (all missing ones when left out) in their places, with header and tag.
 */
export interface RebuildJob {
  readonly kind: 'rebuild';
  readonly slot: number;
  readonly header: Omit<ShardHeader, 'index'>;
  readonly integrityKey: Uint8Array;
  readonly have: readonly { index: number; tag: Uint8Array }[];
  readonly want: readonly number[];
}
export interface RebuildResult {
  /** Indices whose tag is wrong. */
  readonly rotten: readonly number[];
  /** False when fewer than k shards are right: `rebuilt` has only those wanted that are right themselves. */
  readonly enough: boolean;
  readonly rebuilt: readonly { index: number; header: Uint8Array; tag: Uint8Array }[];
}

export type Job = LookJob | LoadJob | ScanJob | PackJob | OpenJob | DeliverJob | RebuildJob;
export type ResultOf<J extends Job> = J extends LookJob
  ? LookResult
  : J extends LoadJob
    ? LoadResult
    : J extends ScanJob
      ? ScanResult
      : J extends PackJob
        ? PackResult
        : J extends OpenJob
          ? OpenResult
          : J extends DeliverJob
            ? DeliverResult
            : RebuildResult;

/** Runs jobs on one thread: all the heavy work of the vault, with no clock or randomness and, but for looking, loading, scanning and delivering, no I/O. */
export function createRunner(memory: WebAssembly.Memory, scratch: number): <J extends Job>(job: J) => ResultOf<J> {
  const kernel = createKernel(memory, scratch);
  const bytes = new Uint8Array(memory.buffer);
  const run = (job: Job): ResultOf<Job> => {
    switch (job.kind) {
      case 'look':
        return look(job);
      case 'load':
        return load(bytes, job);
      case 'scan':
        return scan(kernel, bytes, job);
      case 'pack':
        return pack(kernel, bytes, job);
      case 'open':
        return { plain: openChunk(job.packKey, job.position, sealedOf(bytes, job)) };
      case 'deliver':
        return deliver(bytes, job);
      case 'rebuild':
        return rebuild(kernel, bytes, job);
    }
  };
  return run as <J extends Job>(job: J) => ResultOf<J>;
}

function sealedOf(bytes: Uint8Array, { sealed }: OpenJob): Uint8Array {
  return sealed instanceof Uint8Array ? sealed : bytes.subarray(sealed.at, sealed.at + sealed.length);
}

function pack(kernel: Kernel, bytes: Uint8Array, job: PackJob): PackResult {
  const { k, m, packId } = job.header;
  let payload = 0;
  const count = job.at.length;
  const made = { offset: new Uint32Array(count), sealed: new Uint32Array(count), codec: new Uint8Array(count) };
  for (let index = 0; index < count; index++) {
    const at = job.at[index] ?? 0;
    const length = job.length[index] ?? 0;
    const plain = bytes.subarray(at, at + length);
    const { codec, bytes: body } = job.compress ? compress(plain) : { codec: 0 as const, bytes: plain };
    if (payload + body.length + sealOverhead > job.slotBytes) throw new RangeError('pack does not fit its slot');
    const position = { packId, index, codec, plain: length };
    const target = bytes.subarray(job.slot + payload, job.slot + job.slotBytes);
    const offset = payload;
    // The catalogue's body lies in the slot itself, at its far end: sealed aside where the two would meet.
    const meets = at >= job.slot && at < job.slot + payload + body.length + sealOverhead;
    if (meets) target.set(sealChunk(job.packKey, position, body));
    else sealChunkInto(job.packKey, position, body, target);
    const sealed = body.length + sealOverhead;
    payload += sealed;
    if (body !== plain) freeNow(body);
    made.offset[index] = offset;
    made.sealed[index] = sealed;
    made.codec[index] = codec;
  }
  const shardLength = shardLengthFor(payload, k);
  const stride = imageStride(shardLength);
  if (stride * (k + m) > job.slotBytes) throw new RangeError('pack does not fit its slot');
  const all = k * shardLength;
  fillUp(job, bytes.subarray(job.slot + payload, job.slot + all));
  const address = (i: number): number => job.slot + i * stride + headerBytes;
  // Each gives way to the ones before it: the last one first.
  for (let i = k - 1; i >= 0; i--) {
    bytes.copyWithin(address(i), job.slot + i * shardLength, job.slot + (i + 1) * shardLength);
  }
  const data = Array.from({ length: k }, (_, i) => address(i));
  const parity = Array.from({ length: m }, (_, i) => address(k + i));
  kernel.combine(generator(k, m).slice(k), data, parity, shardLength);
  for (let index = 0; index < k + m; index++) {
    const header = encodeShardHeader({ ...job.header, index, shardLength, payload: all });
    const end = address(index) + shardLength;
    bytes.set(header, address(index) - headerBytes);
    bytes.set(shardTag(job.integrityKey, header, bytes.subarray(address(index), end)), end);
  }
  return { ...made, payload: all, shardLength };
}

/** No chunk has this number: a pack has some thousands at most. */
const filling = 0xffff_ffff;

/**
 * What is left of the shards, so that nobody without the key sees where the chunks end: zeros, sealed as a chunk that nothing refers to.
 */
function fillUp({ packKey, header: { packId } }: PackJob, rest: Uint8Array): void {
  if (rest.length === 0) return;
  const plain = Math.max(0, rest.length - sealOverhead);
  const position = { packId, index: filling, codec: codecs.none, plain };
  rest.set(sealChunk(packKey, position, new Uint8Array(plain)).subarray(0, rest.length));
}

function rebuild(kernel: Kernel, bytes: Uint8Array, job: RebuildJob): RebuildResult {
  const { k, m, shardLength } = job.header;
  const address = (i: number): number => job.slot + i * shardLength;
  const shard = (i: number): Uint8Array => bytes.subarray(address(i), address(i) + shardLength);
  const rotten: number[] = [];
  const good: number[] = [];
  for (const { index, tag } of job.have) {
    const header = encodeShardHeader({ ...job.header, index });
    (checkShardTag(job.integrityKey, header, shard(index), tag) ? good : rotten).push(index);
  }
  const enough = good.length >= k;
  // What is right is kept as it is; only its header and tag are made again.
  const lost = enough ? job.want.filter((i) => !good.includes(i)) : [];
  const from = good.slice(0, k);
  if (lost.length > 0) {
    kernel.combine(rebuildRows(k, m, from, lost), from.map(address), lost.map(address), shardLength);
  }
  const made = enough ? job.want : job.want.filter((i) => good.includes(i));
  const rebuilt = made.map((index) => {
    const header = encodeShardHeader({ ...job.header, index });
    return { index, header, tag: shardTag(job.integrityKey, header, shard(index)) };
  });
  return { rotten, enough, rebuilt };
}
