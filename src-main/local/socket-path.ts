import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join, posix } from 'node:path';
import { sha256 } from '#core/crypto/hash.ts';
import { toHex } from '#core/crypto/ids.ts';
import { fail } from '#shared/rpc/fail.ts';

/** What `sun_path` holds on every Unix we run on, without the closing NUL (104 on macOS and the BSDs, 108 on Linux). */
export const maxSocketPath = 103;

/**
 * The address of the local socket for a data directory. Unix socket paths are short, data directories may be long, so
 * it lies in the runtime directory under a name made from the home's path. On Windows a pipe whose name nobody can
 * foresee, so that nobody can be there first.
 */
export function socketAddress(options: {
  home: string;
  platform: NodeJS.Platform;
  runtimeDirectory: string;
  random: (n: number) => Uint8Array;
}): string {
  const { home, platform, runtimeDirectory, random } = options;
  const name = toHex(sha256(new TextEncoder().encode(home))).slice(0, 16);
  if (platform === 'win32') return `\\\\.\\pipe\\hypha-${name}-${toHex(random(16))}`;
  const address = posix.join(runtimeDirectory, `${name}.sock`);
  if (new TextEncoder().encode(address).length > maxSocketPath) {
    throw fail('BAD_RUNTIME_DIRECTORY', `The path ${address} is too long for a socket.`, {
      meaning: 'The agent was not started.',
      next: 'Set XDG_RUNTIME_DIR or TMPDIR to a directory with a shorter path.',
    });
  }
  return address;
}

/**
 * A directory for sockets that belongs to this user alone: `$XDG_RUNTIME_DIR/hypha`, else `hypha-<uid>` among the
 * temporary files. Made when missing; one that somebody else made there first is refused.
 */
export function ownRuntimeDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (process.platform === 'win32') return '';
  const { uid } = userInfo();
  const base = env.XDG_RUNTIME_DIR;
  const usable = base && posix.isAbsolute(base) && base.length < 60 && isOwn(base, uid);
  const directory = usable ? join(base, 'hypha') : join(tmpdir(), `hypha-${uid}`);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (!isOwn(directory, uid)) {
    throw fail('BAD_RUNTIME_DIRECTORY', `${directory} is open to other users or belongs to one.`, {
      meaning: 'The agent was not started: others could have listened in.',
      next: `Remove ${directory}, or set XDG_RUNTIME_DIR to a directory of your own.`,
    });
  }
  return directory;
}

function isOwn(path: string, uid: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === uid && (stat.mode & 0o077) === 0;
}
