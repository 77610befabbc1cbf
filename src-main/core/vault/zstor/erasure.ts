import { generator, rebuildRows } from '../erasure/matrix.ts';
import { tableCombine } from '../erasure/table-combine.ts';

/*
 * Bytes as zstor codes them: padded by 1..k bytes that each hold how many they are, cut into k slices, and parity made of those. The field and
 * matrix are the vault's own (erasure/matrix.ts), built to be those of zstor.
 */

/** How many bytes follow `length` bytes: always some, so that how many they are can be read off the last. */
export const paddingFor = (length: number, k: number): number => k - (length % k);

/** Data and parity shards of something short, such as a record. @param value at most some 100 KiB: no kernel is used */
export function codeShards(value: Uint8Array, k: number, parity: number): Uint8Array[] {
  const padding = paddingFor(value.length, k);
  const padded = new Uint8Array(value.length + padding).fill(padding, value.length);
  padded.set(value);
  const length = padded.length / k;
  const data = Array.from({ length: k }, (_, i) => padded.slice(i * length, (i + 1) * length));
  const more = Array.from({ length: parity }, () => new Uint8Array(length));
  tableCombine(generator(k, parity).slice(k), data, more);
  return [...data, ...more];
}

/** @param shards by index, null where it is missing @returns null when fewer than k are there, or they are not of one value */
export function joinShards(shards: readonly (Uint8Array | null)[], k: number, parity: number): Uint8Array | null {
  const there = shards.flatMap((shard, index) => (shard ? [{ shard, index }] : [])).slice(0, k);
  const length = there[0]?.shard.length ?? 0;
  if (there.length < k || length === 0 || there.some(({ shard }) => shard.length !== length)) return null;
  const indices = there.map(({ index }) => index);
  const wanted = Array.from({ length: k }, (_, i) => i).filter((i) => !indices.includes(i));
  const padded = new Uint8Array(k * length);
  for (const { shard, index } of there) if (index < k) padded.set(shard, index * length);
  const rebuilt = wanted.map((index) => padded.subarray(index * length, (index + 1) * length));
  const inputs = there.map(({ shard }) => shard);
  tableCombine(rebuildRows(k, parity, indices, wanted), inputs, rebuilt);
  const end = unpaddedLength(padded.subarray(-Math.min(k, padded.length)), padded.length, k);
  return end === null ? null : padded.slice(0, end);
}

/** @param tail the last bytes of the padded ones: k of them, or all there are @returns null when they are no padding */
export function unpaddedLength(tail: Uint8Array, padded: number, k: number): number | null {
  const padding = tail.at(-1) ?? 0;
  if (padding < 1 || padding > k || padding > tail.length) return null;
  return tail.subarray(-padding).every((byte) => byte === padding) ? padded - padding : null;
}
