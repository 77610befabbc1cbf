import { z } from 'zod';
import { bytesCountSchema } from '#shared/model/ids.ts';
import { bytesSchema, pack, unpack } from '../../../format/packed.ts';
import { batchLeastBytes, pieceMostBytes, vectorMostBytes } from '../../ports.ts';

/* What devices of one person ask each other: msgpack maps with their keys in order, inside what handshake.ts seals. */

/** Changes of the tree in one answer at most, as the replica wrote them. */
export const batchBytes = 8 * batchLeastBytes;
/** A whole key log of 256 entries is smaller. */
const logBytes = 2 * 1024 * 1024;
/** One question or answer, sealed. */
export const messageMostBytes = logBytes + 64 * 1024;
export const acceptancesMost = 1024;

const contentSchema = z.string().regex(/^[0-9a-f]{64}$/);
const nameSchema = z.string().max(200);

const meetShape = {
  /** What this device is called, for the other's page. */
  name: nameSchema,
  /** The other may take part: it was accepted here, or at one that was. */
  trusts: z.boolean(),
  /** Of the key log that is known here. */
  log: bytesSchema(32),
  /** Signed by whoever accepted; none for one that is not trusted. */
  acceptances: z.array(bytesSchema(1, 512)).max(acceptancesMost),
} as const;

export const askingSchema = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('meet'), ...meetShape }),
  z.strictObject({ ask: z.literal('log') }),
  /** What the asker lacks of the tree, who knows what this vector says. */
  z.strictObject({ ask: z.literal('since'), vector: bytesSchema(0, vectorMostBytes) }),
  z.strictObject({
    ask: z.literal('read'),
    content: contentSchema,
    offset: bytesCountSchema,
    length: z.number().int().min(1).max(pieceMostBytes),
  }),
  /** Something changed here: ask. */
  z.strictObject({ ask: z.literal('news') }),
]);
export type Asking = z.infer<typeof askingSchema>;

export const noCodes = ['NOT_TRUSTED', 'NOT_FOUND', 'DAMAGED', 'BAD_INPUT', 'INTERNAL'] as const;
export type No = (typeof noCodes)[number];

export const answerSchema = z.discriminatedUnion('say', [
  z.strictObject({ say: z.literal('met'), ...meetShape }),
  z.strictObject({ say: z.literal('log'), log: bytesSchema(1, logBytes) }),
  /** Null: nothing that the asker lacks. */
  z.strictObject({ say: z.literal('batch'), batch: bytesSchema(0, batchBytes).nullable() }),
  /** So many of what was asked for; fewer only at its end. */
  z.strictObject({ say: z.literal('bytes'), bytes: bytesSchema(0, pieceMostBytes) }),
  z.strictObject({ say: z.literal('heard') }),
  z.strictObject({ say: z.literal('no'), code: z.enum(noCodes) }),
]);
export type Answer = z.infer<typeof answerSchema>;

export const encodeAsking = (asking: Asking): Uint8Array => pack(asking);
/** Null for anything that {@link encodeAsking} does not write. */
export const decodeAsking = (bytes: Uint8Array): Asking | null => unpack(askingSchema, bytes);
export const encodeAnswer = (answer: Answer): Uint8Array => pack(answer);
/** Null for anything that {@link encodeAnswer} does not write. */
export const decodeAnswer = (bytes: Uint8Array): Answer | null => unpack(answerSchema, bytes);
