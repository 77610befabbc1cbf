import { lstat, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { foldName } from '../names.ts';

/**
 * Which names a directory takes for one: gives equal text for those. Found out by asking it for a file by another spelling, for
 * neither the operating system nor the file system alone says (case is a property of a directory on ext4 and NTFS). Where it cannot be
 * found out, names are taken for one when any file system would.
 *
 * @param id letters and digits that no file there has in its name
 */
export async function namesAlike(directory: string, id: string): Promise<(name: string) => string> {
  const name = `.hypha-${id}-a\u00e9.part`;
  const path = join(directory, name);
  const tells = async (other: string): Promise<boolean> => {
    const error: unknown = await lstat(join(directory, other)).then(
      () => null,
      (failure: unknown) => failure,
    );
    return (error as NodeJS.ErrnoException | null)?.code === 'ENOENT';
  };
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch {
    return foldName;
  }
  try {
    if (!(await tells(name.replace('-a', '-A')))) return foldName;
    return (await tells(name.normalize('NFD'))) ? (text) => text : (text) => text.normalize('NFC');
  } finally {
    await rm(path, { force: true }).catch(() => {});
  }
}
