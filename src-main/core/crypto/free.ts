/** Below this the collector copes. */
const least = 16 * 1024;
/** No pool that small Buffers are cut from is larger. */
const poolBytes = 128 * 1024;

/**
 * Give the memory of bytes back now: nobody may use them, or others of their buffer, any more. Left to the collector, which
 * sees only a small object, tens of megabytes of read and sealed chunks wait beside an almost empty heap. Shared memory
 * stays, and so does what may be a few bytes of a pool.
 */
export function freeNow(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (!(buffer instanceof ArrayBuffer) || buffer.detached || buffer.byteLength < least) return;
  if (buffer.byteLength > poolBytes || byteLength * 2 > buffer.byteLength) buffer.transfer(0);
}
