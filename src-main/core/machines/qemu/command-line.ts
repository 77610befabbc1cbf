import { join } from 'node:path';
import type { Accelerator } from './accelerators.ts';
import { chardev, escapeComma } from './endpoint.ts';
import type { Arch } from './locate.ts';

export interface LaunchDisk {
  readonly node: string;
  readonly file: string;
  readonly format: 'qcow2' | 'raw';
  /** Seen in the guest as the disk's serial number: names it whatever the order of devices. */
  readonly serial: string;
  readonly readOnly: boolean;
}

export interface Launch {
  readonly id: string;
  readonly uuid: string;
  readonly name: string;
  readonly arch: Arch;
  readonly accelerator: Accelerator;
  readonly cpus: number;
  readonly memoryMiB: number;
  readonly runDir: string;
  readonly pidFile: string;
  readonly pipeKey: string;
  readonly consoleLog: string;
  readonly disks: readonly LaunchDisk[];
  /** Kernel booted directly; null boots from the disk by firmware. */
  readonly kernel: { readonly file: string; readonly initrd: string; readonly append: string } | null;
  /** UEFI firmware for an arm64 guest that boots from its disk. */
  readonly firmware: string | null;
  /** From the guest network. */
  readonly network: readonly string[];
  /** QEMU can confine itself (Linux builds with seccomp). */
  readonly sandbox: boolean;
  /** Begin paused, to load a snapshot first. */
  readonly paused: boolean;
}

/**
 * CPU model: the host's own under an accelerator; under TCG `max` without 5-level paging, which TCG pays for at every
 * page walk, and without SVM, which only makes guests load modules for machines inside machines.
 */
function cpuModel(arch: Arch, accelerator: Accelerator): string {
  if (accelerator === 'whpx') return 'max,-vmx';
  if (accelerator !== 'tcg') return 'host';
  return arch === 'amd64' ? 'max,la57=off,svm=off' : 'max';
}

/**
 * QEMU's arguments. Sources: QEMU 7.2 manual; compute.md sections 1, 4 and 8. No -daemonize: with spawn denied by the sandbox it
 * ends QEMU at once. q35 and not microvm: measured to the prompt 3.54 s against 3.53 s, and q35 has PCIe and firmware boot.
 */
export function qemuArguments(launch: Launch): string[] {
  const { id, runDir, arch, pipeKey } = launch;
  const disks = launch.disks.flatMap((disk) => [
    '-blockdev',
    [
      `driver=${disk.format}`,
      `node-name=${disk.node}`,
      `read-only=${disk.readOnly ? 'on' : 'off'}`,
      ...(disk.readOnly ? [] : ['discard=unmap']),
      'file.driver=file',
      `file.filename=${escapeComma(disk.file)}`,
    ].join(','),
    '-device',
    `virtio-blk-pci,drive=${disk.node},id=${disk.node}-device,serial=${disk.serial}`,
  ]);
  return [
    ...['-name', `guest=${launch.name}`],
    ...['-uuid', launch.uuid],
    ...['-machine', arch === 'amd64' ? 'q35' : 'virt'],
    ...['-accel', launch.accelerator],
    ...['-cpu', cpuModel(arch, launch.accelerator)],
    ...['-smp', String(launch.cpus), '-m', `${launch.memoryMiB}M`],
    ...['-nodefaults', '-no-user-config', '-display', 'none'],
    ...(launch.sandbox ? ['-sandbox', 'on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny'] : []),
    ...['-pidfile', launch.pidFile],
    // A guest that switches itself off stays visible until the agent has seen it, even across the agent's restart.
    ...['-action', 'shutdown=pause'],
    ...['-chardev', chardev(runDir, id, pipeKey, 'serial', launch.consoleLog), '-serial', 'chardev:serial'],
    ...(['qmp', 'qmp2'] as const).flatMap((name) => [
      ...['-chardev', chardev(runDir, id, pipeKey, name)],
      ...['-mon', `chardev=${name},mode=control`],
    ]),
    ...(launch.firmware === null ? [] : ['-bios', launch.firmware]),
    ...(launch.kernel === null
      ? []
      : ['-kernel', launch.kernel.file, '-initrd', launch.kernel.initrd, '-append', launch.kernel.append]),
    ...disks,
    ...launch.network,
    ...['-device', 'virtio-rng-pci'],
    ...['-device', 'virtio-balloon-pci,id=balloon0'],
    // A free port for a device added while the machine runs.
    ...['-device', 'pcie-root-port,id=spare0,chassis=1'],
    ...(launch.paused ? ['-S'] : []),
  ];
}

export const pidFile = (runDir: string, id: string): string => join(runDir, id, 'qemu.pid');

/**
 * What on a command line proves that a process is a machine of this run directory: the pid file, which stands there letter by letter (a
 * socket's path has its commas doubled); on Windows the beginning of its pipes' names.
 */
export function commandMark(runDir: string, id: string, platform = process.platform): string {
  return platform === 'win32' ? `path=hypha-${id}-` : pidFile(runDir, id);
}
