import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';

/**
 * Where the agent that runs on a data directory can be reached: `agent.json` in it, readable by its owner alone. It is
 * a hint, not a lock: after a crash it is left over, and who follows it finds nobody (`lock.ts` decides who owns).
 */
export const pointerSchema = z.object({
  pid: z.number().int().positive(),
  /** Path of the local socket, or name of the pipe. */
  socket: z.string(),
  /** Of the web interface; null when it is a window of its own. */
  port: z.number().int().nullable(),
  version: z.string(),
  startedAt: z.number(),
});
export type Pointer = z.infer<typeof pointerSchema>;

const pathIn = (home: string) => join(home, 'agent.json');

export async function writePointer(home: string, pointer: Pointer): Promise<void> {
  await writeFileAtomic(pathIn(home), `${JSON.stringify(pointer)}\n`, { mode: 0o600 });
}

/** Null where there is none or it cannot be read as one. */
export async function readPointer(home: string): Promise<Pointer | null> {
  try {
    return pointerSchema.parse(JSON.parse(await readFile(pathIn(home), 'utf8')));
  } catch {
    return null;
  }
}

export async function removePointer(home: string): Promise<void> {
  await rm(pathIn(home), { force: true });
}
