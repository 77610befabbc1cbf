import { access, constants, readdir, readFile, stat, statfs } from 'node:fs/promises';
import { dirname, join, parse } from 'node:path';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { isTemporary, removeLeftovers } from '#core/store/leftovers.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import {
  decodePlaceIdentity,
  encodePlaceIdentity,
  identityFile,
  type PlaceIdentity,
} from '../../format/place-identity.ts';
import type { Inspection } from '../inspect.ts';

export async function inspect(path: string): Promise<Inspection> {
  let info: Awaited<ReturnType<typeof stat>>;
  try {
    info = await stat(path);
  } catch {
    return { kind: 'absent', identity: null, writable: false, device: await deviceAbove(path), free: null };
  }
  const device = `fs:${info.dev}`;
  if (!info.isDirectory()) return { kind: 'not-a-directory', identity: null, writable: false, device, free: null };
  const writable = await access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
  const space = await statfs(path).catch(() => null);
  const free = space ? space.bavail * space.bsize : null;
  const mark = await readMark(path);
  if (typeof mark === 'object') return { kind: 'place', identity: mark, writable, device, free };
  let kind: Inspection['kind'] = mark;
  if (mark === 'unmarked') {
    const names = await readdir(path).catch(() => null);
    // A mark that was being written when the process was killed: the directory is as empty as it was.
    const own = names?.filter((name) => !isTemporary(name));
    kind = own === undefined ? 'unreadable' : own.length === 0 ? 'empty' : 'unmarked';
  }
  return { kind, identity: null, writable, device, free };
}

async function readMark(path: string): Promise<PlaceIdentity | 'unmarked' | 'bad-mark' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(join(path, identityFile), 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? 'unmarked' : code === 'EISDIR' ? 'bad-mark' : 'unreadable';
  }
  return decodePlaceIdentity(text) ?? 'bad-mark';
}

/** The directory bears the mark of this very place now. @returns false for anything else */
export async function isMarked(path: string, vault: string, place: string): Promise<boolean> {
  const mark = await readMark(path);
  return typeof mark === 'object' && mark.vault === vault && mark.place === place;
}

async function deviceAbove(path: string): Promise<string> {
  for (let at = dirname(path); ; at = dirname(at)) {
    const info = await stat(at).catch(() => null);
    if (info) return `fs:${info.dev}`;
    if (at === parse(at).root) return 'fs:?';
  }
}

/**
 * Make the directory if needed and write the identity, durable when this resolves. A mark that is there already is never
 * replaced: of two who claim a directory at once, one gets it.
 *
 * @returns false when the directory bears another mark
 */
export async function claim(path: string, identity: PlaceIdentity): Promise<boolean> {
  await makeDirectory(path);
  removeLeftovers(path);
  try {
    await writeFileAtomic(join(path, identityFile), encodePlaceIdentity(identity), { exclusive: true });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return isMarked(path, identity.vault, identity.place);
  }
}

/** A name for a device that a person knows. `homeDevice` is the one Hypha's own data lies on. */
export function deviceWords(device: string, path: string, homeDevice: string): string {
  if (device === homeDevice) return 'This computer’s disk';
  const windows = /^([A-Za-z]:)[\\/]/.exec(path);
  if (windows) return `The drive ${windows[1]}`;
  const mount = /^\/(?:media\/[^/]+|run\/media\/[^/]+|mnt|Volumes)\/([^/]+)/.exec(path);
  return mount ? `The drive “${mount[1]}”` : `Another drive (at ${path})`;
}
