import { readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { constants, gzipSync } from 'node:zlib';
import { toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { type CpioEntry, characterDevice, directory, encodeCpio, file, symlink } from '#core/machines/images/cpio.ts';
import * as guest from './guest-files.ts';
import { type KernelModule, wantedModules } from './modules.ts';

interface Architecture {
  /** Debian's name of the library directory. */
  readonly triplet: string;
  /** Path of the dynamic loader as programs name it. */
  readonly loader: string;
  readonly tty: string;
}

export const architectures: Record<'amd64' | 'arm64', Architecture> = {
  amd64: { triplet: 'x86_64-linux-gnu', loader: 'lib64/ld-linux-x86-64.so.2', tty: 'ttyS0' },
  arm64: { triplet: 'aarch64-linux-gnu', loader: 'lib/ld-linux-aarch64.so.1', tty: 'ttyAMA0' },
};

const libraries = [
  'libblkid.so.1',
  'libc.so.6',
  'libcom_err.so.2',
  'libcrypt.so.1',
  'libe2p.so.2',
  'libext2fs.so.2',
  'libgmp.so.10',
  'libtomcrypt.so.1',
  'libtommath.so.1',
  'libuuid.so.1',
  'libz.so.1',
];

/** Names what an initramfs is made of besides Debian's packages, so that one that was made before a change is made again. */
export function recipeOf(arch: 'amd64' | 'arm64'): string {
  const { tty } = architectures[arch];
  const { init, inittab, rcS, rcK, profile, motd } = guest;
  const parts = [init, inittab(tty), rcS(tty), rcK, profile, motd, libraries, wantedModules];
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(parts))));
}

async function firstOf(root: string, paths: readonly string[]): Promise<Uint8Array> {
  for (const path of paths) {
    const bytes = await readFile(await realpath(join(root, path)).catch(() => join(root, path))).catch(() => null);
    if (bytes !== null) return bytes;
  }
  throw new Error(`None of ${paths.join(', ')} is in the packages.`);
}

/** Build the initramfs from the unpacked packages in `root`. The same input gives the same bytes. */
export async function buildInitramfs(
  root: string,
  arch: 'amd64' | 'arm64',
  modules: readonly KernelModule[],
): Promise<Uint8Array> {
  const { triplet, loader, tty } = architectures[arch];
  const program = (path: string, ...from: string[]): Promise<CpioEntry> =>
    firstOf(root, from).then((bytes) => file(path, bytes, 0o755));
  const entries: CpioEntry[] = [
    ...['bin', 'dev', 'etc', 'etc/init.d', 'etc/acpi', 'etc/acpi/PWRF', 'lib', 'lib/modules'].map((d) => directory(d)),
    ...['proc', 'run', 'sbin', 'sys', 'usr', 'usr/bin', 'usr/sbin', 'var', 'var/log'].map((d) => directory(d)),
    directory('root', 0o700),
    directory('tmp', 0o1777),
    characterDevice('dev/console', 5, 1),
    characterDevice('dev/null', 1, 3, 0o666),
    await program('bin/busybox', 'bin/busybox', 'usr/bin/busybox'),
    // Real mke2fs and resize2fs: busybox's own makes ext2 without a journal.
    await program('usr/sbin/mke2fs', 'sbin/mke2fs', 'usr/sbin/mke2fs'),
    await program('usr/sbin/resize2fs', 'sbin/resize2fs', 'usr/sbin/resize2fs'),
    await program('usr/sbin/dropbear', 'usr/sbin/dropbear'),
    file('init', guest.init, 0o755),
    file('etc/inittab', guest.inittab(tty)),
    file('etc/init.d/rcS', guest.rcS(tty), 0o755),
    file('etc/init.d/rcK', guest.rcK, 0o755),
    file('etc/profile', guest.profile),
    file('etc/motd', guest.motd),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n'),
    file('etc/shadow', 'root:*:19000:0:99999:7:::\n', 0o600),
    file('etc/group', 'root:x:0:\n'),
    file('etc/shells', '/bin/sh\n'),
    // busybox acpid runs this file when the power button is pressed (QMP system_powerdown).
    file('etc/acpi/PWRF/00000080', '#!/bin/sh\nexec /sbin/poweroff\n', 0o755),
  ];
  if (loader.startsWith('lib64/')) entries.push(directory('lib64'));
  const libc = [`lib/${triplet}`, `usr/lib/${triplet}`];
  const loaderName = loader.slice(loader.indexOf('/') + 1);
  entries.push(await program(loader, ...libc.map((d) => `${d}/${loaderName}`), `usr/${loader}`));
  for (const name of libraries) entries.push(await program(`lib/${name}`, ...libc.map((d) => `${d}/${name}`)));
  for (const module of modules) entries.push(file(`lib/modules/${module.name}.ko`, module.bytes));
  entries.push(file('lib/modules/order', modules.map((m) => `${m.name}.ko\n`).join('')));
  entries.push(symlink('linuxrc', 'init'));
  return deterministicGzip(encodeCpio(entries));
}

/** gzip whose bytes do not depend on the system: byte 9 of the header names the operating system (RFC 1952); 255 = unknown. */
export function deterministicGzip(bytes: Uint8Array): Uint8Array {
  const out = gzipSync(bytes, { level: constants.Z_BEST_COMPRESSION });
  out[9] = 255;
  return out;
}
