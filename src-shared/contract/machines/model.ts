import { z } from 'zod';
import { firewallRuleSchema } from '../../model/firewall-rule.ts';
import { bytesCountSchema, imageIdSchema, machineIdSchema, timeSchema } from '../../model/ids.ts';
import { openingSchema } from './openings.ts';

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
   * Who on the mesh may begin to speak to it: `tcp/22 from ann` for a contact, `tcp/8000-8100 from 4a1:2::/64`, or `tcp/22` for everybody.
   * Empty: nobody but this agent. What it begins itself is always answered.
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

/**
 * What a change may leave for the next start. `diskMiB`: the disk is larger already, its file system grows then. `mesh`: the mesh was joined
 * after it had been started.
 */
export const waitingSchema = z.enum(['cpus', 'memoryMiB', 'diskMiB', 'internet', 'mesh', 'sshKeys']);
export type Waiting = z.infer<typeof waitingSchema>;

export const machineSchema = z.object({
  id: machineIdSchema,
  /** What was asked for: what it has after its next start. */
  spec: machineSpecSchema,
  /** What it has now; null while it does not run. */
  running: runningSchema.nullable().default(null),
  /** What a running machine has only after its next start. */
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
  /** Its firewall, `spec.firewall`, with who is meant by it now. */
  openings: z.array(openingSchema).default([]),
  /** The machine's SSH host key, known beforehand where the image allows it (authorized_keys form). */
  hostKey: z.string().nullable(),
  snapshots: z.array(snapshotSchema),
  metrics: metricsSchema.nullable(),
  /** Bytes this machine takes on this computer's disk. */
  diskUsed: bytesCountSchema,
});
export type Machine = z.infer<typeof machineSchema>;
