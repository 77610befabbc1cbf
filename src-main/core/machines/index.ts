import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Checks, Handlers, Naming } from '#core/broker/handlers.ts';
import type { machinesContract } from '#shared/contract/machines.ts';
import { type Fail, fail, isFail } from '#shared/rpc/fail.ts';
import { machineChecks, machineNaming } from './before-asking.ts';
import { configure } from './configure.ts';
import { machinesCache } from './host-capability.ts';
import { pause } from './images/download.ts';
import type { KeptMemory } from './machine-start.ts';
import type { MachinesDeps } from './ports.ts';
import { qemuImgBeside } from './qemu/locate.ts';
import { bootId } from './qemu/process.ts';
import { recover } from './recover.ts';
import { openRunDirectory, settleRunDirectory } from './run-directory.ts';
import { createService, type MachinesService } from './service.ts';
import { deleteSnapshot, restoreSnapshot, takeSnapshot } from './snapshots.ts';

export type { ImagesConfig, MachinesDeps } from './ports.ts';

export interface Machines {
  readonly handlers: Handlers<typeof machinesContract>;
  readonly checks: Checks<typeof machinesContract>;
  readonly naming: Naming<typeof machinesContract>;
  /** Take up machines that run, settle those that do not, start those that are to start by themselves. */
  start(): Promise<void>;
  /** Let go of all machines; they go on running. */
  stop(): Promise<void>;
  /** The address on the mesh of the machine that has this name and runs; null for any other. */
  meshAddress(name: string): string | null;
}

/** How long the agent's start, and its stop, wait for machines to be taken up. */
const startMs = 20_000;
const stopMs = 3_000;

/** The machines domain: real QEMU machines on this computer. */
export function createMachines(deps: MachinesDeps): Machines {
  let started: MachinesService | null = null;
  let broken: Fail | null = null;
  let opening: Promise<void> = Promise.resolve();
  let stopped = false;
  const service = (): MachinesService => {
    if (broken !== null) throw broken;
    if (started === null) throw fail('BUSY', 'Machines are still being taken up.', { next: 'Try again in a moment.' });
    return started;
  };
  const answer = async (name: string) => ({ machine: await service().view(service().resolve(name)) });

  const handlers: Handlers<typeof machinesContract> = {
    'machines.capability': async ({ refresh }) => {
      if (refresh) await service().capability.probe(true);
      return service().capability.describe();
    },
    'machines.images': async () => ({ images: await service().context.images.list() }),
    'machines.fetchImage': async ({ image }, task) => {
      const { images } = service().context;
      const before = await images.find(image);
      task.step('image', `Download ${image}`, { total: null, unit: 'bytes' });
      const qemu = await service().capability.qemu();
      const report = (done: number, total: number | null): void => task.progress(done, total ?? undefined);
      await images.fetch(image, task.signal, report, qemuImgBeside(qemu.path));
      if (before.state !== 'ready') task.undo('machines.removeImage', { image });
      void service().capability.probe(false);
      return { image: await images.find(image) };
    },
    'machines.removeImage': async ({ image }) => {
      const { context, imagesInUse } = service();
      return { freed: await context.images.remove(image, imagesInUse) };
    },
    'machines.plan': (spec) => service().plan(spec),
    'machines.deploy': async (spec, task) => {
      const machine = await service().deploy(spec, task);
      task.undo('machines.delete', { machine: machine.record.id });
      return answer(machine.record.id);
    },
    'machines.list': async () => {
      const all = [...service().machines.values()];
      return { machines: await Promise.all(all.map((m) => service().view(m))) };
    },
    'machines.get': ({ machine }) => answer(machine),
    'machines.start': async ({ machine: name }, task) => {
      const machine = service().resolve(name);
      await service().start(machine, task);
      task.undo('machines.stop', { machine: machine.record.id });
      return answer(machine.record.id);
    },
    'machines.stop': async ({ machine: name, force }, task) => {
      const machine = service().resolve(name);
      task.step('stop', force ? 'Switch it off' : 'Ask it to shut down');
      const ran = machine.live !== null;
      if (force) machine.hurry();
      await machine.exclusive(async () => {
        // A shut-down under way was cut short by this very call: what was asked for is done.
        if (force && ran && machine.live === null && machine.record.state === 'stopped') return;
        await machine.stop(force, task.signal);
      });
      task.undo('machines.start', { machine: machine.record.id });
      return answer(machine.record.id);
    },
    'machines.pause': async ({ machine: name }, context) => {
      const machine = service().resolve(name);
      await machine.exclusive(() => machine.pause());
      context.undo('machines.resume', { machine: machine.record.id });
      return answer(machine.record.id);
    },
    'machines.resume': async ({ machine: name }, context) => {
      const machine = service().resolve(name);
      await machine.exclusive(() => machine.resume());
      context.undo('machines.pause', { machine: machine.record.id });
      return answer(machine.record.id);
    },
    'machines.resize': async ({ machine: name, ...wanted }, task) => {
      const machine = service().resolve(name);
      task.step('resize', 'Change its size');
      const restartNeeded = await machine.exclusive(() => service().resize(machine, wanted));
      return { ...(await answer(machine.record.id)), restartNeeded };
    },
    'machines.configure': async ({ machine: name, ...wanted }, context) => {
      const machine = service().resolve(name);
      const undo = await machine.exclusive(() => configure(service().context, machine, wanted));
      if (Object.keys(undo).length > 0) context.undo('machines.configure', { machine: machine.record.id, ...undo });
      const said = await answer(machine.record.id);
      return { ...said, restartNeeded: said.machine.waiting.some((part) => part === 'internet' || part === 'sshKeys') };
    },
    'machines.snapshot': async ({ machine: name, name: snapshot }, task) => {
      const machine = service().resolve(name);
      task.step('snapshot', `Keep "${snapshot}"`, { total: null, unit: 'steps' });
      const { context } = service();
      await machine.exclusive(() =>
        takeSnapshot(context, machine, snapshot, (done, total) => task.progress(done, total)),
      );
      task.undo('machines.deleteSnapshot', { machine: machine.record.id, name: snapshot });
      return answer(machine.record.id);
    },
    'machines.restoreSnapshot': async ({ machine: name, name: snapshot }, task) => {
      const machine = service().resolve(name);
      task.step('restore', `Put back "${snapshot}"`);
      const { context, imageOf, startClaimed } = service();
      const start = async (kept: KeptMemory): Promise<void> =>
        startClaimed(machine, await imageOf(machine), task, kept);
      await machine.exclusive(() => restoreSnapshot(context, machine, snapshot, start));
      return answer(machine.record.id);
    },
    'machines.deleteSnapshot': async ({ machine: name, name: snapshot }, task) => {
      const machine = service().resolve(name);
      task.step('delete', `Delete "${snapshot}"`);
      await machine.exclusive(() => deleteSnapshot(service().context, machine, snapshot));
      return answer(machine.record.id);
    },
    'machines.delete': async ({ machine: name }, task) => {
      task.step('delete', 'End it and remove its disk');
      return { freed: await service().remove(service().resolve(name)) };
    },
    'machines.console': async function* ({ machine: name, from }, context) {
      const machine = service().resolve(name);
      yield* machine.console.follow(from, AbortSignal.any([context.signal, machine.deleted]));
    },
    'machines.type': async ({ machine, bytes }) => {
      await service().resolve(machine).console.type(bytes);
      return {};
    },
    'machines.metrics': async function* ({ machine: name }, context) {
      const machine = service().resolve(name);
      const signal = AbortSignal.any([context.signal, machine.deleted]);
      yield* service().hub(machine).watch(signal);
    },
  };

  return {
    meshAddress(name) {
      const one = [...(started?.machines.values() ?? [])].find(({ record }) => record.spec.name === name);
      return one?.live?.link.mesh?.address() ?? null;
    },
    handlers,
    checks: machineChecks(service),
    naming: machineNaming(service),
    async start() {
      opening = takeUp();
      // One QEMU that is busy does not keep the person from their files; until it is taken up, machines answer BUSY.
      await Promise.race([opening, pause(deps.host, startMs)]);
    },
    async stop() {
      stopped = true;
      await Promise.race([opening, pause(deps.host, stopMs)]);
      const was = started;
      started = null;
      if (was !== null) await letGo(was);
    },
  };

  async function takeUp(): Promise<void> {
    try {
      const service = await open(deps);
      if (stopped) {
        await letGo(service);
        return;
      }
      started = service;
      deps.emit({ topic: 'machines', ids: [] });
    } catch (error) {
      // Everything else in the agent works without machines; whoever asks for one is told why.
      deps.log.error({ error: String(error) }, 'machines could not be taken up');
      broken = isFail(error)
        ? error
        : fail('INTERNAL', `Machines could not be taken up: ${error instanceof Error ? error.message : 'unknown'}.`, {
            meaning: 'Machines that run go on running.',
            next: 'Start Hypha again.',
          });
    }
  }
}

async function letGo(service: MachinesService): Promise<void> {
  const released = [...service.machines.values()].map((machine) => machine.release());
  await Promise.all([service.capability.close(), ...released]);
  // Kept while machines run in it.
  await rmdir(service.context.runDir).catch(() => {});
}

async function open(deps: MachinesDeps): Promise<MachinesService> {
  const cache = machinesCache(deps.home);
  await mkdir(cache, { recursive: true, mode: 0o700 });
  if (deps.cacheDir !== undefined) await mkdir(deps.cacheDir, { recursive: true, mode: 0o700 });
  if (deps.runDir !== undefined) await openRunDirectory(deps.runDir);
  const runDir = deps.runDir ?? (await settleRunDirectory(deps.home, join(cache, 'run-directory')));
  const service = await createService(deps, runDir, await bootId());
  await recover(service);
  return service;
}
