import { execFile } from 'node:child_process';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { syncDirectory } from '#core/store/atomic-file.ts';
import { fail } from '#shared/rpc/fail.ts';

const run = promisify(execFile);

const infoSchema = z.object({
  format: z.string(),
  'virtual-size': z.number(),
  'actual-size': z.number().optional(),
  'backing-filename': z.string().optional(),
  'full-backing-filename': z.string().optional(),
  'format-specific': z
    .object({ data: z.object({ 'data-file': z.string().optional() }).loose().optional() })
    .loose()
    .optional(),
  snapshots: z.array(z.object({ name: z.string(), 'vm-state-size': z.number() }).loose()).optional(),
});
export type DiskInfo = z.infer<typeof infoSchema>;

const imageTool = (program: string, args: readonly string[]) =>
  run(program, [...args], { timeout: 120_000, maxBuffer: 16 * 1024 * 1024, env: { ...process.env, LC_ALL: 'C' } });

/** What an image says of itself. `-U`: also while a machine has it open. */
export async function diskInfo(program: string, file: string, format: string): Promise<DiskInfo> {
  const { stdout } = await imageTool(program, ['info', '-U', '--output=json', '-f', format, file]);
  return infoSchema.parse(JSON.parse(stdout));
}

/**
 * Refuse an image that points to another file: opening it would show the guest any file of this computer that its author named.
 */
export function refuseForeignFiles(info: DiskInfo, expected: 'qcow2' | 'raw'): void {
  const pointsElsewhere =
    info['backing-filename'] !== undefined ||
    info['full-backing-filename'] !== undefined ||
    info['format-specific']?.data?.['data-file'] !== undefined;
  if (pointsElsewhere || info.format !== expected) {
    throw fail('BACKING_FILE', 'This image points to another file on this computer, or is not of the kind it claims.', {
      meaning: 'Starting it could show that file to the machine. It was removed and nothing was started from it.',
      next: 'Use an image that stands by itself.',
    });
  }
}

async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Make a disk: empty, or an overlay that keeps only what differs from `base`. Whole or not there at all, also after a power cut. */
export async function createDisk(
  program: string,
  file: string,
  sizeMiB: number,
  base: { readonly file: string; readonly format: 'qcow2' | 'raw' } | null,
): Promise<void> {
  const temporary = `${file}.new`;
  await rm(temporary, { force: true });
  const backing = base === null ? [] : ['-b', base.file, '-F', base.format];
  // lazy_refcounts off and the default cluster size: measured no gain here, and plain images repair best.
  try {
    await imageTool(program, ['create', '-q', '-f', 'qcow2', ...backing, temporary, `${sizeMiB}M`]);
    await syncFile(temporary);
    await rename(temporary, file);
    await syncDirectory(dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

export async function resizeDisk(program: string, file: string, sizeMiB: number): Promise<void> {
  await imageTool(program, ['resize', '-q', '-f', 'qcow2', file, `${sizeMiB}M`]);
  await syncFile(file);
}

/** Internal snapshots of a disk that no machine has open: make, put back, delete. */
export async function offlineSnapshot(
  program: string,
  file: string,
  action: 'c' | 'a' | 'd',
  tag: string,
): Promise<void> {
  await imageTool(program, ['snapshot', '-q', `-${action}`, tag, file]);
  await syncFile(file);
}
