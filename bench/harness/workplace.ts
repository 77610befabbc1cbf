import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

/** A directory for both sides of a contest, on one disk, gone afterwards. */
export interface Workplace {
  path(name: string): string;
  clear(name: string): Promise<void>;
  close(): Promise<void>;
}

export async function workplace(): Promise<Workplace> {
  const base = await mkdtemp(path.join(tmpdir(), 'hypha-bench-'));
  return {
    path: (name) => path.join(base, name),
    clear: (name) => rm(path.join(base, name), { recursive: true, force: true }),
    close: () => rm(base, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/** Have the system write out what earlier steps left, so that the next measurement does not pay for it. */
export async function settleDisk(): Promise<void> {
  if (process.platform !== 'win32') await promisify(execFile)('sync');
}

/** The most memory a process ever held, as the kernel counted it; null where the system does not say. */
export async function peakMemory(pid: number): Promise<string | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : `${Math.round(Number(kib) / 1024)} MiB`;
}
