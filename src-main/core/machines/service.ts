import { hostname } from 'node:os';
import { join } from 'node:path';
import type { TaskContext } from '#core/broker/handlers.ts';
import type { MachineSpec, Machine as MachineView } from '#shared/contract/machines.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { admit, busyStates, type Held } from './admission.ts';
import { type MachineContext, offersMesh, wasDeleted, wrongState } from './context.ts';
import { isDamaged } from './damaged.ts';
import { notWritten } from './disk-full.ts';
import { createHostCapability, type HostCapability, machinesCache, ownArch, usualQemu } from './host-capability.ts';
import { pause } from './images/download.ts';
import { createImageStore, notReady, type ReadyImage } from './images/image-store.ts';
import { diskInfo } from './images/qemu-img.ts';
import { createMachine, type Machine } from './machine.ts';
import type { KeptMemory, Steps } from './machine-start.ts';
import { createMachineStore } from './machine-store.ts';
import { createMetricsHub, type MetricsHub } from './metrics-hub.ts';
import { knowsStream, meshNetwork } from './network/mesh.ts';
import { slirpNetwork } from './network/slirp.ts';
import { changeOpenings, withoutMesh } from './openings.ts';
import { makePlan, type Plan } from './plan.ts';
import { planReach } from './plan-reach.ts';
import type { MachinesDeps } from './ports.ts';
import { growDisk } from './prepare.ts';
import { diskNode } from './qemu/jobs.ts';
import { qemuImgBeside } from './qemu/locate.ts';
import { type MachineRecord, neverStarted, newMachineId, newUuid } from './record.ts';
import { noDisk } from './snapshots.ts';
import { viewOf } from './view.ts';

const MiB = 1024 * 1024;
/** How long a deploy or start waits for the guest before it says that the machine runs but has not answered yet. */
const readyMs = { micro: 180_000, cloud: 900_000 } as const;

const probePatienceMs = 3_000;
/** Stands for the id of a machine that is not there yet. */
const planned = 'planned';

export interface MachinesService {
  readonly context: MachineContext;
  readonly capability: HostCapability;
  readonly machines: Map<string, Machine>;
  /** Register a record and give it life. */
  add(record: MachineRecord, damaged?: boolean): Machine;
  /** By id or name; throws NOT_FOUND. */
  resolve(name: string): Machine;
  view(machine: Machine): Promise<MachineView>;
  hub(machine: Machine): MetricsHub;
  imageOf(machine: Machine): Promise<ReadyImage>;
  plan(spec: MachineSpec): Promise<Plan>;
  deploy(spec: MachineSpec, task: TaskContext): Promise<Machine>;
  /** Start within an action of the machine, if this computer can carry it. */
  startClaimed(machine: Machine, image: ReadyImage, steps: Steps, snapshot?: KeptMemory): Promise<void>;
  /** Images that a machine or a deploy under way needs. */
  imagesInUse(): Set<string>;
  start(machine: Machine, task: Pick<TaskContext, 'signal' | 'step'>): Promise<void>;
  resize(machine: Machine, wanted: { cpus?: number; memoryMiB?: number; diskMiB?: number }): Promise<boolean>;
  remove(machine: Machine): Promise<number>;
  /** A deleted machine is listed no more. */
  forget(machine: Machine): void;
}

export async function createService(deps: MachinesDeps, runDir: string, bootId: string): Promise<MachinesService> {
  const { host, log, emit, home } = deps;
  const changed = (id: string): void => emit({ topic: 'machines', ids: [id] });
  const store = createMachineStore(join(home, 'machines'), log);
  const images = createImageStore({
    host,
    log,
    home,
    arch: ownArch,
    config: deps.images ?? {},
    changed: () => emit({ topic: 'machines', ids: [] }),
  });
  const capability = createHostCapability({
    host,
    log,
    arch: ownArch,
    cacheDir: deps.cacheDir ?? machinesCache(home),
    bootId,
    runDir,
    locate: deps.locateQemu ?? (() => usualQemu(deps.settings.qemuPath())),
    micro: images.micro,
    changed: () => emit({ topic: 'machines', ids: [] }),
  });
  const context: MachineContext = {
    host,
    log,
    store,
    images,
    network: deps.mesh ? meshNetwork(slirpNetwork, { mesh: deps.mesh, runDir, log }) : slirpNetwork,
    openings: deps.mesh ?? withoutMesh,
    runDir,
    bootId,
    serialSilenceMs: deps.serialSilenceMs ?? 15_000,
    qemu: capability.qemu,
    accelerator: capability.verdict,
    distrust: capability.distrust,
    changed,
    probe: deps.probe ?? (() => {}),
  };
  const machines = new Map<string, Machine>();
  const hubs = new Map<string, MetricsHub>();
  /** Deploys under way that have no record yet, by name, and starts under way, by id: what they will take is taken already. */
  const claims = new Map<string, { readonly image: string; readonly cpus: number; readonly memoryMiB: number }>();
  /** What every machine takes from this computer; one that waits for a smaller size still has the larger one. */
  const records = (except: string | null = null): Held[] => [
    ...[...machines.values()]
      .filter(({ record }) => record.id !== except)
      .map(({ record, live }) => ({
        name: record.spec.name,
        busy: busyStates.has(record.state) || claims.has(record.id),
        cpus: Math.max(record.spec.cpus, live?.size.cpus ?? 0),
        memoryMiB: Math.max(record.spec.memoryMiB, live?.size.memoryMiB ?? 0),
      })),
    ...[...claims]
      .filter(([key]) => !machines.has(key) && key !== except)
      .map(([name, size]) => ({ name, busy: true, ...size })),
  ];

  /** Refuse a machine that this computer cannot carry; otherwise its size is claimed until `end` is called. */
  async function claim(key: string, spec: Pick<MachineSpec, 'image' | 'cpus' | 'memoryMiB'>): Promise<() => void> {
    const size = await capability.describe();
    // From here to the claim nothing waits: two starts at once cannot both get the last of the memory.
    const [refusal] = admit(size, records(key), spec);
    if (refusal !== undefined) throw fail('NOT_ENOUGH_RESOURCES', refusal.text, { next: refusal.next });
    claims.set(key, { image: spec.image, cpus: spec.cpus, memoryMiB: spec.memoryMiB });
    return () => void claims.delete(key);
  }

  function add(record: MachineRecord, damaged = false): Machine {
    const machine = createMachine(context, record, damaged);
    machines.set(record.id, machine);
    hubs.set(record.id, createMetricsHub(machine, host));
    return machine;
  }

  function hub(machine: Machine): MetricsHub {
    const found = hubs.get(machine.record.id);
    if (found === undefined) throw fail('NOT_FOUND', 'This machine was deleted.');
    return found;
  }

  function resolve(name: string): Machine {
    const all = [...machines.values()];
    const found = machines.get(name) ?? all.find((m) => m.record.spec.name === name);
    if (found === undefined) {
      throw fail('NOT_FOUND', `There is no machine named ${name}.`, { next: 'Look at the list of machines.' });
    }
    return found;
  }

  async function imageOf(machine: Machine): Promise<ReadyImage> {
    const id = machine.record.spec.image;
    const image = await images.ready(id);
    if (image === null) throw notReady(id);
    return image;
  }

  /** Whether a machine that is made now gets a place on the mesh. */
  async function meshState(): Promise<'on' | 'off' | 'without'> {
    if (!context.network.knowsMesh) return 'without';
    const version = await context.qemu().then(
      (qemu) => qemu.version,
      () => null,
    );
    if (version !== null && !knowsStream(version)) return 'without';
    return context.network.offersMesh(planned) ? 'on' : 'off';
  }

  async function plan(spec: MachineSpec, own: string | null = null): Promise<Plan> {
    const image = await images.find(spec.image);
    const size = await capability.describe();
    const mesh = planReach(context.openings, spec.firewall, await meshState());
    return makePlan({ spec, image, capability: size, others: records(own), hostName: hostname(), mesh });
  }

  async function startClaimed(machine: Machine, image: ReadyImage, steps: Steps, snapshot?: KeptMemory): Promise<void> {
    const { record } = machine;
    if (machine.live !== null) throw wrongState(record.spec.name, record.state, 'stopped');
    const end = await claim(record.id, record.spec);
    try {
      await machine.start(image, steps, snapshot);
    } finally {
      end();
    }
  }

  async function remove(machine: Machine): Promise<number> {
    const { id } = machine.record;
    machine.hurry();
    const freed = await machine.exclusive(() => machine.remove(), true);
    forget(machine);
    changed(id);
    return freed;
  }

  function forget({ record: { id } }: Machine): void {
    machines.delete(id);
    hubs.delete(id);
  }

  async function whenReady(
    machine: Machine,
    image: ReadyImage,
    task: Pick<TaskContext, 'signal' | 'step'>,
  ): Promise<void> {
    task.step('ready', 'Wait until it answers');
    const deadline = new AbortController();
    const cancel = host.setTimer(readyMs[image.kind], () => deadline.abort());
    const ready = await machine.untilReady(AbortSignal.any([task.signal, deadline.signal]));
    cancel();
    if (task.signal.aborted) throw task.signal.reason;
    if (ready) {
      await machine.exclusive(async () => {
        if (machine.live !== null && !machine.record.ready) await machine.settle({ ready: true });
      });
      return;
    }
    const { state, detail } = machine.record;
    if (machine.live?.stuck) {
      throw fail('DISK_FULL', `The machine is held still. ${detail}`.trim(), {
        meaning: 'It goes on from where it is, nothing of it is lost.',
        next: 'Free some space, then resume it.',
      });
    }
    if (machine.live === null && state !== 'running') {
      throw fail('DIED_AT_START', `The machine ended before it answered. ${detail}`, {
        meaning: 'It is not running. Its disk, if it has one, is kept.',
        next: 'Look at its console for its last words, then start it again or delete it.',
      });
    }
  }

  async function deploy(spec: MachineSpec, task: TaskContext): Promise<Machine> {
    task.step('check', 'Check that this computer can carry it');
    if (claims.has(spec.name))
      throw fail('NAME_TAKEN', `There is already a machine named ${spec.name}.`, { next: 'Choose another name.' });
    claims.set(spec.name, { image: spec.image, cpus: spec.cpus, memoryMiB: spec.memoryMiB });
    let machine: Machine | null = null;
    try {
      const { blockers } = await plan(spec, spec.name);
      const [first] = blockers;
      if (first !== undefined) {
        throw fail(first.code, first.text, { meaning: 'Nothing was made.', next: first.next, data: { blockers } });
      }
      const qemu = await capability.qemu();
      // Worth a short wait: a machine keeps the accelerator it was started with. A probe that takes long has met one that hangs.
      if (capability.verdict() === null) await Promise.race([capability.probe(false), pause(host, probePatienceMs)]);
      context.probe('checked');
      task.step('image', `Bring the image ${spec.image}`, { total: null, unit: 'bytes' });
      const image = await images.fetch(
        spec.image,
        task.signal,
        (done, total) => task.progress(done, total ?? undefined),
        qemuImgBeside(qemu.path),
      );
      context.probe('image ready');
      if (task.signal.aborted) throw task.signal.reason;
      const record: MachineRecord = {
        format: 'hypha-machine/1',
        id: newMachineId(host.random),
        uuid: newUuid(host.random),
        spec: { ...spec, firewall: changeOpenings(context.openings, [], spec.firewall, []) },
        state: 'preparing',
        detail: '',
        wanted: 'running',
        ...neverStarted(),
        createdAt: host.now(),
        user: image.user,
      };
      await store.create(record);
      context.probe('recorded');
      const made = add(record);
      machine = made;
      claims.delete(spec.name);
      changed(record.id);
      await made.exclusive(() => made.start(image, task));
      await whenReady(made, image, task);
      if (made.deleted.aborted || made.record.deleting) throw wasDeleted(spec.name);
      context.probe('ready');
      return made;
    } catch (error) {
      // Cancelled by the person: nothing of it stays. Failed: it stays, with its cause, to look at or to try again. Hypha
      // is stopping: it stays too, running if it runs.
      const { aborted, reason } = task.signal;
      const stopping = isFail(reason) && reason.data?.stopping === true;
      if (aborted && !stopping && machine !== null && !machine.deleted.aborted) await remove(machine);
      throw error;
    } finally {
      if (machine === null) claims.delete(spec.name);
    }
  }

  return {
    context,
    capability,
    machines,
    add,
    resolve,
    hub,
    imageOf,
    plan,
    deploy,
    remove,
    forget,
    startClaimed,
    imagesInUse: () =>
      new Set([...[...machines.values()].map((m) => m.record.spec.image), ...[...claims.values()].map((c) => c.image)]),
    async view(machine) {
      const { record } = machine;
      const { openings } = context;
      const used = await store.used(record.id);
      const offered = await offersMesh(context, record.id).catch(() => false);
      return viewOf(
        record,
        machine.live,
        hub(machine).latest(),
        store.paths(record.id).knownHosts,
        used,
        offered,
        openings,
      );
    },
    async start(machine, task) {
      if (machine.damaged) throw isDamaged(machine.record);
      const image = await imageOf(machine);
      await machine.exclusive(() => startClaimed(machine, image, task));
      await whenReady(machine, image, task);
    },
    async resize(machine, wanted) {
      const { record } = machine;
      const cpus = wanted.cpus ?? record.spec.cpus;
      const memoryMiB = wanted.memoryMiB ?? record.spec.memoryMiB;
      const size = await capability.describe();
      const [refusal] = admit(size, records(record.id), { cpus, memoryMiB });
      if (refusal !== undefined) throw fail('NOT_ENOUGH_RESOURCES', refusal.text, { next: refusal.next });
      const grow = wanted.diskMiB === undefined ? null : await plannedGrowth(machine, wanted.diskMiB);
      const { diskMiB } = record.spec;
      const spec = { ...record.spec, cpus, memoryMiB, diskMiB: wanted.diskMiB ?? diskMiB };
      await machine.update({ spec });
      try {
        await grow?.();
      } catch (error) {
        await machine.settle({ spec: record.spec });
        throw notWritten(error);
      }
      const grown = grow !== null;
      const { live } = machine;
      return live !== null && (grown || cpus !== live.size.cpus || memoryMiB !== live.size.memoryMiB);
    },
  };

  /** How the disk comes to its new size; null when it has that size. Its file system grows at the machine's next start. */
  async function plannedGrowth(machine: Machine, sizeMiB: number): Promise<(() => Promise<unknown>) | null> {
    const { record, live } = machine;
    const qemuImg = qemuImgBeside((await capability.qemu()).path);
    const info = await diskInfo(qemuImg, store.paths(record.id).disk, 'qcow2').catch(() => null);
    if (info === null) throw noDisk(record.spec.name);
    const now = info['virtual-size'];
    if (sizeMiB * MiB < now) {
      throw fail('CANNOT_SHRINK', `The disk has ${Math.ceil(now / MiB)} MiB; disks only grow.`, {
        meaning: 'Nothing was changed.',
        next: 'Choose a larger size.',
      });
    }
    if (sizeMiB * MiB === now) return null;
    if (live === null) return () => growDisk(context, record, sizeMiB);
    return () => live.qmp.execute('block_resize', { 'node-name': diskNode, size: sizeMiB * MiB });
  }
}
