import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { systemRandom } from '#core/crypto/random.ts';

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
  const bytes = await peakBytes(pid);
  return bytes === null ? null : `${Math.round(bytes / 1024 ** 2)} MiB`;
}

/** The same in bytes, since the start or {@link forgetPeak}. */
export async function peakBytes(pid: number): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  return kib === undefined ? null : Number(kib) * 1024;
}

/** Count the most memory of a process anew (proc(5), clear_refs). @throws where the system is not Linux */
export function forgetPeak(pid: number): Promise<void> {
  return writeFile(`/proc/${pid}/clear_refs`, '5');
}

/** Bytes of all files below a directory. */
export async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

/** Make a file of random bytes. */
export async function writeRandom(target: string, size: number): Promise<void> {
  const file = await open(target, 'w');
  const piece = 8 * 1024 ** 2;
  for (let left = size; left > 0; left -= piece) await file.write(systemRandom(Math.min(left, piece)));
  await file.close();
}
