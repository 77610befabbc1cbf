import { open } from 'node:fs/promises';
import { noise } from './harness.ts';

/**
 * A file that is mostly a hole, with random bytes evenly over it: it reads like a large file and takes little disk. The
 * hole is stored once, the random bytes go through the whole pipeline.
 */
export async function spreadFile(path: string, size: number, random: number): Promise<void> {
  const piece = 4 * 1024 * 1024;
  const pieces = Math.ceil(random / piece);
  const handle = await open(path, 'wx');
  try {
    await handle.truncate(size);
    for (let i = 0; i < pieces; i++) {
      await handle.write(noise(piece, i + 1), 0, piece, Math.floor(((size - piece) * i) / Math.max(1, pieces - 1)));
    }
  } finally {
    await handle.close();
  }
}
