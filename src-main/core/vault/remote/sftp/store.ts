import { toHex } from '#core/crypto/encoding.ts';
import type { ShardStore } from '../../ports.ts';
import type { Clock } from '../timing.ts';
import { Trouble } from '../trouble.ts';
import type { Connection } from './connection.ts';
import { readInto, writeParts } from './files.ts';
import type { SftpTarget } from './options.ts';
import type { Session } from './session.ts';
import { fullTrouble, isStatus, SftpStatus, status } from './words.ts';

/** What was being written by who was killed or cut off; older than this nobody writes it any more. */
const staleMs = 24 * 3_600_000;
/** Far beyond what lies in one directory of a place; the end of a server's tale without end. */
const mostNames = 1_000_000;

const directoryOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), 0));
const isDirectory = (mode: number): boolean => (mode & 0o170000) === 0o040000;
const isPart = (name: string): boolean => name.endsWith('.part');

export const below = (root: string, name: string): string => (root === '/' ? `/${name}` : `${root}/${name}`);

/** Make bytes that were written durable, where the server can. Others do it when the file is closed, or some time after. */
export const sync = async (session: Session, handle: Buffer): Promise<void> => {
  if (session.offers.fsync) await session.fsync(handle);
};

/**
 * Why a write failed: SFTP 3 has no word for a full disk, so the server is asked how much is free. Ask before what was written is
 * removed.
 */
export async function writeTrouble(
  session: Session,
  target: SftpTarget,
  wanted: number,
  error: unknown,
): Promise<unknown> {
  if (!isStatus(error, status.failure) || !session.offers.statvfs) return error;
  const free = await session.free(target.path).catch(() => null);
  return free !== null && free < wanted ? fullTrouble(target.host, target.path) : error;
}

/**
 * Shards as files on an SSH server, laid out as in a directory of this computer. Each is written under a name of its own (`.part`; what a
 * cut connection still brings never meets a later try), synced where the server offers it, and renamed.
 */
export function createSftpStore(connection: Connection, target: SftpTarget, clock: Clock): ShardStore {
  const made = new Set<string>();
  /** Directories whose names are not durable yet. */
  let unsettled = new Set<string>();
  const settling = new Set<Promise<void>>();
  /** Temporary files that could not be removed when their writing failed. */
  const left = new Set<string>();
  /** Syncing a directory through a handle on it works on OpenSSH's server on Linux; nobody promises it. */
  let directorySyncWorks = false;

  const makeLevel = async (session: Session, path: string): Promise<void> => {
    try {
      await session.mkdir(path);
    } catch (error) {
      // SFTP 3 has no word for “is there already”.
      if (!(error instanceof SftpStatus) || isStatus(error, status.noSuchFile)) throw error;
      const info = await session.stat(path).catch(() => null);
      if (!info || !isDirectory(info.mode)) throw error;
    }
  };
  const ensure = async (session: Session, directory: string): Promise<void> => {
    if (made.has(directory) || directory === target.path) return;
    // Level by level and never the root itself: an unplugged drive must not become a directory of the disk below it.
    await ensure(session, directoryOf(directory));
    await makeLevel(session, directory);
    made.add(directory);
    unsettled.add(directoryOf(directory));
  };
  const create = async (session: Session, path: string): Promise<Buffer> => {
    await ensure(session, directoryOf(path));
    try {
      return await session.open(path, 'w');
    } catch (error) {
      if (!isStatus(error, status.noSuchFile)) throw error;
      // The directory was deleted since.
      made.clear();
      await ensure(session, directoryOf(path));
      return session.open(path, 'w');
    }
  };
  const moveOver = async (session: Session, from: string, to: string): Promise<void> => {
    if (session.offers.posixRename) return session.posixRename(from, to);
    try {
      await session.rename(from, to);
    } catch (error) {
      // The name is there already. Shards do not change, so between the two steps nothing is lost that cannot be made again.
      if (!isStatus(error, status.failure)) throw error;
      await session.remove(to);
      await session.rename(from, to);
    }
  };
  const drop = async (session: Session, path: string): Promise<void> => {
    try {
      await session.remove(path);
    } catch (error) {
      if (isStatus(error, status.noSuchFile)) return;
      left.add(path);
      throw error;
    }
  };
  const put = async (session: Session, path: string, parts: readonly Uint8Array[]): Promise<void> => {
    const temporary = `${path}.${toHex(clock.random(6))}.part`;
    let handle: Buffer | null = null;
    try {
      handle = await create(session, temporary);
      await writeParts(connection, session, handle, parts);
      await sync(session, handle);
      await session.close(handle);
      handle = null;
      await moveOver(session, temporary, path);
    } catch (error) {
      const total = parts.reduce((sum, part) => sum + part.length, 0);
      const trouble = await writeTrouble(session, target, total, error);
      made.delete(directoryOf(path));
      if (handle) await session.close(handle).catch(() => {});
      await drop(session, temporary).catch(() => {});
      throw trouble;
    }
    unsettled.add(directoryOf(path));
  };
  const syncDirectory = (directory: string): Promise<void> =>
    connection.use(directory, async (session) => {
      if (!session.offers.fsync) return;
      try {
        const handle = await session.open(directory, 'r');
        try {
          await session.fsync(handle);
        } finally {
          await session.close(handle).catch(() => {});
        }
        directorySyncWorks = true;
      } catch (error) {
        if (directorySyncWorks || error instanceof Trouble) throw error;
      }
    });
  const settleNow = async (directories: ReadonlySet<string>): Promise<void> => {
    try {
      await Promise.all([...directories].map(syncDirectory));
    } catch (error) {
      for (const directory of directories) unsettled.add(directory);
      throw error;
    }
  };
  const sweep = async (session: Session): Promise<void> => {
    for (const path of [...left].slice(0, 100)) {
      left.delete(path);
      await drop(session, path).catch(() => {});
    }
  };

  return {
    async put(name, parts, taken) {
      const path = below(target.path, name);
      await connection.use(path, (session) => put(session, path, parts));
      taken?.();
    },
    async settle() {
      const directories = unsettled;
      unsettled = new Set();
      const mine = settleNow(directories);
      settling.add(mine);
      // Another pack's settle may have taken our names along: they are durable when that one is, not before.
      try {
        await Promise.all(settling);
      } finally {
        await mine.catch(() => {});
        settling.delete(mine);
      }
    },
    read(name, offset, into) {
      const path = below(target.path, name);
      return connection.use(path, async (session) => {
        try {
          if (into.length === 0) return (await session.stat(path)).size >= offset;
          const handle = await session.open(path, 'r');
          try {
            return await readInto(connection, session, handle, offset, into);
          } finally {
            await session.close(handle).catch(() => {});
          }
        } catch (error) {
          if (isStatus(error, status.noSuchFile)) return false;
          throw error;
        }
      });
    },
    size(name) {
      const path = below(target.path, name);
      return connection.use(path, async (session) => {
        try {
          return (await session.stat(path)).size;
        } catch (error) {
          if (isStatus(error, status.noSuchFile)) return null;
          throw error;
        }
      });
    },
    async remove(name) {
      const path = below(target.path, name);
      await connection.use(path, async (session) => {
        try {
          await session.remove(path);
          unsettled.add(directoryOf(path));
        } catch (error) {
          if (!isStatus(error, status.noSuchFile)) throw error;
        }
      });
    },
    list(directory) {
      const path = below(target.path, directory);
      return connection.use(path, async (session) => {
        await sweep(session);
        const names: string[] = [];
        for (const { filename, attrs } of await listDirectory(session, path, target.host)) {
          if (!isPart(filename)) names.push(`${directory}/${filename}`);
          else if (attrs.mtime * 1000 < clock.now() - staleMs)
            await drop(session, below(path, filename)).catch(() => {});
        }
        return names;
      });
    },
  };
}

/** What is in a directory; nothing where it is not there. */
export async function listDirectory(session: Session, path: string, host: string) {
  let handle: Buffer;
  try {
    handle = await session.openDirectory(path);
  } catch (error) {
    if (isStatus(error, status.noSuchFile)) return [];
    throw error;
  }
  try {
    const all = [];
    let answers = 0;
    for (let some = await session.names(handle); some !== null; some = await session.names(handle)) {
      for (const one of some) if (!one.filename.includes('/')) all.push(one);
      if (++answers > mostNames || all.length > mostNames) {
        throw new Trouble('broken', `${host} does not come to the end of a directory.`);
      }
    }
    return all;
  } finally {
    await session.close(handle).catch(() => {});
  }
}
