import { chmod, lstat, mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { toBase32 } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { fail } from '#shared/rpc/fail.ts';

/** Bytes a unix socket path may have: 107 on Linux, 103 on macOS (sun_path less its NUL; unix(7)). */
export const socketPathLimit = (platform: NodeJS.Platform): number => (platform === 'darwin' ? 103 : 107);

/** The longest path under the run directory: `/<id of 12>/serial.sock`. */
const longest = 1 + 12 + '/serial.sock'.length;

/**
 * A short per-user directory for the sockets of the machines of one data directory: unix sockets cannot lie under a deep
 * path such as macOS's "Application Support". The name is bound to the data directory, so two agents never share one.
 */
export function runDirectory(
  home: string,
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const name = `hypha-${toBase32(sha256(new TextEncoder().encode(home))).slice(0, 10)}`;
  const uid = platform === 'win32' ? 'w' : String(userInfo().uid);
  const candidates = [
    ...(env.XDG_RUNTIME_DIR ? [join(env.XDG_RUNTIME_DIR, name)] : []),
    join(tmpdir(), `${name}-${uid}`),
    join('/tmp', `${name}-${uid}`),
  ];
  if (platform === 'win32') return join(tmpdir(), `${name}-${uid}`);
  const found = candidates.find((path) => Buffer.byteLength(path) + longest <= socketPathLimit(platform));
  return found ?? join('/tmp', `${name}-${uid}`);
}

/** Make the run directory, owner only. A directory of somebody else under that name is refused: /tmp is shared. */
export async function openRunDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (process.platform === 'win32') return;
  const info = await lstat(path);
  if (!info.isDirectory() || info.uid !== userInfo().uid) {
    throw fail('INTERNAL', `The directory ${path} belongs to somebody else.`, {
      meaning: 'Machines cannot be controlled safely from there; nothing was started.',
      next: 'Remove that directory, or set XDG_RUNTIME_DIR to a directory of your own, and start again.',
    });
  }
  await chmod(path, 0o700);
}
