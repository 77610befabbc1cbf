import { z } from 'zod';
import { timeSchema } from '../model/ids.ts';
import { faces, method, taskIdSchema } from '../rpc/contract.ts';
import { failureSchema } from '../rpc/fail.ts';

const personOnly = 'Only a person may do this.';
const answeredByPeople = {
  cli: 'Answered on the terminal’s own prompt or in the app.',
  assistant: 'A program cannot answer for a person.',
  mcp: 'A program cannot answer for a person.',
  peer: 'A program cannot answer for a person.',
  shell: 'A program cannot answer for a person.',
} as const;
const notForPeers = { peer: 'Peers do not see this agent’s inside.' } as const;

export const effectSchema = z.enum(['read', 'write', 'share', 'spend', 'deploy', 'delete', 'admin']);
export const faceSchema = z.enum(faces);

export const activityEntrySchema = z.object({
  /** Position in the hash chain, from 1. */
  seq: z.number().int().positive(),
  at: timeSchema,
  /** Which face asked, and its name (for example an MCP client’s). */
  caller: z.object({ face: faceSchema, name: z.string() }),
  method: z.string(),
  effect: effectSchema,
  summary: z.string(),
  /** `refused` by policy or by a person; `interrupted` the agent stopped before the end was recorded. */
  outcome: z.enum(['running', 'done', 'failed', 'cancelled', 'refused', 'interrupted']),
  endedAt: timeSchema.nullable(),
  failure: failureSchema.nullable(),
  /** How it was allowed: by the person’s own hand, an answered question, a mandate, or because it only reads. */
  authority: z.enum(['person', 'consent', 'mandate', 'grant']),
  task: taskIdSchema.nullable(),
  /** It can be undone now; why not otherwise. */
  undo: z.object({ possible: z.boolean(), reason: z.string() }),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
});
export type ActivityEntry = z.infer<typeof activityEntrySchema>;

/** A question to the person. Its words come from the core and the contract, never from who asks. */
export const consentRequestSchema = z.object({
  id: z.string(),
  caller: z.object({ face: faceSchema, name: z.string() }),
  /** Asked over the very connection that lists it: names can be taken by any program, connections cannot. */
  mine: z.boolean(),
  method: z.string(),
  effect: effectSchema,
  summary: z.string(),
  /** The arguments as they will be used, secrets left out. */
  arguments: z.array(z.object({ name: z.string(), value: z.string() })),
  undo: z.string(),
  askedAt: timeSchema,
  expiresAt: timeSchema,
});
export type ConsentRequest = z.infer<typeof consentRequestSchema>;

export const mandateSchema = z.object({
  id: z.string(),
  /** The one method it allows, and for which face. */
  method: z.string(),
  face: faceSchema,
  /**
   * Inputs that must have exactly these values: the fixed target or recipient. An input that is neither here nor capped
   * must be left out of the call, or be at its default.
   */
  target: z.record(z.string(), z.unknown()),
  /** Uses allowed in total, and made. */
  maxUses: z.number().int().min(1).max(1_000_000),
  uses: z.number().int().nonnegative(),
  /** Upper bounds on numeric inputs: per use, and added up over all uses. */
  capPerUse: z.record(z.string(), z.number()),
  capTotal: z.record(z.string(), z.number()),
  spent: z.record(z.string(), z.number()),
  createdAt: timeSchema,
  expiresAt: timeSchema,
  revokedAt: timeSchema.nullable(),
});
export type Mandate = z.infer<typeof mandateSchema>;

export const activityContract = {
  'activity.list': method({
    kind: 'call',
    about: 'List what had an effect: who asked, what, and how it ended.',
    input: z.object({
      before: z.number().int().positive().optional(),
      limit: z.number().int().min(1).max(500).default(100),
      effect: effectSchema.optional(),
      query: z.string().max(256).optional(),
    }),
    output: z.object({ entries: z.array(activityEntrySchema), more: z.boolean() }),
    errors: [],
    effect: 'read',
    summary: () => 'List activity',
    examples: ['what happened today'],
    withheld: notForPeers,
  }),
  'activity.undo': method({
    kind: 'call',
    about: 'Undo one entry of the activity log.',
    input: z.object({ seq: z.number().int().positive() }),
    output: z.object({ /** The entry that records the undoing. */ seq: z.number().int() }),
    errors: ['NOT_FOUND', 'CANNOT_UNDO'],
    effect: 'write',
    summary: (i) => `Undo entry ${i.seq}`,
    examples: ['undo that'],
    undo: { never: 'Do it again instead.' },
    withheld: notForPeers,
    positional: ['seq'],
  }),
  'activity.verify': method({
    kind: 'call',
    about: 'Check the hash chain of the activity log from its first entry.',
    input: z.object({}),
    output: z.object({
      entries: z.number().int(),
      intact: z.boolean(),
      /** First entry that does not fit. */ brokenAt: z.number().int().nullable(),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'Verify the activity log',
    examples: ['verify my activity log'],
    withheld: notForPeers,
  }),
  'activity.export': method({
    kind: 'call',
    about: 'Give the whole activity log out as JSON lines that can be verified elsewhere.',
    input: z.object({
      /** Give a part of about a megabyte: the rows after this one. Left out, all are given if they fit one message. */
      after: z.number().int().nonnegative().optional(),
    }),
    output: z.object({
      text: z.string(),
      /** More rows come after this one: ask on with it as `after`. Null at the end. */
      next: z.number().int().nullable(),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'Export the activity log',
    examples: ['export my activity log'],
    withheld: { ...notForPeers, assistant: personOnly, mcp: personOnly },
  }),
  'consent.pending': method({
    kind: 'call',
    about: 'List the questions that wait for a person.',
    input: z.object({}),
    output: z.object({ requests: z.array(consentRequestSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List questions for you',
    examples: [],
    withheld: { peer: answeredByPeople.peer, assistant: answeredByPeople.assistant, mcp: answeredByPeople.mcp },
    quiet: true,
  }),
  'consent.answer': method({
    kind: 'call',
    about: 'Answer a question: allow this one call, or not.',
    input: z.object({ request: z.string(), allow: z.boolean() }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'OWN_REQUEST', 'EXPIRED'],
    effect: 'admin',
    summary: (i) => `${i.allow ? 'Allow' : 'Refuse'} a request`,
    examples: [],
    undo: { never: 'An answer is used once.' },
    withheld: answeredByPeople,
  }),
  'mandates.list': method({
    kind: 'call',
    about: 'List standing approvals.',
    input: z.object({}),
    output: z.object({ mandates: z.array(mandateSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List standing approvals',
    examples: ['what may happen without asking me'],
    withheld: notForPeers,
  }),
  'mandates.create': method({
    kind: 'call',
    about:
      'Allow one method, with a fixed target and caps and all else at its default, for a time, without being asked each time.',
    input: z.object({
      method: z.string().max(128).describe('the one method it allows, for example vault.put'),
      face: faceSchema.describe('who may use it'),
      target: z
        .record(z.string(), z.unknown())
        .describe('inputs that must be exactly so, for example {"paths":["/home/ann/notes"]}'),
      maxUses: z.number().int().min(1).max(1_000_000).describe('how often in all'),
      capPerUse: z
        .record(z.string(), z.number().nonnegative())
        .default({})
        .describe('the most a numeric input may be each time, for example {"memoryMiB":1024}'),
      capTotal: z
        .record(z.string(), z.number().nonnegative())
        .default({})
        .describe('the most it may come to over all uses, in the same way'),
      expiresAt: timeSchema.describe('when it ends'),
    }),
    output: z.object({ mandate: mandateSchema }),
    errors: ['NOT_MANDATABLE', 'BAD_MANDATE'],
    effect: 'admin',
    summary: (i) => `Allow ${i.method} for ${i.face} up to ${i.maxUses} times without asking`,
    examples: [],
    undo: { method: 'mandates.revoke' },
    withheld: { assistant: personOnly, mcp: personOnly, peer: personOnly },
    positional: ['method'],
  }),
  'mandates.revoke': method({
    kind: 'call',
    about: 'Withdraw a standing approval.',
    input: z.object({ mandate: z.string() }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Withdraw the standing approval ${i.mandate}`,
    examples: [],
    undo: { never: 'Make a new one.' },
    withheld: notForPeers,
    lessens: true,
    positional: ['mandate'],
  }),
} as const;
