/** Below this the collector copes. */
const least = 16 * 1024;

/**
 * Give the memory of bytes back now: nobody may use them any more. Left to the collector, which sees only a small object,
 * tens of megabytes of read and sealed chunks wait beside an almost empty heap. Shared memory stays, and so does what
 * fills less than half of its buffer, which may be the pool that small Buffers are cut from.
 */
export function freeNow(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (!(buffer instanceof ArrayBuffer) || buffer.detached) return;
  if (byteLength >= least && byteLength * 2 > buffer.byteLength) buffer.transfer(0);
}
