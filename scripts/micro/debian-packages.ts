import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
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

/**
 * Download packages without installing them, and unpack them into `root`. apt checks each against its signed index.
 * A foreign architecture must be known to dpkg (`dpkg --add-architecture arm64 && apt-get update`).
 */
export async function fetchPackages(
  names: readonly string[],
  arch: string,
  cache: string,
  root: string,
): Promise<Source[]> {
  const pool = join(cache, 'deb');
  await mkdir(pool, { recursive: true });
  await run('apt-get', ['download', '-q', ...names.map((n) => `${n}:${arch}`)], { cwd: pool });
  await rm(root, { recursive: true, force: true });
  await mkdir(root, { recursive: true });
  const sources: Source[] = [];
  const files = await readdir(pool);
  for (const name of names) {
    const { stdout } = await run('apt-cache', ['show', '--no-all-versions', `${name}:${arch}`]);
    const field = (key: string): string | undefined => new RegExp(`^${key}: (.*)$`, 'm').exec(stdout)?.[1];
    const version = field('Version');
    const file = files.find((f) => f === `${name}_${version?.replaceAll(':', '%3a')}_${arch}.deb`);
    if (version === undefined || file === undefined) throw new Error(`apt-get did not download ${name} ${version}.`);
    const bytes = await readFile(join(pool, file));
    const digest = toHex(sha256(bytes));
    if (field('SHA256') !== digest) throw new Error(`${file} does not match Debian's signed index.`);
    await run('dpkg-deb', ['-x', join(pool, file), root]);
    const [sourceName, sourceVersion] = (field('Source') ?? name).split(' ');
    sources.push({
      name,
      version,
      architecture: arch,
      file,
      sha256: digest,
      source: `${sourceName} ${sourceVersion?.replace(/[()]/g, '') ?? version.replace(/\+b\d+$/, '')}`,
    });
  }
  return sources;
}
