import { z } from 'zod';

/** From main to the core's process. A port comes along with `start` (the shell's) and `client`. */
export const toCoreSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('start'), home: z.string(), version: z.string(), resources: z.string() }),
  /** Serve the port that comes along: the window's (a person) or main's own. */
  z.object({ kind: z.literal('client'), face: z.enum(['ui', 'shell']) }),
  z.object({ kind: z.literal('stop') }),
]);
export type ToCore = z.infer<typeof toCoreSchema>;

/** From the core's process to main. */
export const fromCoreSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ready'), socket: z.string() }),
  /** Another process owns the data directory; attach to it. */
  z.object({ kind: z.literal('owned') }),
  /** It could not start; said to the person as it is. */
  z.object({ kind: z.literal('failed'), message: z.string() }),
  /** Somebody allowed asked the agent to stop: quit the app. */
  z.object({ kind: z.literal('stop requested') }),
  z.object({ kind: z.literal('stopped') }),
]);
export type FromCore = z.infer<typeof fromCoreSchema>;
