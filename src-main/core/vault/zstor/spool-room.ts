import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '#core/crypto/ids.ts';
import { makeDirectory } from '#core/store/make-directory.ts';

/** Where objects lie while they are under way: sealed all the time, in files without names wherever the system allows that. */
export interface SpoolRoom {
  readonly directory: string;
  /** A new name. */
  name(): string;
}

/** Tags of what is under way in this process: only what bears none of them was left by another. */
const running = new Set<string>();

/** @param home the data directory */
export async function openSpoolRoom(
  home: string,
  random: (n: number) => Uint8Array,
): Promise<SpoolRoom & { close(): void }> {
  const directory = join(home, 'vault', 'zstor');
  await makeDirectory(directory, 0o700);
  const tag = toHex(random(16));
  running.add(tag);
  for (const left of await readdir(directory)) {
    const [its = ''] = left.split('-');
    if (!running.has(its)) await rm(join(directory, left), { force: true }).catch(() => {});
  }
  let files = 0;
  return { directory, name: () => join(directory, `${tag}-${++files}`), close: () => void running.delete(tag) };
}
