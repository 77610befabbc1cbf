import { fail, isFail } from '#shared/rpc/fail.ts';
import { afterEnd } from './after-end.ts';
import { bringUp } from './bring-up.ts';
import { attachSoon, type Console, createConsole } from './console/console.ts';
import { diedAtStart, lastLines, type MachineContext, wasDeleted, wrongState } from './context.ts';
import { isDamaged } from './damaged.ts';
import { notStarted } from './disk-full.ts';
import { pause as delay } from './images/download.ts';
import type { ReadyImage } from './images/image-store.ts';
import { type Live, sizeOf, watchLive } from './live.ts';
import type { NetworkLink } from './network/guest-network.ts';
import { prepareConfig, prepareDisk } from './prepare.ts';
import type { Accelerator } from './qemu/accelerators.ts';
import { endpoint } from './qemu/endpoint.ts';
import { runSnapshotJob } from './qemu/jobs.ts';
import { connectMachine, endMachine, isAlive, type KnownProcess, killMachine, removeRunPlace } from './qemu/launch.ts';
import type { ProcessIdentity } from './qemu/process.ts';
import type { Qmp } from './qemu/qmp.ts';
import { waitReady } from './readiness.ts';
import type { MachineRecord, StartedWith } from './record.ts';

/** What a start reports on: the task of a deploy or a start, or nobody. */
export interface Steps {
  readonly signal: AbortSignal;
  step(key: string, text: string): void;
}

/** A snapshot with memory, which fits only into the very hardware it was taken with. */
export interface KeptMemory {
  readonly tag: string;
  readonly internet: boolean;
  readonly sshKeys: readonly string[];
}

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

const politeMs = 30_000;
const releaseMs = 3_000;

/** @param damaged `first` only stands in for a record that cannot be read, and is never written. */
export function createMachine(context: MachineContext, first: MachineRecord, damaged = false): Machine {
  const { host, log, store, runDir } = context;
  const id = first.id;
  const paths = store.paths(id);
  const console = createConsole(paths.console, host);
  let record = first;
  let live: Live | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let released = false;
  const deleted = new AbortController();
  let hurried = Promise.withResolvers<void>();
  let inHurry = false;

  const exclusive = <T>(action: () => Promise<T>, evenDamaged = false): Promise<T> => {
    const mine = turn.then(() => {
      // What waited behind a deletion finds nothing to act on.
      if (deleted.signal.aborted) throw wasDeleted(record.spec.name);
      if (damaged && !evenDamaged) throw isDamaged(record);
      return action();
    });
    turn = mine.catch(() => {});
    return mine;
  };

  /** An intention: on disk before anything is done. When it cannot be written, nothing has changed. */
  async function update(change: Partial<MachineRecord>): Promise<void> {
    const next = { ...record, ...change };
    await store.save(next);
    record = next;
    context.changed(id);
  }

  /**
   * What has happened already: true whether it can be written or not (a full disk must not keep a machine from being stopped). The next
   * start of the agent finds out the same from the process itself.
   */
  async function settle(change: Partial<MachineRecord>): Promise<void> {
    record = { ...record, ...change };
    context.changed(id);
    if (damaged) return;
    await store.save(record).catch((error: unknown) => {
      log.error({ machine: id, error: String(error) }, 'the state of a machine could not be written');
    });
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
  async function takeUp(known: KnownProcess, qmp: Qmp): Promise<Live> {
    let link: NetworkLink | null = null;
    try {
      await attachSoon(console, endpoint(runDir, id, 'serial'), host);
      link = await context.network.attach({ id, internet: record.spec.internet }, qmp, record.sshPort);
      const size = await sizeOf(qmp, record.spec);
      if (released) throw fail('BUSY', 'Hypha is stopping.');
      const now = watchLive(qmp, known, link, {
        id,
        uuid: record.uuid,
        runDir,
        host,
        console,
        size,
        onPaused: (paused) => void noticePaused(now, paused).catch(() => {}),
      });
      live = now;
      void watchEnd(now);
      return now;
    } catch (error) {
      console.detach();
      qmp.destroy();
      await link?.close();
      throw error;
    }
  }

  /** QEMU paused or resumed the guest by itself; snapshots do both within one exclusive action, which ends as it began. */
  function noticePaused(of: Live, paused: boolean): Promise<void> {
    return exclusive(async () => {
      if (live !== of || of.ending || of.hasPoweredOff || of.hasGone || !['running', 'paused'].includes(record.state))
        return;
      const status = (await of.qmp.execute('query-status').catch(() => null)) as { status?: string } | null;
      of.stuck = status?.status === 'io-error';
      const wanted = status?.status === 'paused' || status?.status === 'io-error' ? 'paused' : 'running';
      if (status === null || wanted === record.state || (wanted === 'paused') !== paused) return;
      const detail =
        status.status === 'io-error'
          ? 'Its disk could not be written: this computer’s disk may be full. Free space, then resume it.'
          : '';
      await settle({ state: wanted, detail });
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
        await settle({
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
      await settle({ state: 'crashed', detail: `${cause} Start it again to go on.`, process: null, ready: false });
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
    const spawned = (process: KnownProcess): Promise<void> =>
      update({ process: { ...process, bootId: context.bootId }, accelerator });
    const how = { image, accelerator, paused, signal, spawned };
    const up = await bringUp(context, record, how).catch(async (error: unknown) => {
      await removeRunPlace(runDir, id);
      throw error;
    });
    try {
      return await takeUp(up.process, up.qmp);
    } catch (error) {
      await killMachine(up.process, runDir, id, host);
      await removeRunPlace(runDir, id);
      throw isFail(error) || signal.aborted
        ? error
        : await diedAtStart('QEMU ended in its first second.', paths.qemuLog);
    }
  }

  /** Under an accelerator a guest may hang without a word; wait for the first byte it prints. */
  async function speaks(of: Live): Promise<boolean> {
    const deadline = host.now() + context.serialSilenceMs;
    while (console.seen() === 0 && !of.hasGone && host.now() < deadline)
      await Promise.race([console.more(250), of.gone]);
    return console.seen() > 0;
  }

  async function start(image: ReadyImage, steps: Steps, snapshot?: KeptMemory): Promise<void> {
    if (live !== null) throw wrongState(record.spec.name, record.state, 'stopped');
    if (released) throw fail('BUSY', 'Hypha is stopping.', { next: 'Start the machine again afterwards.' });
    if (record.deleting) throw wrongState(record.spec.name, 'being deleted', 'stopped');
    const verdict = context.accelerator();
    let accelerator: Accelerator = verdict?.accelerator ?? 'tcg';
    try {
      steps.step('disk', 'Make the disk');
      await prepareDisk(context, record, image);
      context.probe('disk made');
      steps.step('config', 'Write its configuration and host key');
      const hostKey = await prepareConfig(context, record, image);
      context.probe('config written');
      const { cpus, memoryMiB, diskMiB, sshKeys, internet } = record.spec;
      const startedWith: StartedWith = {
        cpus,
        memoryMiB,
        diskMiB,
        internet: snapshot?.internet ?? internet,
        sshKeys: [...(snapshot?.sshKeys ?? sshKeys)],
      };
      await update({
        state: 'starting',
        detail: '',
        wanted: 'running',
        hostKey,
        ready: false,
        process: null,
        startedWith,
      });
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
        await runSnapshotJob(running.qmp, host, 'snapshot-load', snapshot.tag);
        // The snapshot holds the card's state of then.
        await running.link.setInternet(running.qmp, record.spec.internet);
        await running.qmp.execute('cont');
      }
      await update({ state: 'running', startedAt: host.now(), detail: note, sshPort: running.link.sshPort });
      context.probe('running');
      void noticeReady(running);
    } catch (cause) {
      const error = notStarted(cause);
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
      await settle({
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
        if (live === of && !record.ready) await settle({ ready: true });
      });
    }
  }

  async function stop(force: boolean, signal: AbortSignal): Promise<void> {
    const of = live;
    if (of === null) throw wrongState(record.spec.name, record.state, 'running');
    const before = record.state;
    await settle({ state: 'stopping', wanted: 'stopped' });
    of.ending = true;
    hurried = Promise.withResolvers();
    inHurry = false;
    if (!force) {
      await of.qmp.execute('cont').catch(() => {});
      const deadline = host.now() + politeMs;
      // A guest that is still booting does not hear the first press of its power button.
      while (!of.hasPoweredOff && !of.hasGone && !signal.aborted && !inHurry && host.now() < deadline) {
        await of.qmp.execute('system_powerdown').catch(() => {});
        await Promise.race([of.poweredOff, of.gone, hurried.promise, delay(host, 3_000, signal).catch(() => {})]);
      }
      if (signal.aborted && !of.hasPoweredOff && !of.hasGone) {
        of.ending = false;
        await settle({ state: before === 'paused' ? 'running' : before, wanted: 'running' });
        throw signal.reason;
      }
    }
    const polite = of.hasPoweredOff;
    await endMachine(of.qmp, of.process, runDir, id, host);
    await letGo();
    const detail = polite || force || inHurry ? '' : 'It did not shut down when asked and was switched off.';
    await settle({ state: 'stopped', detail, process: null, ready: false });
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
    const now = await takeUp(found, qmp).catch((error: unknown) => {
      log.warn({ machine: id, error: String(error) }, 'a machine that runs could not be taken up and is ended');
      return null;
    });
    if (now === null) {
      await killMachine(found, runDir, id, host);
      await settleDead();
      return;
    }
    const stopping = record.state === 'stopping';
    await settle({
      state: status === 'paused' || status === 'io-error' ? 'paused' : 'running',
      detail: '',
      process: { pid: found.pid, startTime: found.startTime, bootId: context.bootId },
      startedAt: record.startedAt ?? host.now(),
      sshPort: now.link.sshPort,
      // Started by an older version, under which neither keys nor internet access changed.
      startedWith: record.startedWith ?? {
        ...now.size,
        diskMiB: record.spec.diskMiB,
        internet: now.link.hasInternetCard,
        sshKeys: record.spec.sshKeys,
      },
    });
    if (status === 'shutdown' || status === 'guest-panicked') {
      now.ending = true;
      await endMachine(qmp, found, runDir, id, host);
      await letGo();
      await settle({
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
    if (change !== null) await settle(change);
  }

  async function remove(): Promise<number> {
    // Not written on a full disk or when the directory is gone: then the rename inside store.remove is what counts.
    await settle({ deleting: true, wanted: 'stopped' });
    if (live !== null) {
      live.ending = true;
      await endMachine(live.qmp, live.process, runDir, id, host);
      await letGo();
    } else if (record.process !== null) {
      await killMachine(record.process, runDir, id, host);
    }
    await removeRunPlace(runDir, id);
    const freed = await store.remove(id);
    deleted.abort();
    return freed;
  }

  return {
    get record() {
      return record;
    },
    console,
    deleted: deleted.signal,
    damaged,
    get live() {
      return live;
    },
    exclusive,
    hurry() {
      inHurry = true;
      hurried.resolve();
    },
    update,
    settle,
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
      await settle({ state: 'paused' });
    },
    async resume() {
      if (live === null || record.state !== 'paused') throw wrongState(record.spec.name, record.state, 'paused');
      await live.qmp.execute('cont');
      if (live.stuck) {
        live.stuck = false;
        void noticeReady(live);
      }
      await settle({ state: 'running', detail: '' });
    },
    async release() {
      released = true;
      // What is under way was told to stop; it is given a moment, so that it writes its last word before another agent reads.
      await Promise.race([turn, delay(host, releaseMs)]);
      const was = live;
      if (was !== null) was.released = true;
      live = null;
      console.detach();
      was?.qmp.destroy();
      await was?.link.close();
    },
  };
}
