import { z } from 'zod';
import { itemNameSchema } from '#shared/contract/vault.ts';
import { bytesCountSchema, itemIdSchema, timeSchema } from '#shared/model/ids.ts';
import { bytesSchema, pack, unpack } from '../../format/packed.ts';

/* What is asked about a share and answered: msgpack maps with their keys in order, inside what call.ts seals. */

/** Bytes of a file in one question or answer at most. */
export const pieceBytes = 1024 * 1024;
/** Entries of a folder in one answer at most. */
export const listMost = 500;
/** A question or answer with all around it. */
export const messageMostBytes = pieceBytes + 64 * 1024;

const uploadIdSchema = z.string().regex(/^[A-Za-z0-9_-]{22}$/);
const pieceSchema = bytesSchema(0, pieceBytes);

/** `item` null: what was shared itself. Names are never paths: nothing is asked for but by its id. */
export const askingSchema = z.discriminatedUnion('ask', [
  z.strictObject({
    ask: z.literal('look'),
    item: itemIdSchema.nullable(),
    /** Entries whose names come after this one. */
    after: z.string().max(1024).nullable(),
  }),
  z.strictObject({
    ask: z.literal('read'),
    item: itemIdSchema,
    offset: bytesCountSchema,
    length: z.number().int().min(1).max(pieceBytes),
  }),
  z.strictObject({
    ask: z.literal('send'),
    /** Chosen by the sender, and the same when it asks again after a cut. */
    upload: uploadIdSchema,
    /** The file that this is a new version of; null for a new file. */
    replaces: itemIdSchema.nullable(),
    /** The folder for a new file; null: the shared folder itself. */
    into: itemIdSchema.nullable(),
    name: itemNameSchema,
    size: bytesCountSchema,
    modified: timeSchema,
  }),
  z.strictObject({ ask: z.literal('piece'), upload: uploadIdSchema, offset: bytesCountSchema, bytes: pieceSchema }),
  z.strictObject({ ask: z.literal('done'), upload: uploadIdSchema }),
  z.strictObject({ ask: z.literal('stop'), upload: uploadIdSchema }),
]);
export type Asking = z.infer<typeof askingSchema>;

const entrySchema = z.strictObject({
  id: itemIdSchema,
  kind: z.enum(['file', 'folder']),
  name: itemNameSchema,
  size: bytesCountSchema,
  modified: timeSchema,
  mime: z.string().max(255),
});
export type SharedEntry = z.infer<typeof entrySchema>;

/** What became of a file that was sent: a new one, a version in place of the one before, or one beside it that had changed meanwhile. */
export const arrivalHow = ['new', 'version', 'beside'] as const;

export const answerSchema = z.discriminatedUnion('say', [
  z.strictObject({
    say: z.literal('looked'),
    item: entrySchema,
    /** From what was shared down to this item; the last is the item itself. */
    path: z.array(z.strictObject({ id: itemIdSchema, name: itemNameSchema })).max(256),
    entries: z.array(entrySchema).max(listMost),
    total: z.number().int().nonnegative(),
    more: z.boolean(),
  }),
  z.strictObject({ say: z.literal('bytes'), bytes: pieceSchema }),
  z.strictObject({ say: z.literal('received'), received: bytesCountSchema }),
  z.strictObject({ say: z.literal('arrived'), item: entrySchema, how: z.enum(arrivalHow) }),
  z.strictObject({ say: z.literal('stopped') }),
  z.strictObject({
    say: z.literal('no'),
    code: z.enum([
      'NOT_FOUND',
      'NOT_A_FILE',
      'READ_ONLY',
      'DAMAGED',
      'DISK_FULL',
      'TOO_LARGE',
      'INCOMPLETE',
      'BUSY',
      'BAD_INPUT',
      'INTERNAL',
    ]),
  }),
]);
export type Answer = z.infer<typeof answerSchema>;
export type No = Extract<Answer, { say: 'no' }>['code'];

export const encodeAsking = (asking: Asking): Uint8Array => pack(asking);
/** Null for anything that {@link encodeAsking} does not write. */
export const decodeAsking = (bytes: Uint8Array): Asking | null => unpack(askingSchema, bytes);
export const encodeAnswer = (answer: Answer): Uint8Array => pack(answer);
/** Null for anything that {@link encodeAnswer} does not write. */
export const decodeAnswer = (bytes: Uint8Array): Answer | null => unpack(answerSchema, bytes);
