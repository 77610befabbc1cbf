import { isUtf8 } from 'node:buffer';
import type { BigIntStats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { itemNameSchema } from '#shared/contract/vault.ts';
import type { OwnDirectories } from '../../service/own-directories.ts';
import { isJunk, isOwn } from '../plan/ignore.ts';
import { joined, type LocalEntry, parentOf } from '../plan/trees.ts';
import { type Problem, problems } from '../problem.ts';
import { markOf, printOf } from './print.ts';

/** A file or folder of the watched directory. */
export interface Found extends LocalEntry {
  /** As the disk spells it, from the watched directory: names in the vault are composed (NFC), names on a disk need not be. */
  readonly disk: string;
  readonly size: number;
  readonly modified: number;
}
export interface Scan {
  readonly local: Map<string, Found>;
  readonly held: Set<string>;
  readonly problems: Problem[];
  /** Directories, as the disk spells them; the watched one is empty. */
  readonly directories: string[];
  /** Hidden files and directories of ours that a killed agent left, as the disk spells them. */
  readonly leftovers: string[];
  /** Files that somebody still writes to. */
  readonly busy: number;
}
export interface ScanOptions {
  readonly root: string;
  readonly signal: AbortSignal;
  readonly own: OwnDirectories;
  /** In the names of our own hidden files. */
  readonly tag: string;
  isIgnored(name: string): boolean;
  /** Nobody writes to it any more. */
  rests(path: string, print: string, modifiedMs: number): boolean;
}

/** Asked about at a time. */
const together = 64;

/**
 * All that lies in a directory of this computer, by `lstat` alone: no link is followed, no other disk entered. What the vault cannot
 * hold, what cannot be read and what is still being written is held, with the reason. Other work gets its turn in between.
 *
 * @throws the system's error when the directory itself cannot be read, and when aborted
 */
export async function scan(options: ScanOptions): Promise<Scan> {
  const { root, signal, own, tag } = options;
  const local = new Map<string, Found>();
  const held = new Set<string>();
  const found: Problem[] = [];
  const directories: string[] = [''];
  const leftovers: string[] = [];
  let busy = 0;
  const { dev } = await lstat(root, { bigint: true });
  const hold = (problem: Problem): void => {
    held.add(problem.path);
    found.push(problem);
  };

  const judge = async (path: string, disk: string, info: BigIntStats): Promise<void> => {
    const full = join(root, disk);
    if (info.isSymbolicLink()) return hold(problems.link(path));
    if (info.isDirectory()) {
      if (info.dev !== dev) return hold(problems.otherDisk(path));
      const what = await own.directory(full, Number(info.ino));
      if (what !== null) return hold(problems.own(path, what));
      local.set(path, { kind: 'folder', print: '', mark: markOf(info), disk, size: 0, modified: Number(info.mtimeMs) });
      directories.push(disk);
      waiting.push({ path, disk });
      return;
    }
    if (!info.isFile()) return hold(problems.special(path));
    const print = printOf(info);
    const modified = Number(info.mtimeMs);
    if (!options.rests(path, print, modified)) {
      held.add(path);
      busy++;
      return;
    }
    local.set(path, { kind: 'file', print, mark: markOf(info), disk, size: Number(info.size), modified });
  };

  const waiting: { readonly path: string; readonly disk: string }[] = [{ path: '', disk: '' }];
  for (let folder = waiting.pop(); folder; folder = waiting.pop()) {
    signal.throwIfAborted();
    const { path: above, disk: where } = folder;
    let names: Buffer[];
    try {
      names = await readdir(join(root, where), { encoding: 'buffer' });
    } catch (error) {
      if (above === '') throw error;
      const code = (error as NodeJS.ErrnoException).code ?? String(error);
      for (const path of [...local.keys()]) if (path === above) local.delete(path);
      if (code !== 'ENOENT') hold(problems.unreadable(above, code));
      continue;
    }
    const wanted: { readonly path: string; readonly disk: string }[] = [];
    const spelled = new Map<string, string>();
    for (const bytes of names.sort(Buffer.compare)) {
      const name = bytes.toString();
      const disk = where === '' ? name : where + sep + name;
      if (!isUtf8(bytes)) {
        hold(problems.nameVault(joined(above, name), 'It is not UTF-8.'));
        continue;
      }
      if (isOwn(name)) {
        if (name.startsWith(`.hypha-${tag}-`)) leftovers.push(disk);
        continue;
      }
      if (isJunk(name)) continue;
      const composed = name.normalize('NFC');
      const path = joined(above, composed);
      if (options.isIgnored(composed)) {
        held.add(path);
        continue;
      }
      const fits = itemNameSchema.safeParse(name);
      if (!fits.success) {
        hold(problems.nameVault(path, fits.error.issues[0]?.message ?? ''));
        continue;
      }
      const other = spelled.get(composed);
      if (other !== undefined) {
        hold(problems.alike(path, other));
        continue;
      }
      spelled.set(composed, name);
      wanted.push({ path, disk });
    }
    for (let i = 0; i < wanted.length; i += together) {
      signal.throwIfAborted();
      const some = wanted.slice(i, i + together);
      const infos = await Promise.all(
        some.map(({ disk }) =>
          lstat(join(root, disk), { bigint: true }).catch((error: NodeJS.ErrnoException) => error.code ?? 'EIO'),
        ),
      );
      for (const [n, info] of infos.entries()) {
        const { path, disk } = some[n] as (typeof some)[number];
        if (typeof info !== 'string') await judge(path, disk, info);
        else if (info !== 'ENOENT') hold(problems.unreadable(path, info));
      }
    }
  }
  // What was held after its siblings were taken goes with all below it.
  for (const path of held) local.delete(path);
  for (const path of local.keys()) {
    const folder = parentOf(path);
    if (folder !== '' && !local.has(folder)) local.delete(path);
  }
  return { local, held, problems: found, directories, leftovers, busy };
}
