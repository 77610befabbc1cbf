import { z } from 'zod';
import { binarySchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { metricsSchema } from './model.ts';
import { consoleOnly, notForPeers, one } from './parts.ts';

/** Watching a machine and typing to it. */
export const machineConsoleContract = {
  'machines.console': method({
    kind: 'stream',
    about: 'Follow a machine’s serial console, with what it printed before.',
    input: one.extend({
      /** Byte position in the console log to begin at; negative counts from the end. */
      from: z.number().int().default(-65_536),
    }),
    output: z.object({ /** Position after these bytes. */ at: z.number().int(), bytes: binarySchema }),
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Follow the console of ${i.machine}`,
    examples: ['open the console of {machine}'],
    withheld: consoleOnly,
    positional: ['machine'],
  }),
  'machines.type': method({
    kind: 'call',
    about: 'Type bytes on a machine’s serial console.',
    input: one.extend({ bytes: binarySchema.refine((b) => b.length <= 65_536, 'At most 64 KiB at a time.') }),
    output: z.object({}),
    errors: ['NOT_FOUND', 'WRONG_STATE'],
    effect: 'write',
    summary: (i) => `Type on the console of ${i.machine}`,
    examples: [],
    undo: { never: 'What is typed is typed.' },
    withheld: consoleOnly,
    secret: ['bytes'],
    quiet: true,
    positional: ['machine'],
  }),
  'machines.metrics': method({
    kind: 'stream',
    about: 'Follow a machine’s use of CPU, memory, disk and network, one sample a second.',
    input: one,
    output: metricsSchema,
    errors: ['NOT_FOUND'],
    effect: 'read',
    summary: (i) => `Follow the use of ${i.machine}`,
    examples: ['how busy is {machine}'],
    withheld: notForPeers,
    positional: ['machine'],
  }),
} as const;
