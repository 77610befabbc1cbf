import { z } from 'zod';
import { faces } from './contract.ts';
import { failureSchema } from './fail.ts';

/**
 * The frames of the wire. Each is one object with a `t`; MessagePort carries it by structured clone, byte transports
 * as MessagePack (`codec.ts`). `id` is chosen by the client, counts up from 1 and names one call for its whole life.
 *
 *     client                                  server
 *     hello { contract, role, token? }   ->                      always first
 *                                        <-   welcome { connection, limits }   or  err { id: 0, failure }, then closed
 *     req { id, method, input, credit? } ->                      credit: items of a stream that may come unasked
 *                                        <-   ok { id, value }               a call's or task's answer
 *                                        <-   err { id, failure }            the end of a call or stream
 *                                        <-   ev { id, seq, value }          stream items, seq 0, 1, 2 …
 *                                        <-   end { id }                     the stream is complete
 *     credit { id, n }                   ->                      n more items may come
 *     cancel { id }                      ->                      the answer is no longer wanted; err CANCELLED follows
 *
 * A frame that fits none of these, or comes at the wrong time, ends the connection: `err { id: 0 }`, then closed. Codes
 * that end or refuse a connection, besides the common errors of calls: VERSION_MISMATCH (the two sides were built for
 * different contracts), PROTOCOL (a frame of no known shape, or at the wrong time), TOO_LARGE (over the frame limit),
 * UNAUTHENTICATED (no valid session), FORBIDDEN (this transport does not grant the role asked for).
 */
const callId = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const creditCount = z.number().int().min(1).max(1024);

/** What the other side asks to be. The server decides: it may refuse or grant less. */
export const roleSchema = z.object({
  face: z.enum(faces),
  /** A person sits at this connection and may answer questions. */
  person: z.boolean(),
  /** Shown to the person, for example "Terminal": nothing in it may hide, reorder or break the words around it. */
  name: z
    .string()
    .min(1)
    .max(64)
    .refine((name) => !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name), 'invisible characters'),
});
export type Role = z.infer<typeof roleSchema>;

export const helloSchema = z.object({
  t: z.literal('hello'),
  /** The contract version the client was built with. */
  contract: z.number().int().nonnegative(),
  role: roleSchema,
  /** Proof of a right to the role, where the transport itself proves nothing. */
  token: z.string().max(256).optional(),
});
export type Hello = z.infer<typeof helloSchema>;

export const welcomeSchema = z.object({
  t: z.literal('welcome'),
  contract: z.number().int(),
  connection: z.string(),
  limits: z.object({ calls: z.number().int(), streams: z.number().int(), frame: z.number().int() }),
});
export type Welcome = z.infer<typeof welcomeSchema>;

/** What a client sends. */
export const clientFrameSchema = z.discriminatedUnion('t', [
  helloSchema,
  z.object({
    t: z.literal('req'),
    id: callId,
    method: z.string().min(1).max(128),
    input: z.unknown().optional(),
    credit: creditCount.optional(),
  }),
  z.object({ t: z.literal('credit'), id: callId, n: creditCount }),
  z.object({ t: z.literal('cancel'), id: callId }),
]);
export type ClientFrame = z.infer<typeof clientFrameSchema>;

/** What a server sends. */
export const serverFrameSchema = z.discriminatedUnion('t', [
  welcomeSchema,
  z.object({ t: z.literal('ok'), id: callId, value: z.unknown().optional() }),
  z.object({ t: z.literal('err'), id: z.number().int().nonnegative(), failure: failureSchema }),
  z.object({ t: z.literal('ev'), id: callId, seq: z.number().int().nonnegative(), value: z.unknown().optional() }),
  z.object({ t: z.literal('end'), id: callId }),
]);
export type ServerFrame = z.infer<typeof serverFrameSchema>;

export interface Limits {
  /** Calls in flight at once; more answer BUSY. */
  readonly calls: number;
  /** Open streams at once; more answer BUSY. */
  readonly streams: number;
  /** Bytes of one frame; a larger one ends the connection, a larger answer becomes an error. */
  readonly frame: number;
  /** Bytes waiting for a client that does not read; past this the connection is given up. */
  readonly buffered: number;
}

export const defaultLimits: Limits = {
  calls: 64,
  streams: 64,
  frame: 4 * 1024 * 1024,
  buffered: 64 * 1024 * 1024,
};
