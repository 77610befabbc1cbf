import { closeSync, linkSync, lstatSync, openSync, renameSync, unlinkSync } from 'node:fs';

/**
 * Give a file that was written under a temporary name its own: at once and whole, and never over what bears that name by
 * then, a dangling link included. Renaming would replace it (rename(2)), so the name is made as a second link to the file,
 * which fails where one is (link(2)), and the temporary one is taken away.
 *
 * @throws an error with code EEXIST when the name is taken; the temporary file is left to the caller then
 */
export function giveName(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (isTaken(error)) throw error;
    // FAT, exFAT and some network file systems have no links, and say so in many ways. What else is wrong shows here too.
    claimName(temporary, path);
    return;
  }
  try {
    unlinkSync(temporary);
  } catch {
    // The file is whole under its name; a second, hidden name harms nobody.
  }
}

/** Without links: an empty file holds the name, which the whole one then replaces unless somebody wrote into it meanwhile. */
function claimName(temporary: string, path: string): void {
  closeSync(openSync(path, 'wx', 0o644));
  const now = lstatSync(path);
  if (!now.isFile() || now.size > 0) throw Object.assign(new Error(`${path} is taken`), { code: 'EEXIST' });
  try {
    renameSync(temporary, path);
  } catch (error) {
    if (lstatSync(path).size === 0) unlinkSync(path);
    throw error;
  }
}

export const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException | null)?.code === 'EEXIST';
