import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Disk } from './disk.ts';
import { DamagedNamespace } from './load.ts';

/*
 * Emptying a namespace (FLUSH) removes all of its pairs, and a kill in the middle must not leave some of them. So the
 * first index file is given another name, in one step; from then on, whoever opens the namespace removes the rest first.
 */

const emptying = 'i0.flushed';
const pairFile = /^[id]\d+$/;

/** Remove all pairs of a namespace that is not open. @throws the system's error */
export function emptyNamespace(disk: Disk, indexDirectory: string, dataDirectory: string): void {
  renameSync(join(indexDirectory, 'i0'), join(indexDirectory, emptying));
  disk.syncDirectory(indexDirectory);
  finishEmptying(disk, indexDirectory, dataDirectory);
}

/**
 * Go on with what was begun before a crash. @throws DamagedNamespace when index files are there and the first is not: a new
 * one would make nonsense of the others
 */
export function finishEmptying(disk: Disk, indexDirectory: string, dataDirectory: string): void {
  const names = disk.names(indexDirectory);
  if (!names.includes(emptying)) {
    if (names.includes('i0') || !names.some((name) => pairFile.test(name))) return;
    throw new DamagedNamespace(`${join(indexDirectory, 'i0')} is missing`);
  }
  for (const [directory, list] of [
    [indexDirectory, names],
    [dataDirectory, disk.names(dataDirectory)],
  ] as const) {
    for (const name of list) if (pairFile.test(name)) rmSync(join(directory, name), { force: true });
    disk.syncDirectory(directory);
  }
  rmSync(join(indexDirectory, emptying), { force: true });
  disk.syncDirectory(indexDirectory);
}
