import { wrongState } from './context.ts';
import { pause as delay } from './images/download.ts';
import type { MachineCore } from './machine-core.ts';
import { letGo } from './machine-hold.ts';
import { endMachine, killMachine, removeRunPlace } from './qemu/launch.ts';

const politeMs = 30_000;

/** Somebody waits for the machine to be off: a shut-down under way asks no longer. */
export interface Hurry {
  readonly asked: boolean;
  readonly promise: Promise<void>;
  ask(): void;
  /** A shut-down begins: what was asked of another one does not count. */
  reset(): void;
}

export function createHurry(): Hurry {
  let hurried = Promise.withResolvers<void>();
  let asked = false;
  return {
    get asked() {
      return asked;
    },
    get promise() {
      return hurried.promise;
    },
    ask() {
      asked = true;
      hurried.resolve();
    },
    reset() {
      hurried = Promise.withResolvers();
      asked = false;
    },
  };
}

/** Asked politely first, then switched off. */
export async function stopMachine(core: MachineCore, hurry: Hurry, force: boolean, signal: AbortSignal): Promise<void> {
  const { context, id } = core;
  const { host, runDir } = context;
  const of = core.live;
  if (of === null) throw wrongState(core.record.spec.name, core.record.state, 'running');
  const before = core.record.state;
  await core.settle({ state: 'stopping', wanted: 'stopped' });
  of.ending = true;
  hurry.reset();
  if (!force) {
    await of.qmp.execute('cont').catch(() => {});
    const deadline = host.now() + politeMs;
    // A guest that is still booting does not hear the first press of its power button.
    while (!of.hasPoweredOff && !of.hasGone && !signal.aborted && !hurry.asked && host.now() < deadline) {
      await of.qmp.execute('system_powerdown').catch(() => {});
      await Promise.race([of.poweredOff, of.gone, hurry.promise, delay(host, 3_000, signal).catch(() => {})]);
    }
    if (signal.aborted && !of.hasPoweredOff && !of.hasGone) {
      of.ending = false;
      await core.settle({ state: before === 'paused' ? 'running' : before, wanted: 'running' });
      throw signal.reason;
    }
  }
  const polite = of.hasPoweredOff;
  const diedMeanwhile = of.hasGone;
  await endMachine(of.qmp, of.process, runDir, id, host);
  await letGo(core);
  const cut = diedMeanwhile
    ? 'QEMU ended before the machine had shut down.'
    : 'It did not shut down when asked and was switched off.';
  const detail = polite || force || hurry.asked ? '' : cut;
  await core.settle({ state: 'stopped', detail, process: null, ready: false });
}

/** End QEMU if it runs and remove everything; returns bytes freed. */
export async function removeMachine(core: MachineCore): Promise<number> {
  const { context, id } = core;
  const { host, runDir } = context;
  // Not written on a full disk or when the directory is gone: then the rename inside store.remove is what counts.
  await core.settle({ deleting: true, wanted: 'stopped' });
  if (core.live !== null) {
    core.live.ending = true;
    await endMachine(core.live.qmp, core.live.process, runDir, id, host);
    await letGo(core);
  } else if (core.record.process !== null) {
    await killMachine(core.record.process, runDir, id, host);
  }
  await removeRunPlace(runDir, id);
  const freed = await context.store.remove(id);
  core.deleted.abort();
  return freed;
}
