import { z } from 'zod';
import { toBase32, toHex } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';
import { acceleratorSchema, machineSpecSchema, machineStateSchema, snapshotSchema } from '#shared/contract/machines.ts';
import { machineIdSchema, timeSchema } from '#shared/model/ids.ts';
import { fail } from '#shared/rpc/fail.ts';

/** What QEMU was last started with. The record's `spec` may have changed since. */
export const startedWithSchema = machineSpecSchema
  .pick({ cpus: true, memoryMiB: true, diskMiB: true, sshKeys: true, internet: true })
  .required()
  /** It has a card for the mesh. Absent in records of older versions, which knew none. */
  .extend({ mesh: z.boolean().default(false) });
export type StartedWith = z.infer<typeof startedWithSchema>;

/**
 * `vm.json`, one a machine: what it is and the last state written before an action was taken. Layout and meaning of
 * each state after a crash: docs/formats/machine-dir.md.
 */
export const recordSchema = z.object({
  format: z.literal('hypha-machine/1'),
  id: machineIdSchema,
  /** Given to QEMU and asked back over QMP: proof that a process is this machine. */
  uuid: z.uuid(),
  spec: machineSpecSchema,
  state: machineStateSchema,
  detail: z.string(),
  /** What the person wants: decides whether autostart starts it again. */
  wanted: z.enum(['running', 'stopped']),
  /** Deletion has begun; whoever finds this ends it. */
  deleting: z.boolean(),
  createdAt: timeSchema,
  startedAt: timeSchema.nullable(),
  ready: z.boolean(),
  accelerator: acceleratorSchema.nullable(),
  /** The QEMU process; null when none was started or it is known to have ended. */
  process: z.object({ pid: z.number().int(), startTime: z.string(), bootId: z.string() }).nullable(),
  /** Ends the names of its pipes on Windows; '' in records of older versions. See qemu/endpoint.ts. */
  pipeKey: z
    .string()
    .regex(/^[a-z2-7]{0,26}$/)
    .default(''),
  user: z.string(),
  /** Absent in records of older versions, and before the first start. */
  startedWith: startedWithSchema.nullable().default(null),
  /** Public SSH host key, authorized_keys form. */
  hostKey: z.string().nullable(),
  /** Loopback port of the agent's SSH listener, kept across restarts of the agent when it is free. */
  sshPort: z.number().int().nullable(),
  snapshots: z.array(
    snapshotSchema.extend({
      cpus: z.number().int().positive(),
      memoryMiB: z.number().int().positive(),
      /** It had the internet card. Absent in older records, whose machines kept what they were deployed with. */
      internet: z.boolean().optional(),
      /** It had a card for the mesh; absent in older records: it had none. */
      mesh: z.boolean().optional(),
      /** The keys that the machine in this snapshot lets in. */
      sshKeys: z.array(z.string()).optional(),
    }),
  ),
});
/** What a record says of a machine that never ran. */
export const neverStarted = () => ({
  deleting: false,
  startedAt: null,
  ready: false,
  accelerator: null,
  process: null,
  pipeKey: '',
  startedWith: null,
  hostKey: null,
  sshPort: null,
  snapshots: [],
});

export type MachineRecord = z.infer<typeof recordSchema>;

export function encodeRecord(record: MachineRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** Decode vm.json; throws INTERNAL with plain words for anything that is not one. */
export function decodeRecord(text: string): MachineRecord {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw fail('INTERNAL', 'The record of a machine (vm.json) is not readable.');
  }
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) throw fail('INTERNAL', 'The record of a machine (vm.json) does not have the right form.');
  const { spec, snapshots } = parsed.data;
  // Said now, because the spec may change from here on.
  return {
    ...parsed.data,
    snapshots: snapshots.map((s) => ({ internet: spec.internet, sshKeys: spec.sshKeys, ...s })),
  };
}

/** 12 letters: short, because it is part of a socket path; 60 random bits. */
export function newMachineId(random: (n: number) => Uint8Array): MachineRecord['id'] {
  return machineIdSchema.parse(toBase32(random(8)).slice(0, 12));
}

/** A random UUID (RFC 9562, version 4). */
export function newUuid(random: (n: number) => Uint8Array): string {
  const bytes = random(16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/**
 * The card for the mesh: a locally administered MAC (IEEE 802, U/L bit) of which 46 bits are bound to the id. The machine's address is made from it, so
 * it must be guessed by nobody and met twice by chance nowhere.
 */
export function meshMac(id: string): string {
  const hash = sha256(new TextEncoder().encode(`hypha machine mesh nic ${id}`));
  const bytes = [((hash[0] ?? 0) & 0xfc) | 0x02, ...hash.subarray(1, 6)];
  return bytes.map((b) => b.toString(16).padStart(2, '0')).join(':');
}

/** The machine's network card number `card`: QEMU's prefix 52:54:00 and three bytes bound to the id. */
export function macAddress(id: string, card: number): string {
  const hash = sha256(new TextEncoder().encode(`hypha machine nic ${card} ${id}`));
  return ['52', '54', '00', ...[...hash.subarray(0, 3)].map((b) => b.toString(16).padStart(2, '0'))].join(':');
}
