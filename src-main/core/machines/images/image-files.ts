import { createReadStream } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { toHex } from '#core/crypto/encoding.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { HashAlgorithm } from './checksums.ts';
import { newHash } from './download.ts';

/** A file of an image under the images directory: `ALGORITHM/HEX`, its name being its checksum. */
export const imageFileSchema = z.string().regex(/^(sha256|sha512)[\\/]([0-9a-f]{64}|[0-9a-f]{128})$/);

/** What the file system says of a file that was checked; anyone who writes to it changes this. */
async function look(path: string): Promise<string | null> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  return info === null ? null : `${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}`;
}

/**
 * Whether an image's files are still what their names say. A file is read whole once a run of the agent, and again when it was written to;
 * otherwise only its size and times are looked at.
 */
export function createImageFiles(root: string) {
  const looks = new Map<string, string>();
  return {
    /** `here`, `absent`, or `changed` since it was checked. */
    async state(file: string): Promise<'here' | 'absent' | 'changed'> {
      const path = join(root, file);
      const now = await look(path);
      if (now === null) return 'absent';
      if (looks.get(file) === now) return 'here';
      const [algorithm, hex] = file.split(/[\\/]/) as [HashAlgorithm, string];
      const hash = newHash(algorithm);
      for await (const chunk of createReadStream(path)) hash.update(chunk as Uint8Array);
      if (toHex(hash.digest()) !== hex) return 'changed';
      looks.set(file, now);
      return 'here';
    },
    /** Just downloaded and found right. */
    async noteChecked(file: string): Promise<void> {
      const now = await look(join(root, file));
      if (now !== null) looks.set(file, now);
    },
    async remove(file: string): Promise<number> {
      const path = join(root, file);
      const info = await stat(path).catch(() => null);
      await rm(path, { force: true });
      looks.delete(file);
      return info === null ? 0 : info.blocks ? info.blocks * 512 : info.size;
    },
  };
}

export const changedImage = (id: string) =>
  fail('CHECKSUM_WRONG', `The image ${id} on this computer was changed after it was checked.`, {
    meaning: 'Nothing was started from it.',
    next: 'Download the image again; it is checked anew.',
  });
