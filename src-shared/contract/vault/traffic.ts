import { z } from 'zod';
import { bytesCountSchema } from '../../model/ids.ts';
import { method } from '../../rpc/contract.ts';
import { notForPeers } from './parts.ts';

/** Below this, servers take a connection for dead. */
export const leastTrafficLimit = 32 * 1024;

/** Hours of the day by the clock on the wall of the computer, also over midnight; empty: always. */
export const trafficHoursPattern = /^$|^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/;

const limitSchema = z
  .number()
  .int()
  .min(0)
  .max(2 ** 40)
  .refine((rate) => rate === 0 || rate >= leastTrafficLimit, 'A limit is at least 32768 bytes (32 KiB) a second.')
  .describe('bytes a second; 0 for no limit');

export const trafficLimitsSchema = z.object({
  up: limitSchema,
  down: limitSchema,
  hours: z
    .string()
    .regex(trafficHoursPattern, 'Hours look like 08:00-18:00, or are empty for the whole day.')
    .describe('when the limits hold, such as 08:00-18:00; empty for the whole day'),
});
export type TrafficLimits = z.infer<typeof trafficLimitsSchema>;

export const trafficSchema = z.object({
  limits: trafficLimitsSchema,
  /** The limits hold now: there are any, and it is the time of day for them. */
  inForce: z.boolean(),
  /** Bytes a second over the last seconds. */
  upRate: bytesCountSchema,
  downRate: bytesCountSchema,
  /** Bytes since Hypha was started. */
  sent: bytesCountSchema,
  received: bytesCountSchema,
});
export type Traffic = z.infer<typeof trafficSchema>;

/** How fast the vault may be on the network. */
export const vaultTrafficContract = {
  'vault.traffic': method({
    kind: 'call',
    about: 'Tell how fast the vault is sending and receiving over the network now, and how fast it may be.',
    input: z.object({}),
    output: trafficSchema,
    errors: [],
    effect: 'read',
    summary: () => 'See how fast the vault uses the network',
    examples: ['how much is the vault sending', 'is the vault slowed down'],
    withheld: notForPeers,
  }),
  'vault.limitTraffic': method({
    kind: 'call',
    about:
      'Say how fast the vault may send to and receive from servers and contacts, all connections together; what is left out stays.',
    input: trafficLimitsSchema.partial(),
    output: trafficSchema,
    errors: [],
    effect: 'write',
    summary: () => 'Change how fast the vault may use the network',
    examples: [],
    undo: { method: 'vault.limitTraffic' },
    withheld: notForPeers,
  }),
} as const;
