import { z } from 'zod';
import { bytesCountSchema, deviceIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './parts.ts';

const personOnly = 'Only the person says which of their devices keep the same files.';
const byPerson = { ...notForPeers, assistant: personOnly, mcp: personOnly } as const;
const files = z.number().int().nonnegative();

export const ownDeviceSchema = z.object({
  id: deviceIdSchema,
  name: z.string(),
  /**
   * `same` all that it knows is here; `coming` files of it are on their way; `waits` it is to be accepted here; `waits-there` this one is
   * to be accepted there; `away` it does not answer; `locked`, `off` (there it is not turned on), `keyless` (it has no keys, and so no
   * vault) and `version` (it needs another version of Hypha) say why it takes no part now.
   */
  state: z.enum(['same', 'coming', 'waits', 'waits-there', 'away', 'locked', 'off', 'keyless', 'version']),
  /** Six groups of five digits that its own screen shows for this one; null before it showed itself. */
  code: z.string().nullable(),
  /** It was accepted here, or at a device that was. */
  accepted: z.boolean(),
  /** When it answered last; null when it never did. */
  seenAt: timeSchema.nullable(),
  /** When nothing of it was left to come last; null when that was never so. */
  sameAt: timeSchema.nullable(),
});
export type OwnDevice = z.infer<typeof ownDeviceSchema>;

export const ownDevicesSchema = z.object({
  /** The person said so on this device. */
  on: z.boolean(),
  /** What this device is called among the person's; null where there is none. */
  name: z.string().nullable(),
  /** The person's other devices that were not revoked. */
  devices: z.array(ownDeviceSchema),
  /** Files and folders that are kept the same. */
  entries: files,
  /** Still to come here. */
  waiting: z.object({ files, bytes: bytesCountSchema }),
  /** Of this vault, and still to be told to the others: each file is read once. */
  reading: z.object({ files, bytes: bytesCountSchema }),
  /** Of two versions that were made at the same time both are kept: so many were, since this one started. */
  conflicts: files,
  /** Bytes that came since this one started. */
  received: bytesCountSchema,
  /** What is on its way now. */
  current: z.array(
    z.object({ name: z.string(), size: bytesCountSchema, received: bytesCountSchema, from: z.string() }),
  ),
  /** Why nothing goes on; left out when all is well. */
  problem: z.object({ text: z.string(), next: z.string() }).optional(),
});
export type OwnDevices = z.infer<typeof ownDevicesSchema>;

/** The same files on several devices of one person. */
export const vaultDevicesContract = {
  'vault.devices': method({
    kind: 'call',
    about: 'Show whether your devices keep the same files, and how far each of them is.',
    input: z.object({}),
    output: ownDevicesSchema,
    errors: ['NOT_OFFERED'],
    effect: 'read',
    summary: () => 'See whether your devices have the same files',
    examples: ['are my devices in sync', 'which of my devices have my files'],
    withheld: notForPeers,
  }),
  'vault.devicesOn': method({
    kind: 'call',
    about:
      'Keep the files of this vault the same on your devices. Each device stores all of them at its own places, and takes part once it was turned on there and accepted.',
    input: z.object({}),
    output: ownDevicesSchema,
    errors: ['NO_VAULT', 'KEYLESS', 'NO_IDENTITY', 'NOT_OFFERED'],
    effect: 'admin',
    summary: () => 'Keep the files of my devices the same',
    examples: ['keep my files the same on all my devices'],
    undo: { method: 'vault.devicesOff' },
    withheld: byPerson,
  }),
  'vault.devicesOff': method({
    kind: 'call',
    about: 'Stop keeping the files of this device the same as those of your others; all files stay where they are.',
    input: z.object({}),
    output: ownDevicesSchema,
    errors: ['NOT_OFFERED'],
    effect: 'write',
    summary: () => 'Stop keeping the files of my devices the same',
    examples: ['stop syncing this device'],
    undo: { method: 'vault.devicesOn' },
    withheld: notForPeers,
    lessens: true,
  }),
  'vault.acceptDevice': method({
    kind: 'call',
    about: 'Let another of your devices have the files of this one, after comparing the digits that both screens show.',
    input: z.object({
      device: z.string().trim().min(1, 'Say which device: its name or id.').max(200),
      /** As both screens show it; spaces do not matter. */
      code: z
        .string()
        .trim()
        .regex(/^(?:\d\s*){30}$/, 'Type the 30 digits that the other device shows.'),
    }),
    output: ownDevicesSchema,
    errors: ['NOT_FOUND', 'WRONG_CODE', 'DEVICE_UNSEEN', 'NO_VAULT', 'NOT_OFFERED'],
    // All files go there from now on.
    effect: 'admin',
    summary: (i) => `Give all files of the vault to the device ${i.device}, and take its files in`,
    examples: [],
    undo: { never: 'Turn it off on that device, or take the device’s right away in the list of your devices.' },
    withheld: byPerson,
    positional: ['device', 'code'],
  }),
} as const;
