import { z } from 'zod';
import { firewallRuleSchema } from '../model/firewall-rule.ts';
import { binarySchema, bytesCountSchema, imageIdSchema, machineIdSchema, timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';

const notForPeers = { peer: 'Hosting for others is not built yet.' } as const;
const consoleOnly = {
  ...notForPeers,
  assistant: 'A console is typed by a person.',
  mcp: 'A console is typed by a person.',
} as const;

/** A machine's name: also its host name inside. */
export const machineNameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$/, 'Use 1 to 32 small letters, digits and hyphens.');

export const sshKeySchema = z
  .string()
  .trim()
  .max(16_384)
  .regex(
    /^(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-[a-z0-9@.-]+) [A-Za-z0-9+/=]+( [^\r\n]*)?$/,
    'This is not a public SSH key.',
  );

export const acceleratorSchema = z.enum(['kvm', 'hvf', 'whpx', 'tcg']);

/** Whether and how machines can run on this computer. */
export const capabilitySchema = z.object({
  qemu: z.object({ path: z.string(), version: z.string() }).nullable(),
  /** Chosen by really booting the shipped kernel; null until probed. */
  accelerator: acceleratorSchema.nullable(),
  /** Why not a faster one, in plain words. */
  acceleratorDetail: z.string(),
  /** The one command that installs QEMU on this system. */
  installCommand: z.string(),
  /**
   * What this computer has. Machines that are not at rest may together have its memory less a reserve (a tenth, at least 1 GiB, at
   * most a quarter), and four times its CPUs, which are shared in time; one machine alone has at most all CPUs.
   */
  cpus: z.number().int(),
  memoryMiB: z.number().int(),
  freeDisk: bytesCountSchema,
});
export type Capability = z.infer<typeof capabilitySchema>;

export const imageSchema = z.object({
  id: imageIdSchema,
  name: z.string(),
  about: z.string(),
  arch: z.enum(['amd64', 'arm64']),
  kind: z.enum(['micro', 'cloud']),
  /** `ready` on this computer; `available` can be downloaded or built; `downloading`; `unavailable` with the reason in `detail`. */
  state: z.enum(['ready', 'available', 'downloading', 'unavailable']),
  detail: z.string(),
  /** Download size; null when the vendor's server has not been asked. */
  size: bytesCountSchema.nullable(),
  minMemoryMiB: z.number().int(),
  minDiskMiB: z.number().int(),
  defaultUser: z.string(),
  source: z.string(),
});
export type Image = z.infer<typeof imageSchema>;

export const machineSpecSchema = z.object({
  name: machineNameSchema,
  image: imageIdSchema,
  cpus: z.number().int().min(1).max(64).default(1),
  memoryMiB: z.number().int().min(64).max(1_048_576).default(256),
  /** Size of the disk; 0 for none (Hypha Micro can live in memory). */
  diskMiB: z.number().int().min(0).max(16_777_216).default(0),
  sshKeys: z.array(sshKeySchema).max(32).default([]),
  /** Shell script (Hypha Micro) or cloud-config / script (cloud images), run at first start. */
  userData: z.string().max(65_536).default(''),
  /** A second network card with access to the internet through this computer. */
  internet: z.boolean().default(false),
  /**
   * Who on the mesh may begin to speak to it, for example `tcp/22` or `tcp/8000-8100 from 4a1:2::/64`. Empty: nobody but this agent. What it
   * begins itself is always answered.
   */
  firewall: z.array(firewallRuleSchema).max(64).default([]),
  /** Start again when this computer or the agent restarts. */
  autostart: z.boolean().default(false),
});
export type MachineSpec = z.infer<typeof machineSpecSchema>;

export const machineStateSchema = z.enum([
  'preparing',
  'starting',
  'running',
  'paused',
  'stopping',
  'stopped',
  'crashed',
  'failed',
]);
export type MachineState = z.infer<typeof machineStateSchema>;

const amountSchema = z.object({ packets: z.number().int(), bytes: bytesCountSchema });

/** What a machine moved over the mesh since this agent took it up. */
export const meshTrafficSchema = z.object({
  received: amountSchema,
  sent: amountSchema,
  /** Packets not carried, by cause: `firewall`, `spoofed`, `queue`, `unroutable`, and so on. */
  dropped: z.record(z.string(), z.number().int()),
});
export type MeshTraffic = z.infer<typeof meshTrafficSchema>;

export const metricsSchema = z.object({
  at: timeSchema,
  /** CPU seconds used since start. */
  cpuSeconds: z.number(),
  /** Share of the machine's CPUs used in the last interval, 0 to 1. */
  cpu: z.number(),
  /** Bytes of this computer's memory in use by the machine. */
  memory: bytesCountSchema,
  /** Bytes in use as the guest sees it; null when it does not say. */
  guestMemory: bytesCountSchema.nullable(),
  diskRead: bytesCountSchema,
  diskWritten: bytesCountSchema,
  netReceived: bytesCountSchema,
  netSent: bytesCountSchema,
  /** Contained in the two above; null when it has no card for the mesh. */
  mesh: meshTrafficSchema.nullable().default(null),
});
export type Metrics = z.infer<typeof metricsSchema>;

export const snapshotSchema = z.object({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 _.-]{0,47}$/, 'Use letters, digits, spaces, dots and hyphens.'),
  at: timeSchema,
  /** With memory: the machine goes on from that very moment. */
  memory: z.boolean(),
  size: bytesCountSchema,
});

/** What a running machine has right now, whatever has been asked for since its start. */
export const runningSchema = z.object({
  cpus: z.number().int(),
  memoryMiB: z.number().int(),
  /** It reaches the internet. */
  internet: z.boolean(),
  /** The keys it was started with. */
  sshKeys: z.array(z.string()),
});
export type Running = z.infer<typeof runningSchema>;

/** What a change may leave for the next start. `diskMiB`: the disk is larger already, its file system grows then. */
export const waitingSchema = z.enum(['cpus', 'memoryMiB', 'diskMiB', 'internet', 'sshKeys']);
export type Waiting = z.infer<typeof waitingSchema>;

export const machineSchema = z.object({
  id: machineIdSchema,
  /** What was asked for: what it has after its next start. */
  spec: machineSpecSchema,
  /** What it has now; null while it does not run. */
  running: runningSchema.nullable().default(null),
  /** Parts of `spec` that a running machine has only after its next start. */
  waiting: z.array(waitingSchema).default([]),
  state: machineStateSchema,
  /** Why it is in this state, when that needs saying (crash, fallback, failure), and what to do. */
  detail: z.string(),
  accelerator: acceleratorSchema.nullable(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  /** The guest has answered on its console or over SSH. */
  ready: z.boolean(),
  /** How to reach SSH from this computer; null while not running. */
  ssh: z.object({ host: z.string(), port: z.number().int(), user: z.string(), command: z.string() }).nullable(),
  /** Where others on the mesh reach it, as far as its firewall lets them; null while it does not run or the mesh is off. */
  mesh: z.object({ address: z.string() }).nullable().default(null),
  /** The machine's SSH host key, known beforehand where the image allows it (authorized_keys form). */
  hostKey: z.string().nullable(),
  snapshots: z.array(snapshotSchema),
  metrics: metricsSchema.nullable(),
  /** Bytes this machine takes on this computer's disk. */
  diskUsed: bytesCountSchema,
});
export type Machine = z.infer<typeof machineSchema>;

const one = z.object({ machine: z.string().min(1).max(64) });
const oneOut = z.object({ machine: machineSchema });

interface Changes {
  readonly autostart?: boolean | undefined;
  readonly internet?: boolean | undefined;
  readonly addSshKeys?: readonly string[] | undefined;
  readonly removeSshKeys?: readonly string[] | undefined;
  readonly open?: readonly string[] | undefined;
  readonly close?: readonly string[] | undefined;
}

/** Openings in words: that everybody is meant is said, because it is not written. */
const letsIn = (rules: readonly string[]): string =>
  `lets in over the mesh ${rules.map((rule) => (rule.includes(' from ') ? rule : `${rule} from everybody`)).join(', ')}`;

/** A change in words for the question and the log: who is let in is told by the key's end, which differs from key to key. */
function changes(i: Changes): string {
  const named = (keys: readonly string[]): string =>
    keys.map((key) => (key.length > 40 ? `${key.slice(0, 12)}…${key.slice(-24)}` : key)).join(', ');
  const said = [
    ...(i.autostart === undefined ? [] : [i.autostart ? 'starts by itself' : 'does not start by itself']),
    ...(i.internet === undefined ? [] : [i.internet ? 'reaches the internet' : 'does not reach the internet']),
    ...(i.addSshKeys?.length ? [`lets in ${named(i.addSshKeys)}`] : []),
    ...(i.removeSshKeys?.length ? [`no longer lets in ${named(i.removeSshKeys)}`] : []),
    ...(i.open?.length ? [letsIn(i.open)] : []),
    ...(i.close?.length ? [`no longer ${letsIn(i.close)}`] : []),
  ];
  return said.length === 0 ? '' : `: ${said.join('; ')}`;
}

export const machinesContract = {
  'machines.capability': method({
    kind: 'call',
    about: 'Tell whether machines can run on this computer, and how fast.',
    input: z.object({ /** Look again for QEMU and boot the probe again. */ refresh: z.boolean().default(false) }),
    output: capabilitySchema,
    errors: [],
    effect: 'read',
    summary: () => 'See whether machines can run here',
    examples: ['can i run machines'],
    withheld: notForPeers,
  }),
  'machines.images': method({
    kind: 'call',
    about: 'List the images a machine can start from.',
    input: z.object({}),
    output: z.object({ images: z.array(imageSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List machine images',
    examples: ['which images are there'],
    withheld: notForPeers,
  }),
  'machines.fetchImage': method({
    kind: 'task',
    about: 'Download an image and check it against its vendor’s checksum.',
    input: z.object({ image: imageIdSchema }),
    output: z.object({ image: imageSchema }),
    errors: ['NOT_FOUND', 'CHECKSUM_WRONG', 'UNREACHABLE', 'BACKING_FILE'],
    effect: 'write',
    summary: (i) => `Download the image ${i.image}`,
    examples: ['download {image}'],
    undo: { method: 'machines.removeImage' },
    withheld: notForPeers,
    positional: ['image'],
  }),
  'machines.removeImage': method({
    kind: 'call',
    about: 'Remove a downloaded image that no machine uses.',
    input: z.object({ image: imageIdSchema }),
    output: z.object({ freed: bytesCountSchema }),
    errors: ['NOT_FOUND', 'IN_USE'],
    effect: 'delete',
    summary: (i) => `Remove the downloaded image ${i.image}`,
    examples: ['remove the image {image}'],
    undo: { never: 'It can be downloaded again.' },
    withheld: notForPeers,
    positional: ['image'],
  }),
  'machines.plan': method({
    kind: 'call',
    about: 'Show what deploying would do, without doing it.',
    input: machineSpecSchema,
    output: z.object({
      /** What will happen, in order, in plain words. */
      steps: z.array(z.object({ key: z.string(), text: z.string(), bytes: bytesCountSchema.nullable() })),
      host: z.object({ name: z.string(), why: z.string(), sees: z.string() }),
      accelerator: acceleratorSchema.nullable(),
      /** Credits a day; machines on one's own computer cost nothing. */
      costPerDay: z.number(),
      warnings: z.array(z.object({ code: z.string(), text: z.string() })),
      /** Reasons it cannot be deployed as asked; empty means it can. */
      blockers: z.array(
        z.object({ code: z.string(), field: z.string().nullable(), text: z.string(), next: z.string() }),
      ),
    }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Plan the machine ${i.name}`,
    examples: [],
    withheld: notForPeers,
    positional: ['name'],
  }),
  'machines.deploy': method({
    kind: 'task',
    about: 'Make a machine and start it.',
    input: machineSpecSchema,
    output: oneOut,
    errors: [
      'NAME_TAKEN',
      'NOT_FOUND',
      'NO_QEMU',
      'IMAGE_NOT_READY',
      'NOT_ENOUGH_RESOURCES',
      'DIED_AT_START',
      'CHECKSUM_WRONG',
      'UNREACHABLE',
    ],
    effect: 'deploy',
    summary: (i) =>
      `Deploy the machine ${i.name} (${i.image}, ${i.cpus} CPU, ${i.memoryMiB} MiB memory) on this computer${
        i.firewall.length === 0 ? '' : `, which ${letsIn(i.firewall)}`
      }`,
    examples: ['deploy {image} called {name}', 'start a new machine'],
    undo: { method: 'machines.delete' },
    withheld: notForPeers,
    positional: ['name'],
  }),
  'machines.list': method({
    kind: 'call',
    about: 'List your machines.',
    input: z.object({}),
    output: z.object({ machines: z.array(machineSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List machines',
    examples: ['show my machines'],
    withheld: notForPeers,
  }),
  'machines.get': method({
    kind: 'call',
    about: 'Tell everything about one machine, by id or name.',
    input: one,
    output: oneOut,
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Look at the machine ${i.machine}`,
    examples: ['how is {machine}'],
    withheld: notForPeers,
    positional: ['machine'],
  }),
  'machines.start': method({
    kind: 'task',
    about: 'Start a stopped machine.',
    input: one,
    output: oneOut,
    errors: [
      'NOT_FOUND',
      'WRONG_STATE',
      'NO_QEMU',
      'DIED_AT_START',
      'NOT_ENOUGH_RESOURCES',
      'IMAGE_NOT_READY',
      'CHECKSUM_WRONG',
    ],
    effect: 'write',
    summary: (i) => `Start the machine ${i.machine}`,
    examples: ['start {machine}'],
    undo: { method: 'machines.stop' },
    withheld: notForPeers,
    positional: ['machine'],
  }),
  'machines.stop': method({
    kind: 'task',
    about: 'Shut a machine down: asked politely first, then switched off.',
    input: one.extend({ /** Switch off at once, as if the plug were pulled. */ force: z.boolean().default(false) }),
    output: oneOut,
    errors: ['NOT_FOUND', 'WRONG_STATE'],
    effect: 'write',
    summary: (i) => `${i.force ? 'Switch off' : 'Shut down'} the machine ${i.machine}`,
    examples: ['stop {machine}'],
    undo: { method: 'machines.start' },
    withheld: notForPeers,
    lessens: true,
    positional: ['machine'],
  }),
  'machines.pause': method({
    kind: 'call',
    about: 'Hold a running machine still, its memory kept.',
    input: one,
    output: oneOut,
    errors: ['NOT_FOUND', 'WRONG_STATE'],
    effect: 'write',
    summary: (i) => `Pause the machine ${i.machine}`,
    examples: ['pause {machine}'],
    undo: { method: 'machines.resume' },
    withheld: notForPeers,
    lessens: true,
    positional: ['machine'],
  }),
  'machines.resume': method({
    kind: 'call',
    about: 'Let a paused machine go on.',
    input: one,
    output: oneOut,
    errors: ['NOT_FOUND', 'WRONG_STATE'],
    effect: 'write',
    summary: (i) => `Resume the machine ${i.machine}`,
    examples: ['resume {machine}'],
    undo: { method: 'machines.pause' },
    withheld: notForPeers,
    positional: ['machine'],
  }),
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
      /** Openings to add to its firewall, at once. Without `from` they are for everybody on the mesh. */
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
  'machines.delete': method({
    kind: 'task',
    about: 'Delete a machine with its disk and snapshots.',
    input: one,
    output: z.object({ freed: bytesCountSchema }),
    errors: ['NOT_FOUND'],
    effect: 'delete',
    summary: (i) => `Delete the machine ${i.machine} with its disk`,
    examples: ['delete the machine {machine}'],
    undo: { never: 'The disk is deleted.' },
    withheld: notForPeers,
    positional: ['machine'],
  }),
  'machines.console': method({
    kind: 'stream',
    about: 'Follow a machine’s serial console, with what it printed before.',
    input: one.extend({
      /** Byte position in the console log to begin at; negative counts from the end. */
      from: z.number().int().default(-65_536),
    }),
    output: z.object({ /** Position after these bytes. */ at: z.number().int(), bytes: binarySchema }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Follow the console of ${i.machine}`,
    examples: ['open the console of {machine}'],
    withheld: consoleOnly,
    positional: ['machine'],
  }),
  'machines.type': method({
    kind: 'call',
    about: 'Type bytes on a machine’s serial console.',
    input: one.extend({ bytes: binarySchema.refine((b) => b.length <= 65_536, 'At most 64 KiB at a time.') }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'WRONG_STATE'],
    effect: 'write',
    summary: (i) => `Type on the console of ${i.machine}`,
    examples: [],
    undo: { never: 'What is typed is typed.' },
    withheld: consoleOnly,
    secret: ['bytes'],
    quiet: true,
    positional: ['machine'],
  }),
  'machines.metrics': method({
    kind: 'stream',
    about: 'Follow a machine’s use of CPU, memory, disk and network, one sample a second.',
    input: one,
    output: metricsSchema,
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Follow the use of ${i.machine}`,
    examples: ['how busy is {machine}'],
    withheld: notForPeers,
    positional: ['machine'],
  }),
} as const;
