/** What the daemon's receiver reckons with: it makes room for this many bytes a chunk. */
const chunkBytes = 1300;

/** The number of chunks a message of this length is sent in. */
export function chunkCount(length: number): number {
  return Math.ceil(length / chunkBytes);
}

/**
 * Where chunk `index` lies. Chunks are of nearly equal size, which avoids a trap: the daemon splits off 1300 bytes at a time,
 * and its receiver then refuses a last chunk of 1 to 249 bytes for ever, so that a fifth of all lengths never arrives. Near
 * equal parts of the same number pass all of its checks at every length.
 */
export function chunkAt(length: number, index: number): { offset: number; size: number } {
  const count = chunkCount(length);
  const size = Math.floor(length / count);
  const larger = length % count;
  return index < larger
    ? { offset: index * (size + 1), size: size + 1 }
    : { offset: larger * (size + 1) + (index - larger) * size, size };
}

/** No honest sender has more chunks than this: the daemon's receiver takes none under 250 bytes but the last. */
export function mostChunks(length: number): number {
  return Math.max(1, Math.ceil(length / 250));
}
