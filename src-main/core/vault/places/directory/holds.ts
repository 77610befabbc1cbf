import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isTemporary } from '#core/store/leftovers.ts';
import { identityFile } from '../../format/place-identity.ts';

const filesIn = async (path: string): Promise<string[]> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
};

/** Nothing but the mark is there. */
export const holdsNothing = (path: string): Promise<boolean> =>
  filesIn(path)
    .then((files) => files.every((file) => file === join(path, identityFile) || isTemporary(basename(file))))
    .catch(() => false);

/** No piece of a file is there; the copy of a catalogue may be. */
export const holdsNoData = (path: string): Promise<boolean> =>
  filesIn(path)
    .then((files) => files.every((file) => !file.startsWith(join(path, 'p'))))
    .catch(() => false);
