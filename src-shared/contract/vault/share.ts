import { z } from 'zod';
import { binarySchema, bytesCountSchema, contactIdSchema, itemIdSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { folderRefSchema, itemRefSchema, notForPeers, remoteErrors, shareIdSchema } from './parts.ts';

const accessSchema = z.enum(['read', 'write']);
const whoSchema = z.string().trim().min(1, 'Say with whom: a contact.').max(300);

/** How a share stands. `waiting`: the letter that tells of it has not been written yet; `blocked`: its contact was blocked or removed. */
const shareStateSchema = z.enum(['open', 'waiting', 'blocked', 'expired', 'ended']);

export const givenShareSchema = z.object({
  id: z.string(),
  item: itemIdSchema,
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  /** Where it lies now; null when it is gone or in the bin, and nothing is served. */
  path: z.string().nullable(),
  contact: contactIdSchema,
  /** What they are called; null for one that is removed. */
  who: z.string().nullable(),
  verified: z.boolean(),
  access: accessSchema,
  expires: timeSchema.nullable(),
  state: shareStateSchema,
  createdAt: timeSchema,
  /** When they looked into it last. */
  usedAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
  /** Bytes that may still come back through it. */
  room: bytesCountSchema,
});
export type GivenShare = z.infer<typeof givenShareSchema>;

export const arrivalSchema = z.object({
  share: z.string(),
  item: itemIdSchema,
  name: z.string(),
  size: bytesCountSchema,
  /** Who sent it; null for a contact that is removed. */
  who: z.string().nullable(),
  /** `version`: in place of the one before, which lies in the bin; `beside`: that one had changed meanwhile, so both are there. */
  how: z.enum(['new', 'version', 'beside']),
  at: timeSchema,
});
export type ShareArrival = z.infer<typeof arrivalSchema>;

export const takenShareSchema = z.object({
  id: z.string(),
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  contact: contactIdSchema,
  /** Who shares it; null for a contact that is removed. */
  who: z.string().nullable(),
  verified: z.boolean(),
  access: accessSchema,
  expires: timeSchema.nullable(),
  state: z.enum(['open', 'expired', 'ended', 'blocked']),
  /** When the invitation came. */
  arrivedAt: timeSchema,
  /** When the device that shares it answered last. */
  seenAt: timeSchema.nullable(),
  endedAt: timeSchema.nullable(),
});
export type TakenShare = z.infer<typeof takenShareSchema>;

export const sharedEntrySchema = z.object({
  id: itemIdSchema,
  kind: z.enum(['file', 'folder']),
  name: z.string(),
  size: bytesCountSchema,
  modified: timeSchema,
  mime: z.string(),
});
export type SharedItem = z.infer<typeof sharedEntrySchema>;

const ours = { ...notForPeers } as const;

/** Files and folders shared between contacts, over the mesh. */
export const vaultShareContract = {
  'vault.share': method({
    kind: 'call',
    about: 'Share a file or folder of the vault with a contact, to read or also to send new versions.',
    input: z.object({
      item: itemRefSchema,
      /** A contact: name, label or id. */
      contact: whoSchema,
      access: accessSchema.default('read'),
      /** When it ends by itself; left out: when it is taken back. */
      expires: timeSchema.optional(),
      /** Also when the safety number was not compared. */
      unverified: z.boolean().default(false),
      /** Bytes that may come back through it, all together; 10 GiB when left out. */
      room: bytesCountSchema.default(10 * 1024 ** 3),
    }),
    output: z.object({ share: givenShareSchema }),
    errors: [
      'NOT_FOUND',
      'NO_VAULT',
      'NO_IDENTITY',
      'KEYLESS',
      'ALREADY_EXISTS',
      'CONTACT_UNVERIFIED',
      'CONTACT_WAITING',
      'TOO_MANY',
      'IN_USE',
      'NOT_OFFERED',
    ],
    effect: 'share',
    summary: (i) =>
      `Share ${i.item} with ${i.contact} (${i.access === 'write' ? 'to read and change' : 'to read'}${
        i.expires === undefined ? '' : `, until ${dateOf(i.expires)}`
      })`,
    examples: ['share {item} with {contact}'],
    undo: { method: 'vault.revoke' },
    withheld: ours,
    positional: ['item', 'contact'],
  }),
  'vault.shares': method({
    kind: 'call',
    about: 'List what is shared with others, and the files that came back through it.',
    input: z.object({
      /** Those that have ended too. */
      ended: z.boolean().default(false),
    }),
    output: z.object({
      shares: z.array(givenShareSchema),
      /** Newest first. */
      arrivals: z.array(arrivalSchema),
    }),
    errors: ['NOT_OFFERED'],
    effect: 'read',
    summary: () => 'List what is shared with others',
    examples: ['what do i share', 'who can see my files'],
    withheld: ours,
  }),
  'vault.changeShare': method({
    kind: 'call',
    about:
      'Change what a contact may do with a share, or until when; it gets a new key, and the one before ends at once.',
    input: z.object({
      share: shareIdSchema,
      access: accessSchema.optional(),
      /** Null: it ends when it is taken back. */
      expires: timeSchema.nullable().optional(),
    }),
    output: z.object({ share: givenShareSchema }),
    errors: ['NOT_FOUND', 'CONTACT_WAITING', 'NOT_OFFERED'],
    effect: 'share',
    summary: (i) => {
      if (i.expires === undefined) {
        return i.access === 'write'
          ? `Let the share ${i.share} be read and changed`
          : i.access === 'read'
            ? `Let the share ${i.share} be read only`
            : `Give the share ${i.share} a new key`;
      }
      const end = i.expires === null ? 'go on without end' : `end on ${dateOf(i.expires)}`;
      const access = i.access === undefined ? '' : i.access === 'write' ? ', to read and change' : ', to read only';
      return `Let the share ${i.share} ${end}${access}`;
    },
    examples: [],
    undo: { method: 'vault.changeShare' },
    withheld: ours,
    positional: ['share'],
  }),
  'vault.revoke': method({
    kind: 'call',
    about: 'Take a share back: nothing of it can be read any more. What was read or saved before stays with them.',
    input: z.object({ share: shareIdSchema }),
    output: z.object({ share: givenShareSchema }),
    errors: ['NOT_FOUND', 'NOT_OFFERED'],
    effect: 'write',
    summary: (i) => `Take the share ${i.share} back`,
    examples: [],
    undo: { never: 'Share it again; what they had read they have kept.' },
    withheld: ours,
    lessens: true,
    positional: ['share'],
  }),
  'vault.sharedWithMe': method({
    kind: 'call',
    about: 'List what others share with you.',
    input: z.object({}),
    output: z.object({ shares: z.array(takenShareSchema) }),
    errors: ['NOT_OFFERED'],
    effect: 'read',
    summary: () => 'List what others share with you',
    examples: ['what is shared with me'],
    withheld: ours,
  }),
  'vault.lookShared': method({
    kind: 'call',
    about: 'Look into something that is shared with you, on the device of its owner.',
    input: z.object({
      share: shareIdSchema,
      /** A folder of the share by id; left out: what was shared itself. */
      item: itemIdSchema.optional(),
      /** Entries after this name, where a folder is too long for one answer. */
      after: z.string().max(1024).optional(),
    }),
    output: z.object({
      share: takenShareSchema,
      item: sharedEntrySchema,
      /** From what was shared down to this item. */
      path: z.array(z.object({ id: itemIdSchema, name: z.string() })),
      items: z.array(sharedEntrySchema),
      total: z.number().int(),
      more: z.boolean(),
    }),
    errors: [...remoteErrors, 'NOT_OFFERED'],
    effect: 'read',
    summary: (i) => `Look into the share ${i.share}`,
    examples: [],
    withheld: ours,
    positional: ['share', 'item'],
  }),
  'vault.readShared': method({
    kind: 'stream',
    about: 'Read the bytes of a file that is shared with you.',
    input: z.object({
      share: shareIdSchema,
      /** Left out: the shared file itself. */
      item: itemIdSchema.optional(),
      offset: bytesCountSchema.default(0),
      /** Left out: to the end. */
      length: bytesCountSchema.optional(),
    }),
    output: binarySchema,
    errors: [...remoteErrors, 'NOT_A_FILE', 'DAMAGED', 'NOT_OFFERED'],
    effect: 'read',
    summary: (i) => `Read from the share ${i.share}`,
    examples: [],
    withheld: { ...ours, assistant: 'Bytes are for the interface.', mcp: 'Bytes are for the interface.' },
    positional: ['share', 'item'],
  }),
  'vault.saveShared': method({
    kind: 'task',
    about: 'Save what somebody shares with you in your own vault.',
    input: z.object({
      share: shareIdSchema,
      into: folderRefSchema,
      /** Files and folders of the share by id; left out: all of it. */
      items: z.array(itemIdSchema).max(10_000).default([]),
    }),
    output: z.object({ items: z.array(itemIdSchema), files: z.number().int(), bytes: bytesCountSchema }),
    errors: [...remoteErrors, 'NO_VAULT', 'NOT_A_FILE', 'DAMAGED', 'NOT_ENOUGH_PLACES', 'NOT_OFFERED'],
    effect: 'write',
    summary: (i) => `Save ${someOf(i.items)} of the share ${i.share} in the vault`,
    examples: [],
    undo: { method: 'vault.bin' },
    withheld: ours,
    positional: ['share', 'into'],
  }),
  'vault.exportShared': method({
    kind: 'task',
    about: 'Write what somebody shares with you to a directory of this computer.',
    input: z.object({
      share: shareIdSchema,
      /** A full path. */
      to: z.string().min(1),
      items: z.array(itemIdSchema).max(10_000).default([]),
    }),
    output: z.object({ files: z.number().int(), bytes: bytesCountSchema }),
    errors: [...remoteErrors, 'NO_VAULT', 'NOT_A_FILE', 'DAMAGED', 'BAD_TARGET', 'NOT_OFFERED'],
    effect: 'write',
    summary: (i) => `Write ${someOf(i.items)} of the share ${i.share} to ${i.to}`,
    examples: [],
    undo: { never: 'Delete the written copies yourself.' },
    withheld: ours,
    positional: ['share', 'to'],
  }),
  'vault.sendShared': method({
    kind: 'task',
    about:
      'Send a file of your vault into a share that you may change: a new file, or a new version of one that is there.',
    input: z.object({
      share: shareIdSchema,
      /** A file of your own vault. */
      item: itemRefSchema,
      /** The file of the share that it is a new version of; of a shared file left out: that file. */
      replaces: itemIdSchema.optional(),
      /** The folder of the share that a new file goes to; left out: the shared folder itself. */
      into: itemIdSchema.optional(),
    }),
    output: z.object({
      item: sharedEntrySchema,
      how: z.enum(['new', 'version', 'beside']),
      bytes: bytesCountSchema,
    }),
    errors: [
      ...remoteErrors,
      'NO_VAULT',
      'NOT_A_FILE',
      'READ_ONLY',
      'OWNER_FULL',
      'TOO_LARGE',
      'INTERRUPTED',
      'CHANGED',
      'DAMAGED',
      'NOT_OFFERED',
    ],
    effect: 'share',
    summary: (i) => `Send ${i.item} into the share ${i.share}`,
    examples: [],
    undo: { never: 'It lies in its owner’s vault; ask them to delete it.' },
    withheld: ours,
    positional: ['share', 'item'],
  }),
  'vault.leaveShare': method({
    kind: 'call',
    about: 'Put something that is shared with you off your list. What you saved of it stays.',
    input: z.object({ share: shareIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NOT_OFFERED'],
    effect: 'write',
    summary: (i) => `Leave the share ${i.share}`,
    examples: [],
    undo: { never: 'Ask its owner to share it with you anew.' },
    withheld: ours,
    positional: ['share'],
  }),
} as const;

const dateOf = (at: number): string => new Date(Math.min(at, 8.64e15)).toISOString().slice(0, 10);

const someOf = (items: readonly string[]): string =>
  items.length === 0 ? 'all' : items.length === 1 ? 'one item' : `${items.length} items`;
