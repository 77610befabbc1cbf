import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { microManifestSchema } from '#core/machines/images/micro-manifest.ts';
import { microPlaces } from '#core/machines/images/micro-places.ts';
import { firstExecutable, qemuCandidates } from '#core/machines/qemu/locate.ts';

const arch = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Why tests with machines cannot run here; null when they can. Printed as the reason of the skip. */
export async function machinesMissing(): Promise<string | null> {
  const { platform, env } = process;
  const qemu = await firstExecutable(qemuCandidates({ platform, env, arch, setting: '' }));
  if (qemu === null) return 'QEMU is not installed (Debian: qemu-system-x86, qemu-utils)';
  const resources = path.join(import.meta.dirname, '..', '..', 'assets');
  for (const place of microPlaces(resources, '', arch)) {
    const text = await readFile(path.join(place, 'manifest.json'), 'utf8').catch(() => null);
    if (text !== null && microManifestSchema.safeParse(JSON.parse(text)).success) return null;
  }
  return 'Hypha Micro is not built (npm run build:micro)';
}

/** Why tests with a real SSH client cannot run here; null when they can. */
export function sshMissing(): string | null {
  const folders = (process.env.PATH ?? '').split(path.delimiter);
  return folders.some((folder) => existsSync(path.join(folder, 'ssh'))) ? null : 'there is no ssh client in PATH';
}
