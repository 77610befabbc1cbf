import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** Shorter ones gain nothing. */
const least = 256 * 1024;
/** What memory, positions and lengths must be multiples of, whatever the disk: no block of one is larger. */
const block = 4096;

/**
 * How many bytes of `part` can go to the disk straight from where they lie (O_DIRECT), without the copy of them that the system keeps
 * otherwise. Nobody reads shards soon after they were stored, and that copy costs more time than all else that is done with the bytes,
 * and pushes out of the system's memory what is used. Only where the memory is known to begin on a page: the arena.
 */
export function straightBytes(part: Uint8Array | undefined): number {
  if (process.platform !== 'linux' || !part || part.length < least) return 0;
  if (!(part.buffer instanceof SharedArrayBuffer) || part.byteOffset % block !== 0) return 0;
  return part.length - (part.length % block);
}

/**
 * Write the first `length` bytes of `part`, as {@link straightBytes} allows, to the front of a file that is there and empty.
 *
 * @returns how many were written; none where the file system cannot take them so. Not yet durable: the disk may hold them in its cache
 */
export async function writePastCache(path: string, part: Uint8Array, length: number): Promise<number> {
  let written = 0;
  try {
    const handle = await open(path, constants.O_WRONLY | constants.O_DIRECT);
    try {
      while (written < length) {
        const { bytesWritten } = await handle.write(part, written, length - written, written);
        written += bytesWritten;
        if (bytesWritten % block !== 0) break;
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (!refused.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
  return written;
}

/** So say file systems that do not have it (open(2), "O_DIRECT"). */
const refused = new Set(['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);
