import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomic } from '#core/store/atomic-file.ts';
import { makeDirectory } from '#core/store/make-directory.ts';
import { type TrafficLimits, trafficLimitsSchema } from '#shared/contract/vault/traffic.ts';

/** `vault/traffic.json`: `{"version":1,"up":…,"down":…,"hours":…}`. */
export const noLimits: TrafficLimits = { up: 0, down: 0, hours: '' };

const fileSchema = trafficLimitsSchema.extend({ version: z.literal(1) });
const pathIn = (home: string): string => join(home, 'vault', 'traffic.json');

export const encodeLimits = (limits: TrafficLimits): string =>
  `${JSON.stringify({ version: 1, ...limits }, null, 2)}\n`;

/** @returns null for anything that {@link encodeLimits} does not write */
export function decodeLimits(text: string): TrafficLimits | null {
  try {
    const { up, down, hours } = fileSchema.parse(JSON.parse(text));
    return { up, down, hours };
  } catch {
    return null;
  }
}

/** @returns null for a file that is there and cannot be read */
export async function readLimits(home: string): Promise<TrafficLimits | null> {
  try {
    return decodeLimits(await readFile(pathIn(home), 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? noLimits : null;
  }
}

export async function writeLimits(home: string, limits: TrafficLimits): Promise<void> {
  await makeDirectory(dirname(pathIn(home)));
  await writeFileAtomic(pathIn(home), encodeLimits(limits));
}
