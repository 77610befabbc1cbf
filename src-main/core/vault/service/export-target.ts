import { open, realpath, rm, stat } from 'node:fs/promises';
import { makeDirectory } from '#core/store/make-directory.ts';
import { Fail, fail } from '#shared/rpc/fail.ts';
import type { Core } from '../core.ts';
import { targetFull } from '../failures.ts';
import { clash, whereabouts } from '../places/directory/apart.ts';
import { directoriesOf, isFull } from '../places/places.ts';

export const badTarget = (to: string, why: string) =>
  fail('BAD_TARGET', `${to} cannot be used: ${why}.`, {
    meaning: 'Nothing was written.',
    next: 'Choose another directory.',
  });

/** Make the directory when it is not there. @returns where it really is, whatever links lead to it */
export async function checkTarget(c: Core, to: string): Promise<string> {
  const home = clash(await whereabouts(to), [await whereabouts(c.deps.home)]);
  const all = directoriesOf(c.opened().engine.places);
  const places = await Promise.all(all.map(({ path }) => whereabouts(path)));
  const found = clash(await whereabouts(to), places);
  if (found && found.how !== 'around') throw badTarget(to, 'it lies inside a place of the vault');
  if (home && home.how !== 'around') throw badTarget(to, 'it lies inside Hypha’s own data directory');
  const others = clash(
    await whereabouts(to),
    await Promise.all(c.forOthers.flatMap((paths) => paths()).map(whereabouts)),
  );
  if (others && others.how !== 'around') throw badTarget(to, 'it lies inside what you keep for others');
  try {
    const info = await stat(to).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (info === null) await makeDirectory(to, 0o777);
    else if (!info.isDirectory()) throw badTarget(to, 'it is not a directory');
    const real = await realpath(to);
    return real;
  } catch (error) {
    if (error instanceof Fail) throw error;
    throw badTarget(to, `it could not be made (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}

/** Asked of the file system itself: rights alone do not tell of what takes no files at all. */
export async function tryToWrite(to: string, probe: string): Promise<void> {
  try {
    await (await open(probe, 'wx', 0o600)).close();
    await rm(probe, { force: true });
  } catch (error) {
    if (isFull(error)) throw targetFull(to);
    throw badTarget(to, `nothing can be written there (${(error as NodeJS.ErrnoException).code ?? error})`);
  }
}
