import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { access, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { toHex } from '#core/crypto/encoding.ts';
import { createSha512 } from '#core/crypto/sha512.ts';
import { microCache } from '../images/micro-places.ts';

const run = promisify(execFile);

/**
 * Make a real Debian cloud guest (systemd, OpenSSH, cloud-init) with mmdebstrap, as a vendor would publish it: a directory with
 * disk.qcow2, vmlinuz, initrd.img and SHA512SUMS. Kept in the cache: making it takes minutes. Needs mmdebstrap, fakeroot,
 * e2fsprogs and qemu-utils; installs nothing.
 */
export const guestDirectory = join(microCache(), '..', 'debian-guest');

const packages = [
  'systemd-sysv',
  'udev',
  'dbus',
  'openssh-server',
  'cloud-init',
  'iproute2',
  'netbase',
  'systemd-resolved',
  'linux-image-cloud-amd64',
];

export async function buildDebianGuest(): Promise<string> {
  const done = join(guestDirectory, 'SHA512SUMS');
  if (
    await access(done).then(
      () => true,
      () => false,
    )
  )
    return guestDirectory;
  const work = `${guestDirectory}.work`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const tar = join(work, 'rootfs.tar');
  await run(
    'mmdebstrap',
    [
      '--mode=auto',
      '--variant=minbase',
      `--include=${packages.join(',')}`,
      // A minbase image has no network renderer switched on; cloud-init writes for systemd-networkd.
      '--customize-hook=chroot "$1" systemctl enable systemd-networkd',
      'bookworm',
      tar,
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  const root = join(work, 'root');
  await mkdir(root);
  // fakeroot keeps owners and device nodes between tar and mke2fs without being root.
  const script = `tar -xf "${tar}" -C "${root}" && mke2fs -q -t ext4 -L root -d "${root}" "${work}/disk.raw" 1500M`;
  await run('fakeroot', ['sh', '-c', script]);
  await run('qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'qcow2',
    '-c',
    '-o',
    'compression_type=zstd',
    `${work}/disk.raw`,
    `${work}/disk.qcow2`,
  ]);
  const boot = await readdir(join(root, 'boot'));
  for (const [prefix, name] of [
    ['vmlinuz-', 'vmlinuz'],
    ['initrd.img-', 'initrd.img'],
  ] as const) {
    const found = boot.find((f) => f.startsWith(prefix));
    if (found === undefined) throw new Error(`the guest has no ${prefix}`);
    await rename(join(root, 'boot', found), join(work, name));
  }
  await rm(root, { recursive: true, force: true });
  await rm(tar);
  await rm(join(work, 'disk.raw'));
  const sums: string[] = [];
  for (const name of ['disk.qcow2', 'vmlinuz', 'initrd.img']) {
    const hash = createSha512();
    for await (const chunk of createReadStream(join(work, name))) hash.update(chunk as Uint8Array);
    sums.push(`${toHex(hash.digest())}  ${name}\n`);
  }
  await writeFile(join(work, 'SHA512SUMS'), sums.join(''));
  await rm(guestDirectory, { recursive: true, force: true });
  await rename(work, guestDirectory);
  return guestDirectory;
}
