import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { type MicroManifest, microManifestSchema } from '#core/machines/images/micro-manifest.ts';
import { microCache } from '#core/machines/images/micro-places.ts';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { fetchPackages, kernelPackage, userland } from './micro/debian-packages.ts';
import { buildInitramfs, recipeOf } from './micro/initramfs.ts';
import { modulesFromTree } from './micro/modules.ts';

/**
 * Make Hypha Micro (kernel, initrd, manifest) from Debian's packages. Nothing is installed: packages are downloaded,
 * checked against Debian's signed index and unpacked into a cache.
 *
 *   npm run build:micro [-- --arch amd64|arm64] [--out DIR] [--force]
 *
 * Without --force an artefact that is there, matches its manifest and was made with today's start scripts is kept.
 */
async function main(args: readonly string[]): Promise<void> {
  const option = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const arch = option('--arch') ?? (process.arch === 'arm64' ? 'arm64' : 'amd64');
  if (arch !== 'amd64' && arch !== 'arm64') throw new Error(`Unknown architecture ${arch}: amd64 or arm64.`);
  const cache = microCache();
  const out = option('--out') ?? join(cache, arch);
  if (!args.includes('--force') && (await isIntact(out, recipeOf(arch)))) {
    console.log(`Hypha Micro (${arch}) is already in ${out}.`);
    return;
  }
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'work-'));
  try {
    await build(arch, work, out);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function build(arch: 'amd64' | 'arm64', work: string, out: string): Promise<void> {
  const [pool, root] = [join(work, 'deb'), join(work, 'root')];
  await mkdir(pool);
  await mkdir(root);
  const kernelName = await kernelPackage(arch);
  const sources = await fetchPackages([kernelName, ...userland], arch, pool, root);
  const boot = (await readdir(join(root, 'boot'))).find((f) => f.startsWith('vmlinuz-'));
  if (boot === undefined) throw new Error(`${kernelName} holds no kernel.`);
  const release = boot.slice('vmlinuz-'.length);
  const modulesRoot = (await stat(join(root, 'lib/modules', release)).catch(() => null))
    ? join(root, 'lib/modules', release)
    : join(root, 'usr/lib/modules', release);
  const kernel = await readFile(join(root, 'boot', boot));
  const initrd = await buildInitramfs(root, arch, await modulesFromTree(modulesRoot));
  const part = (file: string, bytes: Uint8Array) => ({ file, bytes: bytes.length, sha256: toHex(sha256(bytes)) });
  const manifest: MicroManifest = {
    format: 'hypha-micro/1',
    arch,
    release,
    recipe: recipeOf(arch),
    kernel: part('vmlinuz', kernel),
    initrd: part('initrd.gz', initrd),
    sources,
  };
  await mkdir(out, { recursive: true });
  await writeFileAtomic(join(out, 'vmlinuz'), kernel, { mode: 0o644 });
  await writeFileAtomic(join(out, 'initrd.gz'), initrd, { mode: 0o644 });
  // The manifest last: an artefact without a matching manifest does not count.
  await writeFileAtomic(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o644 });
  console.log(`Hypha Micro (${arch}, kernel ${release}): ${kernel.length + initrd.length} bytes in ${out}.`);
}

async function isIntact(out: string, recipe: string): Promise<boolean> {
  const text = await readFile(join(out, 'manifest.json'), 'utf8').catch(() => null);
  if (text === null) return false;
  const manifest = microManifestSchema.safeParse(JSON.parse(text));
  if (!manifest.success || manifest.data.recipe !== recipe) return false;
  for (const part of [manifest.data.kernel, manifest.data.initrd]) {
    const bytes = await readFile(join(out, part.file)).catch(() => null);
    if (bytes === null || toHex(sha256(bytes)) !== part.sha256) return false;
  }
  return true;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  const why = missing
    ? 'this needs apt-get and dpkg-deb of a Debian; elsewhere use an artefact that was built there (docs/guides/images.md)'
    : error instanceof Error
      ? error.message
      : String(error);
  process.stderr.write(`Hypha Micro was not built: ${why}\n`);
  process.exitCode = 1;
});
