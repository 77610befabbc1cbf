import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Host } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { acceleratorSchema } from '#shared/contract/machines.ts';
import { readJson } from '../read-json.ts';

const run = promisify(execFile);

/** What one QEMU program can do; asking takes about half a second, so it is kept by path and time of change. */
export const qemuSchema = z.object({
  path: z.string(),
  modified: z.number(),
  version: z.string(),
  accelerators: z.array(acceleratorSchema),
  sandbox: z.boolean(),
});
export type Qemu = z.infer<typeof qemuSchema>;

/** The version in `QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)`. */
export function parseVersion(text: string): string | null {
  return /version (\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1] ?? null;
}

/** Ask the program, or its kept answer. Null when it is no working QEMU, and when `signal` ended the asking. */
export async function askQemu(path: string, cacheDir: string, signal?: AbortSignal): Promise<Qemu | null> {
  const modified = (await stat(path).catch(() => null))?.mtimeMs;
  if (modified === undefined) return null;
  const file = join(cacheDir, 'qemu.json');
  const kept = qemuSchema.safeParse(await readJson(file));
  if (kept.success && kept.data.path === path && kept.data.modified === modified) return kept.data;
  try {
    const ask = (...args: string[]) => run(path, args, { timeout: 10_000, killSignal: 'SIGKILL', signal });
    const version = parseVersion((await ask('--version')).stdout);
    if (version === null) return null;
    const listed = (await ask('-accel', 'help')).stdout;
    const accelerators = acceleratorSchema.options.filter((a) => new RegExp(`^${a}\\b`, 'm').test(listed));
    const help = (await ask('-help')).stdout;
    const qemu: Qemu = { path, modified, version, accelerators, sandbox: /^-sandbox /m.test(help) };
    signal?.throwIfAborted();
    await writeFileAtomic(file, JSON.stringify(qemu));
    return qemu;
  } catch {
    return null;
  }
}

/** How long a program that did not answer as QEMU is not asked again: each asking may take its whole time. */
const silentMs = 60_000;

/** {@link askQemu} for many askers: one question at a time, and a program that does not answer is not asked at every call. */
export function createQemuAsker(
  cacheDir: string,
  host: Host,
  signal: AbortSignal,
): (path: string, again: boolean) => Promise<Qemu | null> {
  const asking = new Map<string, Promise<Qemu | null>>();
  let silent: { path: string; modified: number; until: number } | null = null;
  return async (path, again) => {
    const modified = (await stat(path).catch(() => null))?.mtimeMs;
    if (modified === undefined) return null;
    const known = silent?.path === path && silent.modified === modified && host.now() < silent.until;
    if (known && !again) return null;
    const shared = asking.get(path);
    if (shared !== undefined) return shared;
    const asked = askQemu(path, cacheDir, signal).finally(() => asking.delete(path));
    asking.set(path, asked);
    const qemu = await asked;
    silent = qemu === null ? { path, modified, until: host.now() + silentMs } : null;
    return qemu;
  };
}
