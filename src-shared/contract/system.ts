import { z } from 'zod';
import { timeSchema } from '../model/ids.ts';
import { method } from '../rpc/contract.ts';

const personOnly = 'Only a person may do this.';
const neverOutside = { assistant: personOnly, mcp: personOnly, peer: personOnly } as const;
const notForPeers = { peer: 'Peers do not see this agent’s inside.' } as const;

export const settingsSchema = z.object({
  theme: z.enum(['system', 'light', 'dark', 'contrast']).default('system'),
  /** BCP 47; `system` follows the browser or operating system. */
  language: z.enum(['system', 'en', 'de', 'pseudo']).default('system'),
  /** Directory or file of QEMU when it is not where it usually is. */
  qemuPath: z.string().max(4096).default(''),
  notifications: z.boolean().default(true),
  /** Onboarding was finished or skipped; it is not shown by itself again. */
  onboarded: z.boolean().default(false),
});
export type Settings = z.infer<typeof settingsSchema>;

/** A browser that may be the person at the web interface. */
export const webSessionSchema = z.object({
  id: z.string(),
  /** When its link was opened. */
  openedAt: timeSchema,
  /** Of its last use, to the hour. */
  usedAt: timeSchema,
});
export type WebSession = z.infer<typeof webSessionSchema>;

/** What changed, so that a client knows what to ask again. */
export const agentEventSchema = z.object({
  topic: z.enum([
    'system',
    'settings',
    'identity',
    'contacts',
    'vault',
    'machines',
    'mesh',
    'ledger',
    'wallet',
    'deals',
    'names',
    'tasks',
    'activity',
    'consent',
  ]),
  /** Ids of the things that changed; empty means anything of the topic. */
  ids: z.array(z.string()).default([]),
});
export type AgentEvent = z.infer<typeof agentEventSchema>;

export const systemContract = {
  'system.info': method({
    kind: 'call',
    about: 'Tell the version, the computer and the data directory of this agent.',
    input: z.object({}),
    output: z.object({
      version: z.string(),
      shell: z.enum(['electron', 'daemon', 'test']),
      platform: z.string(),
      hostName: z.string(),
      home: z.string(),
      node: z.string(),
      startedAt: timeSchema,
      pid: z.number().int(),
      /** Every primitive used was checked against a known answer when the agent started. */
      selfTest: z.object({ passed: z.number().int(), failed: z.array(z.string()) }),
      /** Things the person should know about this start, for example a database restored from its copy. */
      notices: z.array(z.object({ code: z.string(), text: z.string() })),
    }),
    errors: [],
    effect: 'read',
    summary: () => 'See version and data directory',
    examples: ['which version is this'],
    withheld: notForPeers,
  }),
  'system.events': method({
    kind: 'stream',
    about: 'Follow what changes in the agent.',
    input: z.object({}),
    output: agentEventSchema,
    errors: [],
    effect: 'read',
    summary: () => 'Follow changes',
    examples: [],
    withheld: {
      ...notForPeers,
      assistant: 'The assistant asks for state when it needs it.',
      mcp: 'MCP clients ask for state when they need it.',
    },
    quiet: true,
  }),
  'system.settings': method({
    kind: 'call',
    about: 'Read the settings.',
    input: z.object({}),
    output: settingsSchema,
    errors: [],
    effect: 'read',
    summary: () => 'Read the settings',
    examples: ['show settings'],
    withheld: notForPeers,
  }),
  'system.configure': method({
    kind: 'call',
    about: 'Change settings; those left out stay.',
    input: z.object({
      theme: settingsSchema.shape.theme.unwrap().optional(),
      language: settingsSchema.shape.language.unwrap().optional(),
      notifications: settingsSchema.shape.notifications.unwrap().optional(),
      onboarded: settingsSchema.shape.onboarded.unwrap().optional(),
    }),
    output: settingsSchema,
    errors: [],
    effect: 'write',
    summary: (i) =>
      Object.keys(i).join() === 'onboarded'
        ? i.onboarded
          ? 'Finish the first run'
          : 'Begin the first run again'
        : `Change settings (${Object.keys(i).join(', ')})`,
    examples: ['use the dark theme'],
    undo: { method: 'system.configure' },
    withheld: notForPeers,
  }),
  'system.useQemu': method({
    kind: 'call',
    about: 'Say which QEMU runs the machines, when it is not where it usually is.',
    input: z.object({
      /** Its directory or file; empty to look in the usual places again. */
      path: settingsSchema.shape.qemuPath.unwrap(),
    }),
    output: settingsSchema,
    errors: [],
    // Apart from the other settings: a path of a program is what runs as this account from now on.
    effect: 'admin',
    summary: (i) => (i.path === '' ? 'Look for QEMU in the usual places' : `Run machines with the program ${i.path}`),
    examples: ['use the qemu in {path}'],
    undo: { method: 'system.useQemu' },
    withheld: neverOutside,
    positional: ['path'],
  }),
  'system.diagnostics': method({
    kind: 'call',
    about: 'Collect a redacted report for asking for help. Nothing is sent anywhere.',
    input: z.object({}),
    output: z.object({ files: z.array(z.object({ name: z.string(), text: z.string() })) }),
    errors: [],
    effect: 'read',
    summary: () => 'Collect a diagnostics report',
    examples: ['collect diagnostics'],
    withheld: notForPeers,
  }),
  'system.present': method({
    kind: 'call',
    about: 'Say that a person is at the interface, so that it does not lock under their hands.',
    input: z.object({}),
    output: z.object({}),
    errors: [],
    effect: 'read',
    summary: () => 'Stay unlocked while in use',
    examples: [],
    withheld: {
      cli: 'Each command typed at a terminal already counts as use; one without a terminal is a program’s.',
      assistant: personOnly,
      mcp: personOnly,
      peer: personOnly,
      shell: personOnly,
    },
    quiet: true,
  }),
  'system.link': method({
    kind: 'call',
    about: 'Make a one-time link that opens the interface in a browser on this computer.',
    input: z.object({}),
    output: z.object({ url: z.string() }),
    errors: ['NO_WEB'],
    effect: 'admin',
    summary: () => 'Open the interface in a browser',
    examples: ['open hypha in the browser'],
    undo: { never: 'A link is used once and expires within an hour.' },
    withheld: neverOutside,
  }),
  'system.sessions': method({
    kind: 'call',
    about: 'List the browsers that a link was opened in and that may still use this agent.',
    input: z.object({}),
    output: z.object({ sessions: z.array(webSessionSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List open browsers',
    examples: ['which browsers may use this agent'],
    withheld: notForPeers,
  }),
  'system.endSessions': method({
    kind: 'call',
    about: 'End what browsers may do here, all of them or those named; their pages are disconnected.',
    input: z.object({ sessions: z.array(z.string().max(64)).min(1).max(32).optional() }),
    output: z.object({ ended: z.number().int() }),
    errors: [],
    // It only takes rights away, like locking.
    effect: 'write',
    summary: (i) => (i.sessions === undefined ? 'Log every browser out' : `Log ${i.sessions.length} browsers out`),
    examples: ['log every browser out'],
    undo: { never: 'Open a new link in that browser.' },
    withheld: notForPeers,
  }),
  'system.stop': method({
    kind: 'call',
    about: 'Stop the agent. Machines go on and are adopted at the next start.',
    input: z.object({}),
    output: z.object({}),
    errors: [],
    effect: 'admin',
    summary: () => 'Stop the agent',
    examples: ['quit hypha'],
    undo: { never: 'Start it again.' },
    withheld: neverOutside,
    lessens: true,
  }),
} as const;
