import { mustRun, run } from '../../e2e/harness/program.ts';
import { Unavailable } from './benchmark.ts';
import { timed } from './clock.ts';

/** The rival of the vault: one repository of restic on a local directory, with restic's own defaults. */
export interface Restic {
  readonly version: string;
  init(): Promise<void>;
  /** Seconds for `restic backup` of a folder. */
  backup(folder: string): Promise<number>;
  /** Seconds for `restic restore latest` into a new directory. */
  restore(target: string): Promise<number>;
}

const hour = 3_600_000;

export async function resticVersion(): Promise<string> {
  const ended = await run('restic', ['version']).catch(() => null);
  const version = /^restic (\S+)/.exec(ended?.stdout ?? '')?.[1];
  if (version === undefined) throw new Unavailable('restic is missing. Install it: sudo apt-get install restic');
  return version;
}

export function restic(version: string, repository: string, cache: string): Restic {
  const env = {
    RESTIC_REPOSITORY: repository,
    RESTIC_PASSWORD: 'correct horse battery staple',
    RESTIC_CACHE_DIR: cache,
  };
  const measure = async (args: readonly string[], cwd?: string) => {
    const { seconds } = await timed(() => mustRun('restic', args, { env, withinMs: hour, ...(cwd ? { cwd } : {}) }));
    return seconds;
  };
  return {
    version,
    init: async () => {
      await mustRun('restic', ['init', '--quiet'], { env });
    },
    backup: (folder) => measure(['backup', '--quiet', '.'], folder),
    restore: (target) => measure(['restore', 'latest', '--quiet', '--target', target]),
  };
}
