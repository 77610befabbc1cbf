import { z } from 'zod';
import { bytesCountSchema, contactIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { meshTargetSchema } from '../mesh/model.ts';
import { notForPeers } from './parts.ts';

/* Room for vaults of contacts, and room that contacts keep for this one: places of the kind `friend`. */

const personOnly = 'Only the person asks others for room, and keeps room for others.';
const personal = { ...notForPeers, assistant: personOnly, mcp: personOnly } as const;

const whose = meshTargetSchema.describe('a contact by name, or another of your devices, like laptop.me');
/** As people say it. */
const gib = z
  .number()
  .min(0.1, 'Name at least 0.1 GiB.')
  .max(1_048_576, 'That is more than a contact can keep.')
  .describe('how much, in GiB');

/** Somebody among the contacts; `name` is null while that is not known, as before the first unlock. */
const contactShape = { contact: contactIdSchema, name: z.string().nullable() };

export const hostedRoomSchema = z.object({
  ...contactShape,
  /** Most bytes, as agreed. */
  bytes: bytesCountSchema,
  /** Taken of it; null when its disk is not connected. */
  used: bytesCountSchema.nullable(),
  /** How many pieces lie in it; null with `used`. */
  pieces: z.number().int().nonnegative().nullable(),
  since: timeSchema,
  /** When it ends; null when nobody has said so. */
  until: timeSchema.nullable(),
  /** The contact’s Hypha has been told of that. */
  told: z.boolean(),
  /** When the contact’s Hypha was last here; null when it was not since this one started. */
  seen: timeSchema.nullable(),
  connected: z.boolean(),
});
export type HostedRoom = z.infer<typeof hostedRoomSchema>;

export const hostingSchema = z.object({
  /** Where all of it lies; null before the first time. */
  directory: z.string().nullable(),
  /** Free bytes there that may yet be agreed on; null when that cannot be told. */
  free: bytesCountSchema.nullable(),
  /** Who asks for room and waits for an answer. `now`: bytes that they have here already. */
  asks: z.array(z.object({ ...contactShape, bytes: bytesCountSchema, now: bytesCountSchema, at: timeSchema })),
  /** Who may have room as soon as they ask for it. */
  offers: z.array(z.object({ ...contactShape, bytes: bytesCountSchema, at: timeSchema })),
  rooms: z.array(hostedRoomSchema),
  /** Left out when all is well. */
  problem: z.object({ text: z.string(), next: z.string() }).optional(),
});
export type Hosting = z.infer<typeof hostingSchema>;

export const askedRoomSchema = z.object({
  ...contactShape,
  /** Bytes that were asked for. */
  bytes: bytesCountSchema,
  /** `waits`: they have not answered yet; `away`: their Hypha has not been reached yet, and is asked when it is there. */
  state: z.enum(['agreed', 'waits', 'refused', 'away']),
  /** Bytes that they agreed to. */
  agreed: bytesCountSchema,
  at: timeSchema,
  /** The vault uses it as a place. */
  used: z.boolean(),
});
export type AskedRoom = z.infer<typeof askedRoomSchema>;

export const vaultRoomsContract = {
  'vault.askRoom': method({
    kind: 'call',
    about:
      'Ask a contact, or another of your devices, to keep room for your vault. A contact sees who asks and for how much.',
    input: z.object({ contact: whose, gib }),
    output: z.object({ room: askedRoomSchema }),
    errors: ['NOT_FOUND', 'MESH_OFF', 'TOO_MANY'],
    effect: 'share',
    summary: (i) => `Ask ${i.contact} to keep ${i.gib} GiB for your vault`,
    examples: ['ask {contact} to keep room for my vault'],
    undo: { method: 'vault.withdrawRoom' },
    withheld: personal,
    positional: ['contact', 'gib'],
  }),
  'vault.askedRooms': method({
    kind: 'call',
    about: 'List the room that contacts were asked for, and what they said.',
    input: z.object({}),
    output: z.object({ rooms: z.array(askedRoomSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'See the room that contacts were asked for',
    examples: ['who keeps room for me'],
    withheld: notForPeers,
  }),
  'vault.withdrawRoom': method({
    kind: 'call',
    about: 'Take a question for room back, or forget what was said to it. Room that is used as a place stays.',
    input: z.object({ contact: whose }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Take back the question to ${i.contact} for room`,
    examples: [],
    undo: { never: 'Ask again.' },
    withheld: personal,
    positional: ['contact'],
  }),
  'vault.hosting': method({
    kind: 'call',
    about: 'Show the room that is kept on this computer for vaults of contacts, and who asks for some.',
    input: z.object({}),
    output: hostingSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the room kept for contacts',
    examples: ['for whom do i keep room'],
    withheld: notForPeers,
  }),
  'vault.giveRoom': method({
    kind: 'call',
    about:
      'Keep room on this computer for a contact’s vault: agree to what they asked, offer it before they ask, or change how much it is.',
    input: z.object({
      contact: whose,
      gib,
      directory: z.string().min(1).optional().describe('where the room of all contacts lies; only said the first time'),
    }),
    output: hostingSchema,
    errors: ['NOT_FOUND', 'BAD_TARGET'],
    effect: 'share',
    summary: (i) => `Keep up to ${i.gib} GiB on this computer for the vault of ${i.contact}`,
    examples: ['keep room for {contact}'],
    undo: { never: 'Give notice to the contact, or change how much it is.' },
    withheld: personal,
    positional: ['contact', 'gib'],
  }),
  'vault.refuseRoom': method({
    kind: 'call',
    about: 'Say no to a contact who asks for room, or take back room that was offered and not used yet.',
    input: z.object({ contact: whose }),
    output: hostingSchema,
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Keep no room for the vault of ${i.contact}`,
    examples: [],
    undo: { never: 'Offer the room to them.' },
    withheld: personal,
    positional: ['contact'],
    lessens: true,
  }),
  'vault.closeRoom': method({
    kind: 'call',
    about:
      'Give notice to a contact: from now on their room takes nothing new, and after so many days it is deleted. Their Hypha is told.',
    input: z.object({
      contact: whose,
      days: z
        .number()
        .int()
        .min(1)
        .max(365)
        .default(30)
        .describe('days in which they can move what lies there; usually 30'),
    }),
    output: hostingSchema,
    errors: ['NOT_FOUND'],
    effect: 'delete',
    summary: (i) => `Give ${i.contact} ${i.days} days to leave the room that you keep for them, and delete it then`,
    examples: [],
    undo: { method: 'vault.reopenRoom' },
    withheld: personal,
    positional: ['contact', 'days'],
  }),
  'vault.reopenRoom': method({
    kind: 'call',
    about: 'Take back the notice that was given to a contact: their room stays.',
    input: z.object({ contact: whose }),
    output: hostingSchema,
    errors: ['NOT_FOUND'],
    effect: 'share',
    summary: (i) => `Go on keeping room for the vault of ${i.contact}`,
    examples: [],
    undo: { method: 'vault.closeRoom' },
    withheld: personal,
    positional: ['contact'],
  }),
  'vault.endRoom': method({
    kind: 'call',
    about: 'Delete the room that is kept for a contact, with all that lies in it, at once and without notice.',
    input: z.object({ contact: whose }),
    output: hostingSchema,
    errors: ['NOT_FOUND'],
    effect: 'delete',
    summary: (i) => `Delete the room kept for ${i.contact} now, with everything that they stored in it`,
    examples: [],
    undo: { never: 'What they stored here is gone.' },
    withheld: personal,
    positional: ['contact'],
  }),
} as const;
