import { z } from 'zod';
import { timeSchema } from '../model/ids.ts';
import { method, taskIdSchema } from '../rpc/contract.ts';
import { failureSchema } from '../rpc/fail.ts';

const notForPeers = { peer: 'Peers do not see this agent’s inside.' } as const;

/** Long work as a thing: named steps, a number, a cancel, an ending with cause and next action. */
export const taskSchema = z.object({
  id: taskIdSchema,
  method: z.string(),
  /** The call in one line. */
  title: z.string(),
  state: z.enum(['running', 'done', 'failed', 'cancelled', 'interrupted']),
  /** The step it is at, a stable key such as `seal`, and the words for it. */
  step: z.object({ key: z.string(), text: z.string() }).nullable(),
  progress: z
    .object({
      done: z.number(),
      total: z.number().nullable(),
      unit: z.enum(['bytes', 'items', 'steps']),
      /** per second */ rate: z.number().nullable(),
    })
    .nullable(),
  startedAt: timeSchema,
  endedAt: timeSchema.nullable(),
  cancellable: z.boolean(),
  /** It can be paused where it is now; left out when not. */
  pausable: z.boolean().optional(),
  /** The person paused it: `asked` until it has come to where nothing is half done, then `resting`. Left out otherwise. */
  pause: z.enum(['asked', 'resting']).optional(),
  /** What was asked for, without secrets; for "try again". Null when it cannot be asked again. */
  input: z.unknown().nullable(),
  result: z.unknown().nullable(),
  failure: failureSchema.nullable(),
});
export type Task = z.infer<typeof taskSchema>;

export const tasksContract = {
  'tasks.list': method({
    kind: 'call',
    about: 'List running and recent tasks.',
    input: z.object({}),
    output: z.object({ tasks: z.array(taskSchema) }),
    errors: [],
    effect: 'read',
    summary: () => 'List tasks',
    examples: ['what are you doing'],
    withheld: notForPeers,
  }),
  'tasks.watch': method({
    kind: 'stream',
    about: 'Follow one task to its end.',
    input: z.object({ task: taskIdSchema }),
    output: taskSchema,
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Follow the task ${i.task}`,
    examples: [],
    withheld: notForPeers,
    quiet: true,
    positional: ['task'],
  }),
  'tasks.cancel': method({
    kind: 'call',
    about: 'Cancel a running task.',
    input: z.object({ task: taskIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NOT_CANCELLABLE'],
    effect: 'write',
    summary: (i) => `Cancel the task ${i.task}`,
    examples: ['cancel {task}'],
    undo: { never: 'Start it again.' },
    withheld: notForPeers,
    lessens: true,
    positional: ['task'],
  }),
  'tasks.pause': method({
    kind: 'call',
    about: 'Pause a running task where nothing is half done; it waits there until it is let go on, or Hypha stops.',
    input: z.object({ task: taskIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'NOT_PAUSABLE'],
    effect: 'write',
    summary: (i) => `Pause the task ${i.task}`,
    examples: ['pause {task}'],
    undo: { method: 'tasks.resume' },
    withheld: notForPeers,
    positional: ['task'],
  }),
  'tasks.resume': method({
    kind: 'call',
    about: 'Let a paused task go on.',
    input: z.object({ task: taskIdSchema }),
    output: z.object({}),
    errors: ['NOT_FOUND'],
    effect: 'write',
    summary: (i) => `Let the task ${i.task} go on`,
    examples: ['go on with {task}'],
    undo: { never: 'Pause it again.' },
    withheld: notForPeers,
    positional: ['task'],
  }),
  'tasks.dismiss': method({
    kind: 'call',
    about: 'Take ended tasks off the list.',
    input: z.object({ tasks: z.array(taskIdSchema).optional() }),
    output: z.object({}),
    errors: [],
    effect: 'write',
    summary: () => 'Take ended tasks off the list',
    examples: [],
    undo: { never: 'They stay in the activity log.' },
    withheld: notForPeers,
    quiet: true,
  }),
} as const;
