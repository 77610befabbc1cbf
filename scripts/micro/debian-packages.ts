import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';

const run = promisify(execFile);

export interface Source {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  readonly file: string;
  readonly sha256: string;
  /** Where Debian publishes the source of this very version. */
  readonly source: string;
}

/** Programs besides the kernel that Hypha Micro is made of, and the libraries they load. */
export const userland = [
  'busybox-static',
  'dropbear-bin',
  'e2fsprogs',
  'libblkid1',
  'libc6',
  'libcom-err2',
  'libcrypt1',
  'libext2fs2',
  'libgmp10',
  'libtomcrypt1',
  'libtommath1',
  'libuuid1',
  'zlib1g',
] as const;

/** The kernel package a Debian architecture's cloud kernel points to, for example linux-image-6.1.0-56-cloud-amd64. */
export async function kernelPackage(arch: string): Promise<string> {
  const { stdout } = await run('apt-cache', ['depends', `linux-image-cloud-${arch}:${arch}`]);
  const found = /Depends: (linux-image-[^\s:]+)/.exec(stdout)?.[1];
  if (found === undefined) throw new Error(`Debian's index lists no linux-image-cloud-${arch}: run apt-get update.`);
  return found;
}

/** What Debian's index says of packages, by name: one stanza of `Key: value` lines each. */
export function parseStanzas(text: string): Map<string, Map<string, string>> {
  const stanzas = text.split(/\n{2,}/).map((stanza) => {
    const fields = [...stanza.matchAll(/^([A-Za-z0-9-]+): (.*)$/gm)];
    return new Map(fields.map(([, key, value]) => [key ?? '', value ?? '']));
  });
  return new Map(stanzas.filter((s) => s.has('Package')).map((s) => [s.get('Package') ?? '', s]));
}

/**
 * Download packages without installing them, and unpack them into `root`. apt checks each against its signed index.
 * A foreign architecture must be known to dpkg (`dpkg --add-architecture arm64 && apt-get update`).
 * @param pool empty directory for the package files; its own, so that two builds at once do not meet.
 */
export async function fetchPackages(
  names: readonly string[],
  arch: string,
  pool: string,
  root: string,
): Promise<Source[]> {
  const qualified = names.map((n) => `${n}:${arch}`);
  await run('apt-get', ['download', '-q', ...qualified], { cwd: pool });
  const { stdout } = await run('apt-cache', ['show', '--no-all-versions', ...qualified], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const index = parseStanzas(stdout);
  const sources: Source[] = [];
  const files = await readdir(pool);
  for (const name of names) {
    const fields = index.get(name);
    const version = fields?.get('Version');
    const file = files.find((f) => f === `${name}_${version?.replaceAll(':', '%3a')}_${arch}.deb`);
    if (fields === undefined || version === undefined || file === undefined) {
      throw new Error(`apt-get did not download ${name}.`);
    }
    const digest = toHex(sha256(await readFile(join(pool, file))));
    if (fields.get('SHA256') !== digest) throw new Error(`${file} does not match Debian's signed index.`);
    await run('dpkg-deb', ['-x', join(pool, file), root]);
    const [sourceName, sourceVersion] = (fields.get('Source') ?? name).split(' ');
    sources.push({
      name,
      version,
      architecture: arch,
      file,
      sha256: digest,
      // A binary rebuild (+b1) has the source version without it.
      source: `${sourceName} ${sourceVersion?.replace(/[()]/g, '') ?? version.replace(/\+b\d+$/, '')}`,
    });
  }
  return sources;
}
