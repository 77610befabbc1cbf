import { basename } from 'node:path';

type Files = typeof import('node:fs/promises');

/**
 * The file system, writing down in `log` what is asked of it, each step when it has ended. A kill of the process cannot
 * show whether things are synced before they are relied on, because the kernel keeps what was written; only the order
 * of the calls can. Paths are their last part; a temporary name is `TEMPORARY` (`isTemporary` knows it).
 *
 *     const { log } = vi.hoisted(() => ({ log: [] as string[] }));
 *     vi.mock('node:fs/promises', async (original) => recordFiles(await original(), log, isTemporary));
 */
export function recordFiles(real: Files, log: string[], isTemporary: (name: string) => boolean): Files {
  const named = (path: unknown): string => {
    const name = basename(String(path));
    return isTemporary(name) ? 'TEMPORARY' : name;
  };
  const noted = async <T>(step: string, work: Promise<T>): Promise<T> => {
    const result = await work;
    log.push(step);
    return result;
  };
  return {
    ...real,
    async open(path, flags, mode) {
      const handle = await real.open(path, flags, mode);
      const name = named(path);
      for (const step of ['write', 'writev', 'writeFile', 'sync', 'datasync'] as const) {
        const asked = handle[step].bind(handle) as (...args: unknown[]) => Promise<never>;
        const word = step.startsWith('write') ? 'write' : 'sync';
        Object.assign(handle, { [step]: (...args: unknown[]) => noted(`${word} ${name}`, asked(...args)) });
      }
      return handle;
    },
    rename: (from, to) => noted(`rename ${named(from)} ${named(to)}`, real.rename(from, to)),
    link: (from, to) => noted(`link ${named(from)} ${named(to)}`, real.link(from, to)),
    mkdir: ((path: string, options: object) =>
      noted(`mkdir ${named(path)}`, real.mkdir(path, options))) as Files['mkdir'],
  };
}
