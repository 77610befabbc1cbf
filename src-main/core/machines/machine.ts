import type { Console } from './console/console.ts';
import { type MachineContext, wrongState } from './context.ts';
import { pause as delay } from './images/download.ts';
import type { ReadyImage } from './images/image-store.ts';
import type { Live } from './live.ts';
import { adoptMachine } from './machine-adopt.ts';
import { createCore } from './machine-core.ts';
import { noticeReady } from './machine-hold.ts';
import { type KeptMemory, type Steps, startMachine } from './machine-start.ts';
import { createHurry, removeMachine, stopMachine } from './machine-stop.ts';
import { killMachine } from './qemu/launch.ts';
import type { ProcessIdentity } from './qemu/process.ts';
import { waitReady } from './readiness.ts';
import type { MachineRecord } from './record.ts';

export interface Machine {
  readonly record: MachineRecord;
  readonly console: Console;
  readonly live: Live | null;
  /** Its record cannot be read: it can be looked at and deleted. */
  readonly damaged: boolean;
  /** Somebody waits for it to be off: a shut-down under way asks no longer. */
  hurry(): void;
  /** Run one action after another, never two at once. Throws for a deleted machine, and for one whose record cannot be read. */
  exclusive<T>(action: () => Promise<T>, evenDamaged?: boolean): Promise<T>;
  /** Write a change of the record before acting on it. */
  update(change: Partial<MachineRecord>): Promise<void>;
  /** Take note of what has happened already. Never throws. */
  settle(change: Partial<MachineRecord>): Promise<void>;
  /** Fires when the machine is gone for good. */
  readonly deleted: AbortSignal;
  /** Prepare what is missing, start QEMU, connect. State `running` when it returns; the guest may still be booting. */
  start(image: ReadyImage, steps: Steps, snapshot?: KeptMemory): Promise<void>;
  /** Resolves true when the guest has answered, false when it ended or the signal fired. */
  untilReady(signal: AbortSignal): Promise<boolean>;
  stop(force: boolean, signal: AbortSignal): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Take up what an earlier run of the agent left. @param found a process started for this machine, if any. */
  adopt(found: ProcessIdentity | null): Promise<void>;
  /** Let go without ending the machine. */
  release(): Promise<void>;
  /** End QEMU if it runs and remove everything; returns bytes freed. */
  remove(): Promise<number>;
}

const releaseMs = 3_000;

/** @param damaged `first` only stands in for a record that cannot be read, and is never written. */
export function createMachine(context: MachineContext, first: MachineRecord, damaged = false): Machine {
  const core = createCore(context, first, damaged);
  const hurry = createHurry();
  const { host } = context;
  const { console, exclusive, update, settle } = core;
  const needs = (state: 'running' | 'paused'): Live => {
    const { live, record } = core;
    if (live === null || record.state !== state) throw wrongState(record.spec.name, record.state, state);
    return live;
  };

  return {
    get record() {
      return core.record;
    },
    console,
    deleted: core.deleted.signal,
    damaged,
    get live() {
      return core.live;
    },
    exclusive,
    hurry() {
      hurry.ask();
      const { live } = core;
      // What is under way may wait for an answer that never comes; without its QEMU it ends.
      if (!live?.silent) return;
      live.ending = true;
      killMachine(live.process, context.runDir, core.id, host).catch((error: unknown) =>
        context.log.error({ machine: core.id, error: String(error) }, 'a QEMU that does not answer could not be ended'),
      );
    },
    update,
    settle,
    start: (image, steps, snapshot) => startMachine(core, image, steps, snapshot),
    stop: (force, signal) => stopMachine(core, hurry, force, signal),
    adopt: (found) => adoptMachine(core, hurry, found),
    remove: () => removeMachine(core),
    async untilReady(signal) {
      return core.live === null ? false : waitReady(context, core.live, console, signal);
    },
    async pause() {
      await needs('running').qmp.execute('stop');
      await settle({ state: 'paused' });
    },
    async resume() {
      const live = needs('paused');
      await live.qmp.execute('cont');
      if (live.stuck) {
        live.stuck = false;
        void noticeReady(core, live);
      }
      await settle({ state: 'running', detail: '' });
    },
    async release() {
      core.released = true;
      // What is under way was told to stop; it is given a moment, so that it writes its last word before another agent reads.
      await Promise.race([core.turn, delay(host, releaseMs)]);
      const was = core.live;
      if (was !== null) was.released = true;
      core.live = null;
      console.detach();
      was?.qmp.destroy();
      await was?.link.close();
    },
  };
}
