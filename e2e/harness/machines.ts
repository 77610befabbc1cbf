import { rm } from 'node:fs/promises';
import { findByCommand, identify, isQemu } from '#core/machines/qemu/process.ts';
import { runDirectory } from '#core/machines/run-directory.ts';

/** Kill what is left of the machines of a data directory. A machine outlives its agent, by design; not its test. */
export async function endMachines(home: string): Promise<void> {
  for (const one of await findByCommand(home)) {
    if (!isQemu(one.command)) continue;
    process.kill(one.pid, 'SIGKILL');
    await gone(one.pid, one.startTime);
  }
  await rm(runDirectory(home), { recursive: true, force: true });
}

/** How many QEMU processes belong to a data directory. */
export async function machineProcesses(home: string): Promise<number[]> {
  return (await findByCommand(home)).filter((one) => isQemu(one.command)).map((one) => one.pid);
}

/** Until the process has ended; the system gives no event for a process that is not our child. */
async function gone(pid: number, startTime: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if ((await identify(pid))?.startTime !== startTime) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`The process ${pid} did not end.`);
}
