import type { z } from 'zod';
import type { Capability, Image, MachineSpec, machinesContract } from '#shared/contract/machines.ts';
import { admit, type Held } from './admission.ts';
import type { PlannedReach } from './plan-reach.ts';
import { wrongKey } from './public-key.ts';

export type Plan = z.output<(typeof machinesContract)['machines.plan']['output']>;

export interface PlanInput {
  readonly spec: MachineSpec;
  readonly image: Image;
  readonly capability: Capability;
  readonly others: readonly Held[];
  readonly hostName: string;
  readonly mesh: PlannedReach;
}

const MiB = 1024 * 1024;

/** What deploying would do, why it might not go well, and why it cannot be done. Pure. */
export function makePlan({ spec, image, capability, others, hostName, mesh }: PlanInput): Plan {
  const download = image.state === 'ready' ? null : image.size;
  const micro = image.kind === 'micro';
  const diskMiB = micro ? spec.diskMiB : Math.max(spec.diskMiB, image.minDiskMiB);
  const steps: Plan['steps'] = [
    { key: 'check', text: 'Check that this computer can carry it', bytes: null },
    {
      key: 'image',
      text: image.state === 'ready' ? `Use ${image.name}, which is here` : `Download ${image.name} and check it`,
      bytes: download,
    },
    {
      key: 'disk',
      text:
        diskMiB === 0 ? 'No disk: it lives in memory' : `Make a disk of ${diskMiB} MiB, which grows as it is filled`,
      bytes: diskMiB === 0 ? null : diskMiB * MiB,
    },
    { key: 'config', text: 'Make its SSH host key and write its configuration', bytes: null },
    {
      key: 'boot',
      text: `Start it with ${spec.cpus} CPU and ${spec.memoryMiB} MiB of memory`,
      bytes: spec.memoryMiB * MiB,
    },
    { key: 'ready', text: 'Wait until it answers on its console or over SSH', bytes: null },
  ];

  const warnings: Plan['warnings'] = [];
  const warn = (code: string, text: string): number => warnings.push({ code, text });
  if (capability.accelerator === 'tcg') warn('SLOW', capability.acceleratorDetail);
  if (capability.accelerator === null && capability.qemu !== null) {
    warn(
      'NOT_PROBED',
      'Whether this computer can run machines at full speed is still being found out; until then they run by emulation.',
    );
  }
  if (image.state !== 'ready')
    warn('DOWNLOAD', `${image.name} is not on this computer yet and will be downloaded first.`);
  if (!micro && image.detail !== '') warn('IMAGE', image.detail);
  if (micro && spec.diskMiB === 0) warn('NO_DISK', 'Without a disk everything in it is lost when it stops.');
  if (spec.sshKeys.length === 0) warn('NO_SSH_KEY', 'Without an SSH key it can only be reached on its console.');
  if (!micro && spec.sshKeys.length === 0 && !/passw/.test(spec.userData)) {
    warn('NO_LOGIN', 'This image lets nobody in on the console without a password set by user data.');
  }
  if (diskMiB * MiB > capability.freeDisk) {
    warn(
      'DISK_LARGER_THAN_FREE',
      `Its disk may grow to ${diskMiB} MiB; this computer has ${Math.floor(capability.freeDisk / MiB)} MiB free. When that is used up the machine is held still until space is freed.`,
    );
  }
  if (spec.internet) {
    warn(
      'INTERNET',
      'With internet access it can also reach services that listen on this computer itself; its internet traffic is not metered.',
    );
  }

  const blockers: Plan['blockers'] = [];
  const block = (code: string, field: string | null, text: string, next: string): number =>
    blockers.push({ code, field, text, next });
  if (capability.qemu === null) {
    block('NO_QEMU', null, capability.acceleratorDetail, `Run: ${capability.installCommand}`);
  }
  if (others.some((o) => o.name === spec.name)) {
    block('NAME_TAKEN', 'name', `There is already a machine named ${spec.name}.`, 'Choose another name.');
  }
  if (image.state === 'unavailable') block('IMAGE_NOT_READY', 'image', image.detail, 'Choose another image.');
  if (spec.memoryMiB < image.minMemoryMiB) {
    block(
      'NOT_ENOUGH_RESOURCES',
      'memoryMiB',
      `${image.name} needs at least ${image.minMemoryMiB} MiB of memory.`,
      `Choose ${image.minMemoryMiB} MiB or more.`,
    );
  }
  if (spec.diskMiB !== 0 && spec.diskMiB < Math.max(image.minDiskMiB, micro ? 16 : 0)) {
    const least = Math.max(image.minDiskMiB, 16);
    block(
      'NOT_ENOUGH_RESOURCES',
      'diskMiB',
      `${image.name} needs a disk of at least ${least} MiB.`,
      micro ? `Choose ${least} MiB or more, or 0 for none.` : `Choose ${least} MiB or more.`,
    );
  }
  const wrong = spec.sshKeys.map(wrongKey).find((why) => why !== null);
  if (wrong !== undefined) block('BAD_INPUT', 'sshKeys', wrong, 'Copy the whole line of its .pub file.');
  if (mesh.wrong !== null) block(mesh.wrong.code, 'firewall', mesh.wrong.message, mesh.wrong.next ?? '');
  for (const refusal of admit(capability, others, spec)) {
    block('NOT_ENOUGH_RESOURCES', refusal.field, refusal.text, refusal.next);
  }
  // Disks are sparse, so only what is sure to be written counts: the download and some room to begin with.
  if ((download ?? 0) + 64 * MiB > capability.freeDisk) {
    block(
      'NOT_ENOUGH_RESOURCES',
      'diskMiB',
      'There is not enough free space on this computer’s disk.',
      'Free some space.',
    );
  }
  return {
    steps,
    host: {
      name: hostName,
      why: 'It is your own computer.',
      sees: 'Everything: whoever runs a machine can see into it. Here that is only you.',
    },
    accelerator: capability.accelerator,
    costPerDay: 0,
    mesh: { state: mesh.state, text: mesh.text, openings: mesh.openings },
    warnings,
    blockers,
  };
}
