import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

/*
 * Names of files that are being written: `.NAME.PID-N.tmp` beside NAME. The process and a counter tell them apart, so no
 * randomness is needed; who was killed leaves them, and the next start takes them away by these names alone.
 */

/** Paths being written by this process now. */
export const inFlight = new Set<string>();
let counter = 0;

export const temporaryName = (name: string): string => `.${name.slice(0, 200)}.${process.pid}-${++counter}.tmp`;

const ours = /^\..+\.(\d{1,10})-\d{1,15}\.tmp$/;
/** What the first releases wrote. */
const earlier = /^\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.tmp$/;

/** A file under this name is none of the person's: it was being written by Hypha. */
export const isTemporary = (name: string): boolean => ours.test(name) || earlier.test(name);

/** Remove what a killed process left in a directory of ours; what a living one writes there stays. */
export function removeLeftovers(directory: string): void {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch {
    return;
  }
  for (const name of names) {
    const pid = Number(ours.exec(name)?.[1] ?? Number.NaN);
    if (!isTemporary(name) || inFlight.has(join(directory, name))) continue;
    if (pid !== process.pid && isAlive(pid)) continue;
    try {
      unlinkSync(join(directory, name));
    } catch {
      // It harms nobody; the next start tries again.
    }
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
