import { z } from 'zod';
import { firewallRuleSchema } from '../../model/firewall-rule.ts';
import { method } from '../../rpc/contract.ts';
import { snapshotSchema, sshKeySchema } from './model.ts';
import { changes, notForPeers, one, oneOut } from './parts.ts';

/** Changing a machine, and its snapshots. */
export const machineChangeContract = {
  'machines.resize': method({
    kind: 'task',
    about: 'Give a machine other CPUs, memory or a larger disk. CPUs and memory take effect at its next start.',
    input: one.extend({
      cpus: z.number().int().min(1).max(64).optional(),
      memoryMiB: z.number().int().min(64).max(1_048_576).optional(),
      /** Disks only grow. */
      diskMiB: z.number().int().min(1).max(16_777_216).optional(),
    }),
    output: oneOut.extend({ /** Some of it waits for the next start. */ restartNeeded: z.boolean() }),
    errors: ['NOT_FOUND', 'CANNOT_SHRINK', 'NOT_ENOUGH_RESOURCES', 'NO_DISK'],
    effect: 'write',
    summary: (i) => `Resize the machine ${i.machine}`,
    examples: ['give {machine} {memoryMiB} MiB of memory'],
    undo: { never: 'Disks cannot shrink; CPUs and memory can be set back.' },
    withheld: notForPeers,
    positional: ['machine'],
  }),
  'machines.configure': method({
    kind: 'call',
    about:
      'Change whether a machine starts by itself, its SSH keys, its internet access and its firewall on the mesh; what is left out stays.',
    input: one.extend({
      /** Start again when this computer or the agent restarts. Takes effect at once. */
      autostart: z.boolean().optional(),
      /** Taken away at once; given at once to a machine that had it when it started, otherwise at its next start. */
      internet: z.boolean().optional(),
      /**
       * Public keys that may log in from the machine's next start on (Hypha Micro). A cloud image takes keys at its first start only:
       * FIRST_START_ONLY afterwards.
       */
      addSshKeys: z.array(sshKeySchema).max(32).optional(),
      /** Keys that may no longer, each as a whole line, its base64 part, or its comment. */
      removeSshKeys: z.array(z.string().trim().min(1).max(16_384)).max(32).optional(),
      /**
       * Openings to add to its firewall, at once: `tcp/22 from ann` for a contact, whatever their devices and their name become, until they
       * are blocked or removed. Without `from` they are for everybody on the mesh.
       */
      open: z.array(firewallRuleSchema).max(64).optional(),
      /** Openings to take away, written as they are listed, at once: connections that came in by them end. */
      close: z.array(firewallRuleSchema).max(64).optional(),
    }),
    output: oneOut.extend({ /** Some of it waits for the next start. */ restartNeeded: z.boolean() }),
    errors: ['NOT_FOUND', 'WRONG_STATE', 'FIRST_START_ONLY', 'TOO_MANY_KEYS'],
    effect: 'share',
    summary: (i) => `Change the machine ${i.machine}${changes(i)}`,
    examples: ['give {machine} access to the internet', 'start {machine} by itself'],
    undo: { method: 'machines.configure' },
    withheld: notForPeers,
    positional: ['machine'],
  }),
  'machines.snapshot': method({
    kind: 'task',
    about: 'Keep the present state of a machine under a name.',
    input: one.extend({ name: snapshotSchema.shape.name }),
    output: oneOut,
    errors: ['NOT_FOUND', 'NAME_TAKEN', 'NO_DISK', 'WRONG_STATE'],
    effect: 'write',
    summary: (i) => `Snapshot the machine ${i.machine} as "${i.name}"`,
    examples: ['snapshot {machine} as {name}'],
    undo: { method: 'machines.deleteSnapshot' },
    withheld: notForPeers,
    positional: ['machine', 'name'],
  }),
  'machines.restoreSnapshot': method({
    kind: 'task',
    about: 'Put a machine back to a snapshot. What came after is lost.',
    input: one.extend({ name: snapshotSchema.shape.name }),
    output: oneOut,
    errors: [
      'NOT_FOUND',
      'WRONG_STATE',
      'NO_QEMU',
      'NO_DISK',
      'DIED_AT_START',
      'NOT_ENOUGH_RESOURCES',
      'IMAGE_NOT_READY',
      'CHECKSUM_WRONG',
    ],
    effect: 'delete',
    summary: (i) => `Put the machine ${i.machine} back to "${i.name}"; what came after is lost`,
    examples: [],
    undo: { never: 'What came after the snapshot is lost.' },
    withheld: notForPeers,
    positional: ['machine', 'name'],
  }),
  'machines.deleteSnapshot': method({
    kind: 'task',
    about: 'Delete a snapshot.',
    input: one.extend({ name: snapshotSchema.shape.name }),
    output: oneOut,
    errors: ['NOT_FOUND', 'WRONG_STATE'],
    effect: 'delete',
    summary: (i) => `Delete the snapshot "${i.name}" of ${i.machine}`,
    examples: [],
    undo: { never: 'A deleted snapshot is gone.' },
    withheld: notForPeers,
    positional: ['machine', 'name'],
  }),
} as const;
