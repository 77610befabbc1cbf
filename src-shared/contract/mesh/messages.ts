import { z } from 'zod';
import { binarySchema, bytesCountSchema, timeSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { meshTargetSchema } from './model.ts';
import { notForPeers, personOnly } from './withheld.ts';

export const messageIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'This is no id of a message. Copy one from the list.')
  .brand<'MessageId'>();
export type MessageId = z.infer<typeof messageIdSchema>;

/** Agents speak among themselves under topics that begin so: no person and no program reads, writes or allows anything under them. */
const ownTopics = 'hypha/';
const ownTopicBytes = new TextEncoder().encode(ownTopics);

/** @param topic as it is on the wire */
export function isOwnTopic(topic: Uint8Array): boolean {
  return ownTopicBytes.every((byte, i) => topic[i] === byte);
}

/** A topic of a person's or a program's. */
export const topicSchema = z
  .string()
  .max(255)
  .refine((s) => new TextEncoder().encode(s).length <= 255, 'A topic has at most 255 bytes.')
  .refine((s) => !s.startsWith(ownTopics), 'Topics that begin with hypha/ are Hypha’s own: choose another.');

export const messageSchema = z.object({
  id: messageIdSchema,
  box: z.enum(['in', 'out']),
  /** Who it is from, or to. */
  address: z.string(),
  name: z.string().nullable(),
  topic: z.string(),
  /** The first 200 characters, when it is text; null when it is not. */
  text: z.string().nullable(),
  size: bytesCountSchema,
  at: timeSchema,
  /** Incoming: `new` or `read`. Outgoing: `waiting` for its receiver, `received`, `seen` by them, `expired`, `cancelled`. */
  state: z.enum(['new', 'read', 'waiting', 'received', 'seen', 'expired', 'cancelled']),
  /** Outgoing: to how many devices of theirs it goes, and how many have it; `received` by one says nothing of the others. */
  devices: z.object({ all: z.number().int(), received: z.number().int() }).nullable(),
  /** The message it answers. */
  replyTo: messageIdSchema.nullable(),
});
export type MeshMessage = z.infer<typeof messageSchema>;

/** Bytes of a message in one answer, which is one frame (4 MiB, `defaultLimits`); a longer one is read part by part. */
export const messagePartBytes = 3 * 1024 * 1024;

/** Where a page ended, in each of the two boxes. */
const messagesCursorSchema = z.string().regex(/^\d{1,15}-\d{1,15}$/, 'Take what an earlier answer gave as next.');

/** Largest message made here; the protocol's own limit is higher. */
export const maxMessageBytes = 1_048_576;

export const topicRulesSchema = z.object({
  /** Whether messages under topics that are not listed are taken from strangers too, see `mesh.configure`. */
  strangers: z.boolean(),
  topics: z.array(z.object({ topic: z.string(), allow: z.array(z.string()) })),
});

export const httpApiSchema = z.object({
  on: z.boolean(),
  port: z.number().int().nullable(),
  /** The only topics that programs may send and take; none means that no message passes. */
  topics: z.array(z.string()),
  detail: z.string(),
});
export type HttpApi = z.infer<typeof httpApiSchema>;

/** Messages between nodes, kept until they arrive. */
export const meshMessagesContract = {
  'mesh.messages': method({
    kind: 'call',
    about: 'List messages received or sent over the mesh, newest first.',
    input: z.object({
      box: z.enum(['in', 'out', 'all']).default('all'),
      topic: topicSchema.optional(),
      unread: z.boolean().default(false),
      limit: z.number().int().min(1).max(500).default(100),
      /** Only those before this time. */
      before: timeSchema.optional(),
      after: messagesCursorSchema.optional().describe('where an earlier list ended, as it says in “next”'),
    }),
    output: z.object({
      messages: z.array(messageSchema),
      unread: z.number().int(),
      /** Given as `after`, it goes on behind these, with none left out and none twice; null where there are no more. */
      next: messagesCursorSchema.nullable(),
    }),
    errors: ['NO_IDENTITY'],
    effect: 'read',
    summary: () => 'List messages',
    examples: ['show my messages'],
    withheld: notForPeers,
  }),
  'mesh.message': method({
    kind: 'call',
    about: 'Read one message; one of more than 3 MiB part by part.',
    input: z.object({
      id: messageIdSchema,
      at: z.number().int().nonnegative().default(0).describe('the byte to begin at, as it says in “next”'),
    }),
    output: z.object({
      message: messageSchema,
      data: binarySchema,
      /** Where the next part begins; null when this was the last. */
      next: z.number().int().nullable(),
    }),
    errors: ['NOT_FOUND', 'NO_IDENTITY'],
    effect: 'read',
    summary: (i) => `Read the message ${i.id}`,
    examples: [],
    withheld: notForPeers,
    positional: ['id'],
  }),
  'mesh.markRead': method({
    kind: 'call',
    about: 'Mark messages as read; their senders may be told.',
    input: z.object({ ids: z.array(messageIdSchema).min(1).max(500) }),
    output: z.object({ marked: z.number().int() }),
    errors: ['NO_IDENTITY'],
    effect: 'write',
    summary: (i) => `Mark ${i.ids.length} messages as read`,
    examples: [],
    undo: { never: 'A message once read stays read.' },
    withheld: notForPeers,
    positional: ['ids'],
    quiet: true,
  }),
  'mesh.send': method({
    kind: 'call',
    about: 'Send a message to all devices of somebody on the mesh; it is kept and tried again until they receive it.',
    input: z.object({
      to: meshTargetSchema,
      text: z.string().min(1).max(maxMessageBytes),
      topic: topicSchema.default(''),
      replyTo: messageIdSchema.optional(),
      /** Days it is tried for. */
      days: z.number().int().min(1).max(30).default(7),
    }),
    output: z.object({ message: messageSchema }),
    errors: ['NOT_FOUND', 'NO_IDENTITY', 'MESSAGE_TOO_LARGE', 'TOPIC_TOO_LONG', 'OUTBOX_FULL', 'INBOX_FULL'],
    effect: 'share',
    summary: (i) =>
      `Send ${i.to} the message “${i.text.replaceAll(/\s+/g, ' ').slice(0, 80)}${i.text.length > 80 ? '…' : ''}”`,
    examples: ['send {to} the message {text}'],
    undo: { never: 'What arrived cannot be taken back.' },
    withheld: notForPeers,
    positional: ['to', 'text'],
  }),
  'mesh.deleteMessage': method({
    kind: 'call',
    about: 'Delete a message here; one that still waits is not sent.',
    input: z.object({ id: messageIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NO_IDENTITY'],
    effect: 'delete',
    summary: (i) => `Delete the message ${i.id}`,
    examples: [],
    undo: { never: 'A deleted message is gone.' },
    withheld: notForPeers,
    positional: ['id'],
  }),
  'mesh.topics': method({
    kind: 'call',
    about: 'Tell who may send messages under which topic.',
    input: z.object({}),
    output: topicRulesSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See who may send messages',
    examples: ['who may send me messages'],
    withheld: notForPeers,
  }),
  'mesh.setTopic': method({
    kind: 'call',
    about:
      'Say who may send messages under a topic; nobody named closes it, `everybody` opens it, `default` forgets the rule.',
    input: z.object({ topic: topicSchema, allow: z.array(meshTargetSchema).max(256).default([]) }),
    output: topicRulesSchema,
    errors: ['NOT_FOUND', 'TOO_MANY'],
    effect: 'admin',
    summary: (i) => `Take messages under “${i.topic}” from ${i.allow.length === 0 ? 'nobody' : i.allow.join(', ')}`,
    examples: [],
    undo: { method: 'mesh.setTopic' },
    withheld: notForPeers,
    positional: ['topic', 'allow'],
  }),
  'mesh.httpApi': method({
    kind: 'call',
    about: 'Tell whether programs may use the HTTP API of a Mycelium daemon here.',
    input: z.object({}),
    output: httpApiSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See the HTTP API',
    examples: [],
    withheld: notForPeers,
  }),
  'mesh.setHttpApi': method({
    kind: 'call',
    about: 'Switch the HTTP API for other programs on or off, and say which topics they may use.',
    input: z.object({
      on: z.boolean(),
      topics: z.array(topicSchema.min(1)).max(64).default([]),
      /** On 127.0.0.1; the daemon's own is 8989. */
      port: z.number().int().min(0).max(65_535).default(8989),
    }),
    output: httpApiSchema,
    errors: ['PORT_IN_USE'],
    effect: 'admin',
    summary: (i) =>
      i.on
        ? `Let every program of this computer send and take messages under ${i.topics.length === 0 ? 'no topic' : i.topics.join(', ')}`
        : 'Switch the HTTP API off',
    examples: [],
    undo: { method: 'mesh.setHttpApi' },
    withheld: { ...notForPeers, assistant: personOnly, mcp: personOnly },
    positional: ['on'],
  }),
} as const;
