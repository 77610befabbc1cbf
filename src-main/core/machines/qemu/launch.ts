import { spawn } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
import { pause } from '../images/download.ts';
import { commandMark } from './command-line.ts';
import { endpoint } from './endpoint.ts';
import { identify, isQemu, type ProcessIdentity } from './process.ts';
import { connectQmp, type Qmp } from './qmp.ts';

/** A process number with what proves that it is still the same process. */
export interface KnownProcess {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * Start QEMU so that it outlives the agent: a session of its own, no pipe to us (a broken one would end it), messages to a file.
 * Resolves with its identity as soon as the system knows it. Rejects with the spawn's error.
 */
export async function spawnQemu(
  program: string,
  args: readonly string[],
  logFile: string,
): Promise<ProcessIdentity | null> {
  const log = await open(logFile, 'w', 0o600);
  try {
    const child = spawn(program, [...args], { detached: true, stdio: ['ignore', log.fd, log.fd] });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.on('error', () => {});
    child.unref();
    return child.pid === undefined ? null : await identify(child.pid);
  } finally {
    await log.close();
  }
}

/** Make the machine's place in the run directory, free of what a crash left there. */
export async function cleanRunPlace(runDir: string, id: string): Promise<string> {
  const dir = join(runDir, id);
  await rm(dir, { recursive: true, force: true });
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return dir;
}

export function removeRunPlace(runDir: string, id: string): Promise<void> {
  return rm(join(runDir, id), { recursive: true, force: true });
}

/** Whether the process that was recorded is still that process. A number taken over by another is not. */
export async function isAlive(known: KnownProcess): Promise<boolean> {
  return (await identify(known.pid))?.startTime === known.startTime;
}

/**
 * Connect to a machine's control socket, the second one when the first is held by a client that hangs, and make sure by its UUID that
 * it is this machine. Null when nothing answers while `worthWaiting`, or something else does.
 */
export async function connectMachine(
  runDir: string,
  { id, uuid, pipeKey }: { readonly id: string; readonly uuid: string; readonly pipeKey: string },
  host: Host,
  worthWaiting: () => Promise<boolean>,
  { greetingMs = 3_000, patienceMs = 5_000 } = {},
): Promise<Qmp | null> {
  const deadline = host.now() + patienceMs;
  for (let round = 0; round === 0 || host.now() < deadline; round++) {
    for (const name of ['qmp', 'qmp2'] as const) {
      let qmp: Qmp | null = null;
      try {
        qmp = await connectQmp(endpoint(runDir, id, pipeKey, name), host, greetingMs);
        const answer = (await qmp.execute('query-uuid')) as { UUID?: unknown };
        if (answer.UUID === uuid) return qmp;
        qmp.destroy();
        return null;
      } catch (error) {
        qmp?.destroy();
        // The socket is not there yet: no use in asking the second.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') break;
      }
    }
    if (!(await worthWaiting())) return null;
    await pause(host, 25);
  }
  return null;
}

/** Wait until a process is gone; false when it is still there after `ms`. */
export async function waitGone(known: KnownProcess, host: Host, ms: number): Promise<boolean> {
  const deadline = host.now() + ms;
  while (await isAlive(known)) {
    if (host.now() >= deadline) return false;
    await pause(host, 20);
  }
  return true;
}

/**
 * End a machine's process by force. It is looked at once more right before the signal: same start time, a QEMU, started for this very machine.
 * Anything else with that number is left alone. Returns whether the machine's process is gone.
 */
export async function killMachine(known: KnownProcess, runDir: string, id: string, host: Host): Promise<boolean> {
  return killMarked(known, commandMark(runDir, id), host);
}

/** The same for any QEMU whose command line carries `mark`. */
export async function killMarked(known: KnownProcess, mark: string, host: Host): Promise<boolean> {
  const now = await identify(known.pid);
  if (now === null || now.startTime !== known.startTime) return true;
  if (!isQemu(now.command) || !now.command.includes(mark)) return false;
  // SIGTERM lets QEMU write out what it holds of the disk; one that hangs gets no second chance.
  for (const [signal, ms] of [
    ['SIGTERM', 2_000],
    ['SIGKILL', 5_000],
  ] as const) {
    try {
      // It leads a session of its own: a wrapper script goes with what it started.
      process.kill(process.platform === 'win32' ? known.pid : -known.pid, signal);
    } catch {
      try {
        process.kill(known.pid, signal);
      } catch {
        // It ended by itself in between.
      }
    }
    if (await waitGone(known, host, ms)) return true;
  }
  return false;
}

/** Ask QEMU to end; by force when it does not. */
export async function endMachine(
  qmp: Qmp | null,
  known: KnownProcess,
  runDir: string,
  id: string,
  host: Host,
): Promise<void> {
  if (qmp !== null) {
    await qmp.execute('quit', {}, 2_000).catch(() => {});
    if (await waitGone(known, host, 5_000)) return;
  }
  if (await killMachine(known, runDir, id, host)) return;
  throw fail('INTERNAL', 'A machine’s QEMU process could not be ended.', {
    meaning: 'It may still use memory and its disk.',
    next: `End the process ${known.pid} with your system’s tools.`,
  });
}
