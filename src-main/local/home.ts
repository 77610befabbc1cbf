import type { PlatformPath } from 'node:path';

export interface HomeQuestion {
  /** `--home DIR` as typed; relative to the working directory. */
  readonly asked: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  /** The person's home directory, and the directory we were started in. */
  readonly homedir: string;
  readonly cwd: string;
  /** `path.win32` or `path.posix`. */
  readonly path: Pick<PlatformPath, 'join' | 'resolve' | 'isAbsolute'>;
}

/**
 * The data directory, the same for both shells: `--home`, else `HYPHA_HOME`, else the place this system has for
 * application data (XDG Base Directory Specification; Apple's Application Support; Windows' local application data,
 * which does not roam, because device keys must not).
 */
export function resolveHome({ asked, env, platform, homedir, cwd, path }: HomeQuestion): string {
  const chosen = asked || env.HYPHA_HOME;
  if (chosen) return path.resolve(cwd, chosen);
  if (platform === 'win32') return path.join(env.LOCALAPPDATA || path.join(homedir, 'AppData', 'Local'), 'Hypha');
  if (platform === 'darwin') return path.join(homedir, 'Library', 'Application Support', 'Hypha');
  // The specification says that a relative XDG_DATA_HOME is invalid and to be ignored.
  const data = env.XDG_DATA_HOME;
  return path.join(data && path.isAbsolute(data) ? data : path.join(homedir, '.local', 'share'), 'hypha');
}
