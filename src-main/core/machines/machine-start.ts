import { fail, isFail } from '#shared/rpc/fail.ts';
import { bringUp } from './bring-up.ts';
import { diedAtStart, offersMesh, wrongState } from './context.ts';
import { notStarted } from './disk-full.ts';
import type { ReadyImage } from './images/image-store.ts';
import type { Live } from './live.ts';
import type { MachineCore } from './machine-core.ts';
import { letGo, noticeReady, takeUp } from './machine-hold.ts';
import { prepareConfig, prepareDisk } from './prepare.ts';
import type { Accelerator } from './qemu/accelerators.ts';
import { newPipeKey } from './qemu/endpoint.ts';
import { runSnapshotJob } from './qemu/jobs.ts';
import { endMachine, type KnownProcess, killMachine, removeRunPlace } from './qemu/launch.ts';
import type { StartedWith } from './record.ts';

/** What a start reports on: the task of a deploy or a start, or nobody. */
export interface Steps {
  readonly signal: AbortSignal;
  step(key: string, text: string): void;
}

/** A snapshot with memory, which fits only into the very hardware it was taken with. */
export interface KeptMemory {
  readonly tag: string;
  readonly internet: boolean;
  readonly mesh: boolean;
  readonly sshKeys: readonly string[];
}

/** Prepare what is missing, start QEMU, connect. */
export async function startMachine(
  core: MachineCore,
  image: ReadyImage,
  steps: Steps,
  snapshot?: KeptMemory,
): Promise<void> {
  const { context, id } = core;
  const { host, runDir } = context;
  if (core.live !== null) throw wrongState(core.record.spec.name, core.record.state, 'stopped');
  if (core.released) throw fail('BUSY', 'Hypha is stopping.', { next: 'Start the machine again afterwards.' });
  if (core.record.deleting) throw wrongState(core.record.spec.name, 'being deleted', 'stopped');
  const verdict = context.accelerator();
  let accelerator: Accelerator = verdict?.accelerator ?? 'tcg';
  try {
    steps.step('disk', 'Make the disk');
    await prepareDisk(context, core.record, image);
    context.probe('disk made');
    steps.step('config', 'Write its configuration and host key');
    const mesh = snapshot?.mesh ?? (await offersMesh(context, id));
    const hostKey = await prepareConfig(context, core.record, image, mesh);
    context.probe('config written');
    const { cpus, memoryMiB, diskMiB, sshKeys, internet } = core.record.spec;
    const startedWith: StartedWith = {
      cpus,
      memoryMiB,
      diskMiB,
      internet: snapshot?.internet ?? internet,
      mesh,
      sshKeys: [...(snapshot?.sshKeys ?? sshKeys)],
    };
    await core.update({
      state: 'starting',
      detail: '',
      wanted: 'running',
      hostKey,
      ready: false,
      process: null,
      pipeKey: newPipeKey(host.random),
      startedWith,
    });
    context.probe('start recorded');
    steps.step('boot', 'Start QEMU');
    let note = '';
    let running: Live;
    try {
      running = await launch(core, image, accelerator, snapshot !== undefined, steps.signal);
      if (accelerator !== 'tcg' && snapshot === undefined && !(await speaks(core, running))) {
        running.ending = true;
        await endMachine(running.qmp, running.process, runDir, id, host);
        await letGo(core);
        throw fail('DIED_AT_START', 'The machine said nothing.');
      }
    } catch (error) {
      if (accelerator === 'tcg' || !isFail(error, 'DIED_AT_START') || steps.signal.aborted) throw error;
      note = `It did not run under ${accelerator.toUpperCase()}, so it runs by emulation, which is slower.`;
      context.distrust(note);
      accelerator = 'tcg';
      running = await launch(core, image, accelerator, snapshot !== undefined, steps.signal);
    }
    if (snapshot !== undefined) {
      await runSnapshotJob(running, host, 'snapshot-load', snapshot.tag);
      // The snapshot holds the card's state of then.
      await running.link.setInternet(running.qmp, core.record.spec.internet);
      await running.qmp.execute('cont');
    }
    await core.update({ state: 'running', startedAt: host.now(), detail: note, sshPort: running.link.sshPort });
    context.probe('running');
    void noticeReady(core, running);
  } catch (cause) {
    const error = notStarted(cause);
    const half = heldBy(core);
    if (half !== null) {
      half.ending = true;
      await endMachine(half.qmp, half.process, runDir, id, host);
      await letGo(core);
    }
    const detail = isFail(error)
      ? `${error.message} ${error.next ?? ''}`.trim()
      : steps.signal.aborted
        ? 'Its start was cancelled.'
        : 'It could not be started.';
    const ever = core.record.startedAt !== null;
    await core.settle({
      state: ever || steps.signal.aborted ? 'stopped' : 'failed',
      detail,
      wanted: 'stopped',
      process: null,
      ready: false,
    });
    throw error;
  }
}

/** What is held right now; a function, because it changes while an action waits. */
const heldBy = (core: MachineCore): Live | null => core.live;

/** Spawn, record, connect. Throws DIED_AT_START with QEMU's own words. */
async function launch(
  core: MachineCore,
  image: ReadyImage,
  accelerator: Accelerator,
  paused: boolean,
  signal: AbortSignal,
): Promise<Live> {
  const { context, id, paths } = core;
  const { host, runDir } = context;
  const spawned = (process: KnownProcess): Promise<void> =>
    core.update({ process: { ...process, bootId: context.bootId }, accelerator });
  const how = { image, accelerator, paused, signal, spawned };
  const up = await bringUp(context, core.record, how).catch(async (error: unknown) => {
    await removeRunPlace(runDir, id);
    throw error;
  });
  try {
    return await takeUp(core, up.process, up.qmp);
  } catch (error) {
    await killMachine(up.process, runDir, id, host);
    await removeRunPlace(runDir, id);
    throw isFail(error) || signal.aborted ? error : await diedAtStart('QEMU ended in its first second.', paths.qemuLog);
  }
}

/** Under an accelerator a guest may hang without a word; wait for the first byte it prints. */
async function speaks(core: MachineCore, of: Live): Promise<boolean> {
  const { context, console } = core;
  const { host } = context;
  const deadline = host.now() + context.serialSilenceMs;
  while (console.seen() === 0 && !of.hasGone && host.now() < deadline) await Promise.race([console.more(250), of.gone]);
  return console.seen() > 0;
}
