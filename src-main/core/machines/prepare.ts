import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip as gunzipCallback } from 'node:zlib';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { MachineContext } from './context.ts';
import { joinSegments } from './images/cpio.ts';
import type { ReadyImage } from './images/image-store.ts';
import { microConfigSegment } from './images/micro-config.ts';
import { createDisk, diskInfo, resizeDisk } from './images/qemu-img.ts';
import { noCloudSeed } from './images/seed.ts';
import { dropbearHostKey, opensshHostKey, publicHostKey } from './images/ssh-host-key.ts';
import type { Accelerator } from './qemu/accelerators.ts';
import { type Launch, type LaunchDisk, qemuArguments } from './qemu/command-line.ts';
import { diskNode } from './qemu/jobs.ts';
import { qemuImgBeside } from './qemu/locate.ts';
import type { MachineRecord } from './record.ts';

const gunzip = promisify(gunzipCallback);

const exists = async (path: string): Promise<boolean> => (await stat(path).catch(() => null)) !== null;

/** Make the machine's disk if it is to have one and it is not there. What is there only grows, where a resize was cut off. */
export async function prepareDisk(context: MachineContext, record: MachineRecord, image: ReadyImage): Promise<void> {
  const paths = context.store.paths(record.id);
  const qemuImg = qemuImgBeside((await context.qemu()).path);
  const { diskMiB } = record.spec;
  if (await exists(paths.disk)) {
    if (diskMiB === record.startedWith?.diskMiB) return;
    const { 'virtual-size': bytes } = await diskInfo(qemuImg, paths.disk, 'qcow2');
    if (bytes < diskMiB * 1024 * 1024) await resizeDisk(qemuImg, paths.disk, diskMiB);
    return;
  }
  if (image.kind === 'micro') {
    if (diskMiB > 0) await createDisk(qemuImg, paths.disk, diskMiB, null);
    return;
  }
  const base = { file: image.disk, format: image.entry.format };
  await createDisk(qemuImg, paths.disk, Math.max(diskMiB, image.virtualMiB), base);
}

/** The SSH host key's 32-byte seed, made once a machine. */
async function hostKeySeed(context: MachineContext, id: string): Promise<Uint8Array> {
  const { hostKey } = context.store.paths(id);
  const kept = await readFile(hostKey).catch(() => null);
  if (kept?.length === 32) return new Uint8Array(kept);
  const seed = context.host.random(32);
  await writeFileAtomic(hostKey, seed, { mode: 0o600 });
  return seed;
}

/** As editors on Windows write it, a script would not run: its first line would name the program "sh\r". */
export const unixText = (text: string): string => text.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');

/**
 * Write what the guest reads at its start; returns its public host key. Written anew at each start.
 * @param hasMesh it is started with a card for the mesh
 */
export async function prepareConfig(
  context: MachineContext,
  record: MachineRecord,
  image: ReadyImage,
  hasMesh: boolean,
): Promise<string> {
  const paths = context.store.paths(record.id);
  const seed = await hostKeySeed(context, record.id);
  const { name, sshKeys, internet, firewall } = record.spec;
  const userData = unixText(record.spec.userData);
  const { macs, mesh, micro } = context.network.config({ id: record.id, internet, firewall, mesh: hasMesh });
  const publicKey = publicHostKey(seed);
  if (image.kind === 'micro') {
    const config = microConfigSegment({
      hostName: name,
      sshKeys,
      userData,
      hostKey: dropbearHostKey(seed),
      network: micro,
    });
    // Unpacked here, in milliseconds: the guest would need a quarter of a second for it under emulation.
    const shared = await gunzip(await readFile(image.micro.initrd));
    await writeFileAtomic(paths.initrd, joinSegments(shared, config), { mode: 0o600 });
  } else {
    const check = new DataView(seed.buffer, seed.byteOffset).getUint32(0);
    const iso = noCloudSeed({
      instance: record.id,
      hostName: name,
      sshKeys,
      userData,
      hostKey: { private: opensshHostKey(seed, check), public: publicKey },
      macs,
      mesh,
    });
    await writeFileAtomic(paths.seed, iso, { mode: 0o600 });
  }
  await writeFileAtomic(paths.knownHosts, `${hostKeyAlias(record)} ${publicKey}\n`, { mode: 0o600 });
  return publicKey;
}

/** The name the machine goes by in known_hosts: the port may change, this does not. */
export const hostKeyAlias = (record: MachineRecord): string => `hypha-${record.id}`;

/** Grow the disk file of a stopped machine. */
export async function growDisk(context: MachineContext, record: MachineRecord, sizeMiB: number): Promise<void> {
  await resizeDisk(qemuImgBeside((await context.qemu()).path), context.store.paths(record.id).disk, sizeMiB);
}

/** UEFI firmware for arm64 guests that boot from their disk, where QEMU's packages put it. Never run yet. */
const arm64Firmware = [
  '/usr/share/qemu-efi-aarch64/QEMU_EFI.fd',
  '/usr/share/AAVMF/AAVMF_CODE.fd',
  '/opt/homebrew/share/qemu/edk2-aarch64-code.fd',
  '/usr/local/share/qemu/edk2-aarch64-code.fd',
  'C:\\Program Files\\qemu\\share\\edk2-aarch64-code.fd',
];

async function firmwareFor(image: ReadyImage): Promise<string | null> {
  if (image.arch !== 'arm64' || image.kind === 'micro' || image.boot !== null) return null;
  for (const file of arm64Firmware) if (await exists(file)) return file;
  throw fail('NO_QEMU', 'This image needs UEFI firmware for arm64, which is not installed.', {
    next: 'Install it: sudo apt-get install -y qemu-efi-aarch64',
  });
}

/** QEMU's arguments for a prepared machine. */
export async function launchArguments(
  context: MachineContext,
  record: MachineRecord,
  image: ReadyImage,
  accelerator: Accelerator,
  pidFile: string,
  paused: boolean,
): Promise<string[]> {
  const paths = context.store.paths(record.id);
  const qemu = await context.qemu();
  const { cpus, memoryMiB, internet } = record.startedWith ?? record.spec;
  const mesh = record.startedWith?.mesh ?? false;
  const disks: LaunchDisk[] = [];
  if (await exists(paths.disk)) {
    disks.push({ node: diskNode, file: paths.disk, format: 'qcow2', serial: 'data', readOnly: false });
  }
  if (image.kind === 'cloud') {
    disks.push({ node: 'seed0', file: paths.seed, format: 'raw', serial: 'seed', readOnly: true });
  }
  const tty = image.arch === 'arm64' ? 'ttyAMA0' : 'ttyS0';
  const kernel: Launch['kernel'] =
    image.kind === 'micro'
      ? { file: image.micro.kernel, initrd: paths.initrd, append: `console=${tty} quiet panic=10` }
      : image.boot === null
        ? null
        : { file: image.boot.kernel, initrd: image.boot.initrd, append: image.boot.append };
  return qemuArguments({
    id: record.id,
    uuid: record.uuid,
    name: record.spec.name,
    arch: image.arch,
    accelerator,
    cpus,
    memoryMiB,
    runDir: context.runDir,
    pidFile,
    pipeKey: record.pipeKey,
    consoleLog: paths.console,
    disks,
    kernel,
    firmware: await firmwareFor(image),
    network: context.network.arguments({ id: record.id, internet, mesh, firewall: record.spec.firewall }),
    sandbox: qemu.sandbox,
    paused,
  });
}
