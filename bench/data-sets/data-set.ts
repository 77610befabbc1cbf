import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { type GeneratedFile, mixedFiles, randomFiles } from './mixed.ts';
import { type Stream, streamOf } from './stream.ts';

export interface DataSet {
  readonly name: string;
  readonly folder: string;
  readonly files: number;
  readonly bytes: number;
}

/** Raised when what a generator makes changes, so that no old data is measured under a new name. */
const edition = 1;

const generators: Readonly<Record<'mixed' | 'random', (stream: Stream, size: number) => Generator<GeneratedFile>>> = {
  mixed: mixedFiles,
  random: randomFiles,
};

/**
 * The data set `name` of about `size` bytes, made once and kept in the user's cache: the same bytes on every computer.
 * Made under another name first, so that one that broke off is never taken for whole.
 */
export async function dataSet(name: keyof typeof generators, size: number, base = cacheFolder()): Promise<DataSet> {
  const folder = path.join(base, `${name}-${size}-${edition}`);
  if ((await stat(folder).catch(() => null)) === null) {
    const making = `${folder}.making-${process.pid}`;
    await rm(making, { recursive: true, force: true });
    for (const file of generators[name](streamOf(`hypha bench ${name} ${edition}`), size)) {
      const target = path.join(making, file.path);
      await mkdir(path.dirname(target), { recursive: true });
      await writeFile(target, file.bytes);
    }
    await rename(making, folder);
  }
  return { name, folder, ...(await readAll(folder)) };
}

/** Read every file once, which also brings all of it into the page cache. */
export async function readAll(folder: string): Promise<{ files: number; bytes: number }> {
  let files = 0;
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    files += 1;
    bytes += (await readFile(path.join(entry.parentPath, entry.name))).length;
  }
  return { files, bytes };
}

function cacheFolder(): string {
  return path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'hypha', 'bench');
}
