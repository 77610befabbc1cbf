/** Below this the allocator copes, and a small Buffer may share its memory with others. */
const least = 128 * 1024;

/**
 * Give the memory of bytes back now: nobody may use them any more. Left to the collector, which sees only a small object,
 * tens of megabytes of read and sealed chunks wait beside an almost empty heap. Shared memory and small buffers stay.
 */
export function freeNow(bytes: Uint8Array): void {
  const { buffer } = bytes;
  if (buffer instanceof ArrayBuffer && buffer.byteLength >= least && !buffer.detached) buffer.transfer(0);
}
