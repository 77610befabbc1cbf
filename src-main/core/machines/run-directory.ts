import { chmod, lstat, mkdir, mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { toBase32 } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { fail } from '#shared/rpc/fail.ts';

/** Bytes a unix socket path may have: 107 on Linux, 103 on macOS (sun_path less its NUL; unix(7)). */
export const socketPathLimit = (platform: NodeJS.Platform): number => (platform === 'darwin' ? 103 : 107);

/** The longest path under the run directory: `/<id of 12>/serial.sock`. */
const longest = 1 + 12 + '/serial.sock'.length;

/**
 * A short per-user directory for the sockets of the machines of one data directory: unix sockets cannot lie under a deep
 * path such as macOS's "Application Support". The name is bound to the data directory, so two agents never share one. Not in
 * XDG_RUNTIME_DIR: that is emptied when the person logs out, and machines go on.
 */
export function runDirectory(home: string, temporary = tmpdir(), platform: NodeJS.Platform = process.platform): string {
  const name = `hypha-${toBase32(sha256(new TextEncoder().encode(home))).slice(0, 10)}`;
  if (platform === 'win32') return join(temporary, name);
  const path = join(temporary, `${name}-${userInfo().uid}`);
  return fits(path, platform) ? path : join('/tmp', `${name}-${userInfo().uid}`);
}

const fits = (path: string, platform: NodeJS.Platform): boolean =>
  Buffer.byteLength(path) + longest <= socketPathLimit(platform);

/**
 * Open the run directory of a data directory: the one used before, so that machines started under another TMPDIR are found again. One
 * that now belongs to somebody else (/tmp is shared) holds no machine of ours, and another is made.
 * @param note file that remembers the path.
 */
export async function settleRunDirectory(home: string, note: string): Promise<string> {
  const known = (await readFile(note, 'utf8').catch(() => '')).trim();
  const wanted = known !== '' ? known : runDirectory(home);
  let path = wanted;
  try {
    await openRunDirectory(wanted);
  } catch {
    const fallback = fits(tmpdir(), process.platform) ? tmpdir() : '/tmp';
    path = await mkdtemp(join(fallback, 'hypha-'));
  }
  if (path !== known) await writeFileAtomic(note, `${path}\n`);
  return path;
}

/** Make the run directory, owner only. A directory of somebody else under that name is refused. */
export async function openRunDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const info = await lstat(path);
  if (!info.isDirectory() || info.uid !== userInfo().uid) {
    throw fail('INTERNAL', `The directory ${path} belongs to somebody else.`, {
      meaning: 'Machines cannot be controlled safely from there; nothing was started.',
      next: 'Remove that directory and start again.',
    });
  }
  await chmod(path, 0o700);
}
