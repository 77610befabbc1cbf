import { isFail } from '#shared/rpc/fail.ts';
import { diedAtStart, type MachineContext } from './context.ts';
import { pause } from './images/download.ts';
import type { ReadyImage } from './images/image-store.ts';
import { launchArguments } from './prepare.ts';
import type { Accelerator } from './qemu/accelerators.ts';
import { pidFile } from './qemu/command-line.ts';
import { cleanRunPlace, connectMachine, isAlive, type KnownProcess, killMachine, spawnQemu } from './qemu/launch.ts';
import { identify, isQemu, type ProcessIdentity } from './qemu/process.ts';
import type { Qmp } from './qemu/qmp.ts';
import type { MachineRecord } from './record.ts';

export interface BringUp {
  readonly image: ReadyImage;
  readonly accelerator: Accelerator;
  /** Begin paused, to load a snapshot first. */
  readonly paused: boolean;
  readonly signal: AbortSignal;
  /** Told as soon as the process is known, before anything is asked of it. */
  spawned(process: KnownProcess): Promise<void>;
}

/** How long a QEMU that lives may take to open its control socket: computers swap. */
const socketMs = 30_000;

/**
 * Start QEMU for a prepared machine and connect to it. Nothing is left running when it throws: DIED_AT_START with QEMU's own words, the
 * signal's reason, or what `spawned` threw.
 */
export async function bringUp(
  context: MachineContext,
  record: MachineRecord,
  how: BringUp,
): Promise<{ process: KnownProcess; qmp: Qmp }> {
  const { host, runDir } = context;
  const { id } = record;
  const { qemuLog } = context.store.paths(id);
  const died = (what: string) => diedAtStart(what, qemuLog);
  const qemu = await context.qemu();
  await cleanRunPlace(runDir, id);
  const args = await launchArguments(context, record, how.image, how.accelerator, pidFile(runDir, id), how.paused);
  context.probe('before spawn');
  let spawned: ProcessIdentity | null;
  try {
    spawned = await spawnQemu(qemu.path, args, qemuLog);
  } catch (error) {
    throw await died(`QEMU could not be started: ${error instanceof Error ? error.message : String(error)}.`);
  }
  context.probe('spawned');
  if (spawned === null || !isQemu(spawned.command)) {
    // Gone already, or (for an instant between fork and exec) not QEMU yet: look once more.
    await pause(host, 20);
    spawned = spawned === null ? null : await identify(spawned.pid);
    if (spawned === null) throw await died('QEMU ended at once.');
  }
  const known = { pid: spawned.pid, startTime: spawned.startTime };
  try {
    await how.spawned(known);
    context.probe('process recorded');
    const worthWaiting = async () => !how.signal.aborted && (await isAlive(known));
    const qmp = await connectMachine(runDir, record, host, worthWaiting, { patienceMs: socketMs });
    if (how.signal.aborted) {
      qmp?.destroy();
      throw how.signal.reason;
    }
    if (qmp === null) {
      throw await died(
        (await isAlive(known)) ? 'QEMU started but cannot be controlled.' : 'QEMU ended in its first second.',
      );
    }
    context.probe('connected');
    if (how.signal.aborted) {
      qmp.destroy();
      throw how.signal.reason;
    }
    return { process: known, qmp };
  } catch (error) {
    if (!(await killMachine(known, runDir, id, host))) {
      context.log.error({ machine: id, pid: known.pid }, 'a QEMU that could not be used could not be ended either');
    }
    throw isFail(error) || how.signal.aborted ? error : await died(`QEMU could not be used: ${String(error)}`);
  }
}
