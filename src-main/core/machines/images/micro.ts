import { mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import type { Host } from '#core/host.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { fail } from '#shared/rpc/fail.ts';
import { download, fetchText } from './download.ts';
import { type MicroManifest, microManifestSchema } from './micro-manifest.ts';

export interface MicroArtefact {
  readonly dir: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly manifest: MicroManifest;
}

/** Hypha Micro in one of these directories, its files checked against the manifest once a process and when they change; null when in none. */
export async function findMicro(places: readonly string[], arch: string): Promise<MicroArtefact | null> {
  for (const dir of places) {
    const found = await openMicro(dir);
    if (found?.manifest.arch === arch) return found;
  }
  return null;
}

/** What was checked, with the files' size and times: a file that is written to afterwards is checked again. */
const checked = new Map<string, string>();

async function times(path: string): Promise<string> {
  const info = await stat(path, { bigint: true }).catch(() => null);
  return info === null ? ' absent' : ` ${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}`;
}

async function openMicro(dir: string): Promise<MicroArtefact | null> {
  const text = await readFile(join(dir, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) return null;
  const parsed = microManifestSchema.safeParse(safeJson(text));
  if (!parsed.success) return null;
  const manifest = parsed.data;
  const [kernel, initrd] = [join(dir, manifest.kernel.file), join(dir, manifest.initrd.file)];
  const now = `${text}${await times(kernel)}${await times(initrd)}`;
  if (checked.get(dir) !== now) {
    for (const [file, part] of [
      [kernel, manifest.kernel],
      [initrd, manifest.initrd],
    ] as const) {
      const bytes = await readFile(file).catch(() => null);
      if (bytes === null) return null;
      if (toHex(sha256(bytes)) !== part.sha256) return null;
    }
    checked.set(dir, now);
  }
  return { dir, kernel, initrd, manifest };
}

/** Fetch Hypha Micro from a configured address; the manifest's own hash is configured, it vouches for the rest. */
export async function fetchMicro(
  from: { readonly url: string; readonly sha256: string },
  target: string,
  host: Host,
  signal: AbortSignal,
  progress: (done: number, total: number | null) => void,
): Promise<void> {
  const text = await fetchText(from.url, signal);
  const manifest = microManifestSchema.safeParse(safeJson(text));
  if (toHex(sha256(new TextEncoder().encode(text))) !== from.sha256 || !manifest.success) {
    throw fail('CHECKSUM_WRONG', 'The list of files of Hypha Micro does not have the expected checksum.', {
      meaning: 'Nothing of it was used.',
      next: 'Check the configured address and checksum.',
    });
  }
  await mkdir(target, { recursive: true, mode: 0o700 });
  const parts = [manifest.data.kernel, manifest.data.initrd];
  const total = parts.reduce((sum, p) => sum + p.bytes, 0);
  let before = 0;
  for (const part of parts) {
    const base = before;
    await download({
      url: new URL(part.file, from.url).href,
      target: join(target, part.file),
      expected: { algorithm: 'sha256', hex: part.sha256 },
      host,
      signal,
      progress: (done) => progress(base + done, total),
    });
    before += part.bytes;
  }
  await writeFileAtomic(join(target, 'manifest.json'), text);
}

function safeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
