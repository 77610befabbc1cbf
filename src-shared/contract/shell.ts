import { z } from 'zod';
import { binarySchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';

/**
 * What the core asks of the process that hosts it (Electron main): the parts of the operating system that only the
 * shell can reach. Served over the one message port between the two; no person and no other face ever calls it.
 */
export const shellContractVersion = 1;

const noUndo = { never: 'It happens on this computer’s own screen.' } as const;

export const keyringStateSchema = z.object({
  /** The operating system really keeps the key; never true for a backend that only hides it. */
  usable: z.boolean(),
  /** Which one it is, or why there is none, in plain words. */
  detail: z.string(),
});
export type KeyringState = z.infer<typeof keyringStateSchema>;

export const shellNoticeSchema = z.object({
  /** One subject has one notification at a time; a newer one replaces it. */
  subject: z.string().min(1).max(128),
  title: z.string().min(1).max(120),
  body: z.string().max(500),
  /** Where a click leads: a path of the interface, such as `/machines/m1`. */
  open: z
    .string()
    .regex(/^\/[\w./-]*$/)
    .max(256),
});
export type ShellNotice = z.infer<typeof shellNoticeSchema>;

/** Names of JavaScript children that the build made; nothing outside the app can be started this way. */
export const childEntrySchema = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

export const shellContract = {
  'shell.keyring': method({
    kind: 'call',
    about: 'Tell whether the operating system can keep a secret.',
    input: z.object({}),
    output: keyringStateSchema,
    errors: [],
    effect: 'read',
    summary: () => 'Look for a keyring',
    examples: [],
  }),
  'shell.seal': method({
    kind: 'call',
    about: 'Seal a secret so that only this user of this computer can open it.',
    input: z.object({ plain: binarySchema }),
    output: z.object({ sealed: binarySchema }),
    errors: ['NO_KEYRING'],
    effect: 'write',
    summary: () => 'Seal a secret',
    examples: [],
    undo: { never: 'Nothing is stored by it.' },
    secret: ['plain'],
  }),
  'shell.open': method({
    kind: 'call',
    about: 'Open a secret that was sealed here.',
    input: z.object({ sealed: binarySchema }),
    output: z.object({ plain: binarySchema }),
    errors: ['NO_KEYRING', 'NOT_SEALED_HERE'],
    effect: 'read',
    summary: () => 'Open a sealed secret',
    examples: [],
  }),
  'shell.notify': method({
    kind: 'call',
    about: 'Show a notification of the operating system, if its rules allow it now.',
    input: shellNoticeSchema,
    output: z.object({ shown: z.boolean(), why: z.string() }),
    errors: [],
    effect: 'write',
    summary: (i) => `Notify about ${i.subject}`,
    examples: [],
    undo: noUndo,
  }),
  'shell.clear': method({
    kind: 'call',
    about: 'Take a notification back, because its cause has ended.',
    input: z.object({ subject: z.string().min(1).max(128) }),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: (i) => `Clear the notification about ${i.subject}`,
    examples: [],
    undo: noUndo,
  }),
  'shell.choose': method({
    kind: 'call',
    about: 'Let the person choose files or a folder in the operating system’s own dialog.',
    input: z.object({
      what: z.enum(['files', 'folder', 'save']),
      title: z.string().max(120),
      name: z.string().max(255).optional(),
    }),
    output: z.object({ paths: z.array(z.string()) }),
    errors: ['NO_WINDOW'],
    effect: 'read',
    summary: (i) => `Choose ${i.what}`,
    examples: [],
  }),
  'shell.show': method({
    kind: 'call',
    about: 'Show a file or folder in the operating system’s file manager. It is never opened or run.',
    input: z.object({ path: z.string().min(1).max(4096) }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Show ${i.path}`,
    examples: [],
  }),
  'shell.spawn': method({
    kind: 'stream',
    about: 'Start one of the app’s own JavaScript children and follow it; ending the stream ends the child.',
    input: z.object({ entry: childEntrySchema, args: z.array(z.string().max(4096)).max(64).default([]) }),
    output: z.discriminatedUnion('t', [
      z.object({ t: z.literal('started'), pid: z.number().int().nullable() }),
      z.object({ t: z.literal('exited'), code: z.number().int().nullable() }),
    ]),
    errors: ['NOT_FOUND'],
    effect: 'admin',
    summary: (i) => `Start ${i.entry}`,
    examples: [],
    undo: { never: 'End it.' },
  }),
} as const;

export type ShellContract = typeof shellContract;
