import { join } from 'node:path';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { afterEnd } from './after-end.ts';
import { attachSoon, type Console, createConsole } from './console/console.ts';
import { diedAtStart, inWords, lastLines, type MachineContext, wrongState } from './context.ts';
import { pause as delay } from './images/download.ts';
import type { ReadyImage } from './images/image-store.ts';
import { type Live, watchLive } from './live.ts';
import { launchArguments, prepareConfig, prepareDisk } from './prepare.ts';
import type { Accelerator } from './qemu/accelerators.ts';
import { endpoint } from './qemu/endpoint.ts';
import { runSnapshotJob } from './qemu/jobs.ts';
import {
  cleanRunPlace,
  connectMachine,
  endMachine,
  isAlive,
  killMachine,
  removeRunPlace,
  spawnQemu,
} from './qemu/launch.ts';
import { identify, isQemu, type ProcessIdentity } from './qemu/process.ts';
import { waitReady } from './readiness.ts';
import type { MachineRecord } from './record.ts';

/** What a start reports on: the task of a deploy or a start, or nobody. */
export interface Steps {
  readonly signal: AbortSignal;
  step(key: string, text: string): void;
}

export interface Machine {
  readonly record: MachineRecord;
  readonly console: Console;
  readonly live: Live | null;
  /** Run one action after another, never two at once. */
  exclusive<T>(action: () => Promise<T>): Promise<T>;
  /** Write a change of the record before acting on it. */
  update(change: Partial<MachineRecord>): Promise<void>;
  /** Prepare what is missing, start QEMU, connect. State `running` when it returns; the guest may still be booting. */
  start(image: ReadyImage, steps: Steps, snapshot?: string): Promise<void>;
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

const politeMs = 30_000;

export function createMachine(context: MachineContext, first: MachineRecord): Machine {
  const { host, log, store, runDir } = context;
  const id = first.id;
  const paths = store.paths(id);
  const console = createConsole(paths.console, host);
  let record = first;
  let live: Live | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let released = false;

  const exclusive = <T>(action: () => Promise<T>): Promise<T> => {
    const mine = turn.then(action, action);
    turn = mine.catch(() => {});
    return mine;
  };

  async function update(change: Partial<MachineRecord>): Promise<void> {
    record = { ...record, ...change };
    await store.save(record);
    context.changed(id);
  }

  /** What is held right now; a function, because it changes while an action waits. */
  const current = (): Live | null => live;

  /** Forget the running process: it is gone. */
  async function letGo(): Promise<void> {
    const was = live;
    live = null;
    console.detach();
    if (was !== null) was.released = true;
    was?.qmp.destroy();
    await was?.link.close();
    if (was !== null) await removeRunPlace(runDir, id);
  }

  /** Take up a connected machine: console, network, watching for its end. */
  async function takeUp(
    known: { pid: number; startTime: string },
    qmp: Awaited<ReturnType<typeof connectMachine>>,
  ): Promise<Live> {
    if (qmp === null) throw fail('INTERNAL', 'The machine cannot be controlled.');
    await attachSoon(console, endpoint(runDir, id, 'serial'), host);
    const link = await context.network.attach({ id, internet: record.spec.internet }, qmp, record.sshPort);
    const now = watchLive(qmp, known, link, {
      id,
      uuid: record.uuid,
      runDir,
      host,
      console,
      onPaused: (paused) => void noticePaused(now, paused),
    });
    live = now;
    void watchEnd(now);
    return now;
  }

  /** QEMU paused or resumed the guest by itself; snapshots do both within one exclusive action, which ends as it began. */
  function noticePaused(of: Live, paused: boolean): Promise<void> {
    return exclusive(async () => {
      if (live !== of || of.ending || of.hasPoweredOff || of.hasGone || !['running', 'paused'].includes(record.state))
        return;
      const status = (await of.qmp.execute('query-status').catch(() => null)) as { status?: string } | null;
      const wanted = status?.status === 'paused' || status?.status === 'io-error' ? 'paused' : 'running';
      if (status === null || wanted === record.state || (wanted === 'paused') !== paused) return;
      const detail =
        status.status === 'io-error'
          ? 'Its disk could not be written: this computer’s disk may be full. Free space, then resume it.'
          : '';
      await update({ state: wanted, detail });
    });
  }

  /** Whatever ends a machine outside of our own actions is recorded here. */
  async function watchEnd(of: Live): Promise<void> {
    await Promise.race([of.gone, of.poweredOff]);
    if (released) return;
    await exclusive(async () => {
      if (live !== of || of.ending || released) return;
      of.ending = true;
      if (of.hasPoweredOff) {
        await endMachine(of.qmp, of.process, runDir, id, host);
        await letGo();
        await update({
          state: 'stopped',
          detail: 'It switched itself off.',
          wanted: 'stopped',
          process: null,
          ready: false,
        });
        return;
      }
      const hung = await isAlive(of.process);
      if (hung) await killMachine(of.process, runDir, id, host);
      await letGo();
      const said = await lastLines(paths.qemuLog, 3);
      const cause = hung
        ? 'QEMU no longer answered and was ended.'
        : `QEMU ended unexpectedly.${said ? ` It said: ${said}` : ''}`;
      await update({ state: 'crashed', detail: `${cause} Start it again to go on.`, process: null, ready: false });
    }).catch((error: unknown) =>
      log.error({ machine: id, error: String(error) }, 'the end of a machine was not recorded'),
    );
  }

  /** Spawn, record, connect. Throws DIED_AT_START with QEMU's own words. */
  async function launch(
    image: ReadyImage,
    accelerator: Accelerator,
    paused: boolean,
    signal: AbortSignal,
  ): Promise<Live> {
    const qemu = await context.qemu();
    const place = await cleanRunPlace(runDir, id);
    const args = await launchArguments(context, record, image, accelerator, join(place, 'qemu.pid'), paused);
    context.probe('before spawn');
    let spawned: ProcessIdentity | null;
    try {
      spawned = await spawnQemu(qemu.path, args, paths.qemuLog);
    } catch (error) {
      throw await died(`QEMU could not be started: ${error instanceof Error ? error.message : String(error)}.`);
    }
    context.probe('spawned');
    if (spawned === null || !isQemu(spawned.command)) {
      // Gone already, or (for an instant between fork and exec) not QEMU yet: look once more.
      await delay(host, 20);
      spawned = spawned === null ? null : await identify(spawned.pid);
      if (spawned === null) throw await died('QEMU ended at once.');
    }
    const known = { pid: spawned.pid, startTime: spawned.startTime };
    try {
      await update({ process: { ...known, bootId: context.bootId }, accelerator });
      context.probe('process recorded');
      const qmp = await connectMachine(runDir, id, record.uuid, host, () => isAlive(known));
      if (qmp === null) throw await died('QEMU ended in its first second.');
      context.probe('connected');
      if (signal.aborted) throw signal.reason;
      return await takeUp(known, qmp);
    } catch (error) {
      await killMachine(known, runDir, id, host);
      await letGo();
      throw isFail(error) || signal.aborted ? error : await died('QEMU ended in its first second.');
    }
  }

  const died = (what: string) => diedAtStart(what, paths.qemuLog);

  /** Under an accelerator a guest may hang without a word; wait for the first byte it prints. */
  async function speaks(of: Live): Promise<boolean> {
    const deadline = host.now() + context.serialSilenceMs;
    while (console.seen() === 0 && !of.hasGone && host.now() < deadline)
      await Promise.race([console.more(250), of.gone]);
    return console.seen() > 0;
  }

  async function start(image: ReadyImage, steps: Steps, snapshot?: string): Promise<void> {
    if (live !== null) throw wrongState(record.spec.name, record.state, 'stopped');
    if (released) throw fail('BUSY', 'Hypha is stopping.', { next: 'Start the machine again afterwards.' });
    const verdict = context.accelerator();
    let accelerator: Accelerator = verdict?.accelerator ?? 'tcg';
    try {
      steps.step('disk', 'Make the disk');
      await prepareDisk(context, record, image);
      context.probe('disk made');
      steps.step('config', 'Write its configuration and host key');
      const hostKey = await prepareConfig(context, record, image);
      context.probe('config written');
      await update({ state: 'starting', detail: '', wanted: 'running', hostKey, ready: false, process: null });
      context.probe('start recorded');
      steps.step('boot', 'Start QEMU');
      let note = '';
      let running: Live;
      try {
        running = await launch(image, accelerator, snapshot !== undefined, steps.signal);
        if (accelerator !== 'tcg' && snapshot === undefined && !(await speaks(running))) {
          running.ending = true;
          await endMachine(running.qmp, running.process, runDir, id, host);
          await letGo();
          throw fail('DIED_AT_START', 'The machine said nothing.');
        }
      } catch (error) {
        if (accelerator === 'tcg' || !isFail(error, 'DIED_AT_START') || steps.signal.aborted) throw error;
        note = `It did not run under ${accelerator.toUpperCase()}, so it runs by emulation, which is slower.`;
        context.distrust(note);
        accelerator = 'tcg';
        running = await launch(image, accelerator, snapshot !== undefined, steps.signal);
      }
      if (snapshot !== undefined) {
        await runSnapshotJob(running.qmp, host, 'snapshot-load', snapshot);
        await running.qmp.execute('cont');
      }
      await update({ state: 'running', startedAt: host.now(), detail: note, sshPort: running.link.sshPort });
      context.probe('running');
      void noticeReady(running);
    } catch (cause) {
      const error = inWords(cause);
      const half = current();
      if (half !== null) {
        half.ending = true;
        await endMachine(half.qmp, half.process, runDir, id, host);
        await letGo();
      }
      const detail = isFail(error)
        ? `${error.message} ${error.next ?? ''}`.trim()
        : steps.signal.aborted
          ? 'Its start was cancelled.'
          : 'It could not be started.';
      const ever = record.startedAt !== null;
      await update({
        state: ever || steps.signal.aborted ? 'stopped' : 'failed',
        detail,
        wanted: 'stopped',
        process: null,
        ready: false,
      });
      throw error;
    }
  }

  async function noticeReady(of: Live): Promise<void> {
    const ready = await waitReady(context, of, console, new AbortController().signal);
    if (ready && !released) {
      await exclusive(async () => {
        if (live === of && !record.ready) await update({ ready: true });
      });
    }
  }

  async function stop(force: boolean, signal: AbortSignal): Promise<void> {
    const of = live;
    if (of === null) throw wrongState(record.spec.name, record.state, 'running');
    const before = record.state;
    await update({ state: 'stopping', wanted: 'stopped' });
    of.ending = true;
    if (!force) {
      await of.qmp.execute('cont').catch(() => {});
      const deadline = host.now() + politeMs;
      // A guest that is still booting does not hear the first press of its power button.
      while (!of.hasPoweredOff && !of.hasGone && !signal.aborted && host.now() < deadline) {
        await of.qmp.execute('system_powerdown').catch(() => {});
        await Promise.race([of.poweredOff, of.gone, delay(host, 3_000, signal).catch(() => {})]);
      }
      if (signal.aborted && !of.hasPoweredOff && !of.hasGone) {
        of.ending = false;
        await update({ state: before === 'paused' ? 'running' : before, wanted: 'running' });
        throw signal.reason;
      }
    }
    const polite = of.hasPoweredOff;
    await endMachine(of.qmp, of.process, runDir, id, host);
    await letGo();
    const detail = polite || force ? '' : 'It did not shut down when asked and was switched off.';
    await update({ state: 'stopped', detail, process: null, ready: false });
  }

  async function adopt(found: ProcessIdentity | null): Promise<void> {
    if (record.deleting) {
      await remove();
      return;
    }
    if (found === null) {
      await settleDead();
      return;
    }
    const alive = () => isAlive(found);
    const wantsIt = ['starting', 'running', 'paused', 'stopping'].includes(record.state);
    const qmp = await connectMachine(runDir, id, record.uuid, host, alive);
    const status =
      ((await qmp?.execute('query-status').catch(() => null)) as { status?: string } | null)?.status ?? null;
    if (!wantsIt || qmp === null || status === null || status === 'prelaunch' || status === 'restore-vm') {
      if (qmp !== null) await endMachine(qmp, found, runDir, id, host).finally(() => qmp.destroy());
      else await killMachine(found, runDir, id, host);
      await settleDead();
      return;
    }
    const now = await takeUp(found, qmp);
    const stopping = record.state === 'stopping';
    await update({
      state: status === 'paused' || status === 'io-error' ? 'paused' : 'running',
      detail: '',
      process: { pid: found.pid, startTime: found.startTime, bootId: context.bootId },
      startedAt: record.startedAt ?? host.now(),
      sshPort: now.link.sshPort,
    });
    if (status === 'shutdown' || status === 'guest-panicked') {
      now.ending = true;
      await endMachine(qmp, found, runDir, id, host);
      await letGo();
      await update({
        state: 'stopped',
        detail: 'It switched itself off.',
        wanted: 'stopped',
        process: null,
        ready: false,
      });
    } else if (stopping) {
      // Begun before the agent went away; ended now, without keeping the agent's start waiting.
      void exclusive(() => stop(false, new AbortController().signal)).catch(() => {});
    } else {
      void noticeReady(now);
    }
  }

  async function settleDead(): Promise<void> {
    const change = afterEnd(record, context.bootId);
    if (change !== null) await update(change);
  }

  async function remove(): Promise<number> {
    await update({ deleting: true, wanted: 'stopped' });
    if (live !== null) {
      live.ending = true;
      await endMachine(live.qmp, live.process, runDir, id, host);
      await letGo();
    } else if (record.process !== null) {
      await killMachine(record.process, runDir, id, host);
    }
    await removeRunPlace(runDir, id);
    return store.remove(id);
  }

  return {
    get record() {
      return record;
    },
    console,
    get live() {
      return live;
    },
    exclusive,
    update,
    start,
    stop,
    adopt,
    remove,
    async untilReady(signal) {
      return live === null ? false : waitReady(context, live, console, signal);
    },
    async pause() {
      if (live === null || record.state !== 'running') throw wrongState(record.spec.name, record.state, 'running');
      await live.qmp.execute('stop');
      await update({ state: 'paused' });
    },
    async resume() {
      if (live === null || record.state !== 'paused') throw wrongState(record.spec.name, record.state, 'paused');
      await live.qmp.execute('cont');
      await update({ state: 'running', detail: '' });
    },
    async release() {
      released = true;
      const was = live;
      if (was !== null) was.released = true;
      live = null;
      console.detach();
      was?.qmp.destroy();
      await was?.link.close();
    },
  };
}
