import type { Host } from '#core/host.ts';
import { afterEnd } from './after-end.ts';
import type { MachineCore } from './machine-core.ts';
import { noteSwitchedOff, noticeReady, takeUp } from './machine-hold.ts';
import { type Hurry, removeMachine, stopMachine } from './machine-stop.ts';
import { processUse } from './metrics.ts';
import { silenceMs } from './qemu/jobs.ts';
import { connectMachine, endMachine, isAlive, type KnownProcess, killMachine } from './qemu/launch.ts';
import type { ProcessIdentity } from './qemu/process.ts';

/** Take up what an earlier run of the agent left. */
export async function adoptMachine(core: MachineCore, hurry: Hurry, found: ProcessIdentity | null): Promise<void> {
  const { context, id } = core;
  const { host, log, runDir } = context;
  if (core.record.deleting) {
    await removeMachine(core);
    return;
  }
  if (found === null) {
    await settleDead(core);
    return;
  }
  const wantsIt = ['starting', 'running', 'paused', 'stopping'].includes(core.record.state);
  const qmp = await connectMachine(runDir, core.record, host, worthWaiting(found, host), {
    patienceMs: silenceMs(core.record.startedWith?.memoryMiB ?? core.record.spec.memoryMiB),
  });
  const status = ((await qmp?.execute('query-status').catch(() => null)) as { status?: string } | null)?.status ?? null;
  if (!wantsIt || qmp === null || status === null || status === 'prelaunch' || status === 'restore-vm') {
    if (qmp !== null) await endMachine(qmp, found, runDir, id, host).finally(() => qmp.destroy());
    else await killMachine(found, runDir, id, host);
    await settleDead(core);
    return;
  }
  const now = await takeUp(core, found, qmp).catch((error: unknown) => {
    log.warn({ machine: id, error: String(error) }, 'a machine that runs could not be taken up and is ended');
    return null;
  });
  if (now === null) {
    await killMachine(found, runDir, id, host);
    await settleDead(core);
    return;
  }
  const stopping = core.record.state === 'stopping';
  await core.settle({
    state: status === 'paused' || status === 'io-error' ? 'paused' : 'running',
    detail: '',
    process: { pid: found.pid, startTime: found.startTime, bootId: context.bootId },
    startedAt: core.record.startedAt ?? host.now(),
    sshPort: now.link.sshPort,
    // Started by an older version, under which neither keys nor internet access changed.
    startedWith: core.record.startedWith ?? {
      ...now.size,
      diskMiB: core.record.spec.diskMiB,
      internet: now.link.hasInternetCard,
      mesh: false,
      sshKeys: core.record.spec.sshKeys,
    },
  });
  if (status === 'shutdown' || status === 'guest-panicked') {
    now.ending = true;
    await noteSwitchedOff(core, qmp, found);
  } else if (stopping) {
    // Begun before the agent went away; ended now, without keeping the agent's start waiting.
    void core.exclusive(() => stopMachine(core, hurry, false, new AbortController().signal)).catch(() => {});
  } else {
    void noticeReady(core, now);
  }
}

/** How long a QEMU that does nothing at all may keep the agent waiting. */
const idleMs = 5_000;

/**
 * Whether a QEMU that does not answer is to be waited for: an agent that was killed may have left it in the middle of a snapshot, when it
 * answers nobody but works. One that uses no processor hangs.
 */
function worthWaiting(found: KnownProcess, host: Host): () => Promise<boolean> {
  const begun = host.now();
  let before = 0;
  return async () => {
    if (!(await isAlive(found))) return false;
    const used = (await processUse(found.pid))?.cpuSeconds ?? 0;
    const works = used > before;
    before = used;
    return works || host.now() - begun < idleMs;
  };
}

async function settleDead(core: MachineCore): Promise<void> {
  const { context } = core;
  const change = afterEnd(core.record, context.bootId);
  if (change !== null) await core.settle(change);
}
