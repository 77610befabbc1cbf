import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** What the build reads; a change in any of it makes out/ stale. Tests are left out, they are not built. */
const watched = [
  'src-main',
  'src-shared',
  'src-renderer',
  'scripts/build',
  'vite.config.ts',
  'package.json',
  'package-lock.json',
];

/** SHA-256 over the names and bytes of all sources, in a stable order. */
export async function hashSources(root: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of watched) {
    for (const file of await filesUnder(root, name)) {
      hash.update(`${file.replaceAll(path.sep, '/')}\0`);
      hash.update(
        createHash('sha256')
          .update(await readFile(path.join(root, file)))
          .digest(),
      );
    }
  }
  return hash.digest('hex');
}

async function filesUnder(root: string, name: string): Promise<string[]> {
  const entries = await readdir(path.join(root, name), { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOTDIR') return null;
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  if (entries === null) return [name];
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    .sort();
}
