import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const lookEveryMs = 25;

/** Resolves with true when that process has ended, with false when it has not after so long. */
export async function waitForEnd(pid: number, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    if (await hasEnded(pid)) return true;
    if (Date.now() > deadline) return false;
    await sleep(lookEveryMs);
  }
}

async function hasEnded(pid: number): Promise<boolean> {
  if (!exists(pid)) return true;
  if (process.platform !== 'linux') return false;
  // Where nobody collects ended processes, as in many containers, it keeps its number as a zombie: proc_pid_stat(5).
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  // It may have been collected between the two looks.
  return stat === null ? !exists(pid) : /^\d+ \(.*\) [ZX] /s.test(stat);
}

/** Whether there is such a process of ours; false also when it is by now somebody else's of the same number. */
function exists(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
