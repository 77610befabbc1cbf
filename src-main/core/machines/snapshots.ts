import { fail, isFail } from '#shared/rpc/fail.ts';
import { type MachineContext, wrongState } from './context.ts';
import { type DiskInfo, diskInfo, offlineSnapshot } from './images/qemu-img.ts';
import type { Live } from './live.ts';
import type { Machine } from './machine.ts';
import type { KeptMemory } from './machine-start.ts';
import { runSnapshotJob } from './qemu/jobs.ts';
import { qemuImgBeside } from './qemu/locate.ts';
import type { MachineRecord } from './record.ts';

/** Tags in the disk carry a prefix: a bare number would be taken for one of QEMU's own snapshot ids. */
export const snapshotTag = (name: string): string => `hypha ${name}`;

export const noDisk = (name: string) =>
  fail('NO_DISK', `The machine ${name} has no disk, and snapshots are kept on a machine’s disk.`, {
    meaning: 'Nothing was changed.',
    next: 'Deploy it again with a disk.',
  });

const noSnapshot = (machine: Machine, name: string) =>
  fail('NOT_FOUND', `The machine ${machine.record.spec.name} has no snapshot named "${name}".`, {
    next: 'Look at its snapshots.',
  });

/** @throws Fail NOT_FOUND */
export function snapshotOf(machine: Machine, name: string): MachineRecord['snapshots'][number] {
  const kept = machine.record.snapshots.find((s) => s.name === name);
  if (kept === undefined) throw noSnapshot(machine, name);
  return kept;
}

/** @throws Fail NAME_TAKEN */
export function refuseSameName({ record }: Machine, name: string): void {
  if (!record.snapshots.some((s) => s.name === name)) return;
  throw fail('NAME_TAKEN', `There is already a snapshot named "${name}".`, { next: 'Choose another name.' });
}

const restStates: readonly string[] = ['stopped', 'crashed', 'failed'];

async function tools(context: MachineContext, machine: Machine) {
  const program = qemuImgBeside((await context.qemu()).path);
  const { disk } = context.store.paths(machine.record.id);
  const info = await diskInfo(program, disk, 'qcow2').catch(() => null);
  if (info === null) throw noDisk(machine.record.spec.name);
  return { program, disk, info };
}

/** Tags of ours that no record knows. */
function strays(info: DiskInfo, record: MachineRecord): string[] {
  const known = new Set(record.snapshots.map((s) => snapshotTag(s.name)));
  return (info.snapshots ?? []).map((s) => s.name).filter((tag) => tag.startsWith(snapshotTag('')) && !known.has(tag));
}

/** Keep disk and, when the machine is live, memory. The machine stands still meanwhile. */
export async function takeSnapshot(
  context: MachineContext,
  machine: Machine,
  name: string,
  progress: (done: number, total: number) => void,
): Promise<void> {
  const { record, live } = machine;
  const { program, disk, info } = await tools(context, machine);
  refuseSameName(machine, name);
  if (live === null && !restStates.includes(record.state)) {
    throw wrongState(record.spec.name, record.state, 'running or stopped');
  }
  const memory = live !== null;
  const drop = (tag: string): Promise<void> =>
    live === null
      ? offlineSnapshot(program, disk, 'd', tag)
      : runSnapshotJob(live, context.host, 'snapshot-delete', tag);
  // On the disk but not in the record: made just before a crash, or by a QEMU that ended its work after it was given up. Never
  // acknowledged, seen by nobody, and taking space.
  for (const tag of strays(info, record)) await drop(tag);
  if (live !== null) await runSnapshotJob(live, context.host, 'snapshot-save', snapshotTag(name), progress);
  else await offlineSnapshot(program, disk, 'c', snapshotTag(name));
  const after = await diskInfo(program, disk, 'qcow2');
  const size = after.snapshots?.find((s) => s.name === snapshotTag(name))?.['vm-state-size'] ?? 0;
  // Of the machine as it runs, which a resize changes only at its next start.
  const { cpus, memoryMiB } = live?.size ?? record.spec;
  const { sshKeys } = (live === null ? null : record.startedWith) ?? record.spec;
  const internet = live?.link.hasInternetCard ?? record.spec.internet;
  const mesh = record.startedWith?.mesh ?? false;
  const kept = { name, at: context.host.now(), memory, size, cpus, memoryMiB, internet, mesh, sshKeys };
  try {
    await machine.update({ snapshots: [...machine.record.snapshots, kept] });
  } catch (error) {
    // A snapshot that nobody can see would only take space.
    await drop(snapshotTag(name)).catch((left: unknown) =>
      context.log.warn({ error: String(left) }, 'a snapshot was left in a disk'),
    );
    throw error;
  }
}

/** Put disk and, when the snapshot has it, memory back. @param start start a machine at rest from a snapshot. */
export async function restoreSnapshot(
  context: MachineContext,
  machine: Machine,
  name: string,
  start: (snapshot: KeptMemory) => Promise<void>,
): Promise<void> {
  const { record, live } = machine;
  const kept = snapshotOf(machine, name);
  const { program, disk } = await tools(context, machine);
  if (!kept.memory && live !== null)
    throw wrongState(record.spec.name, record.state, 'stopped, because this snapshot holds only the disk');
  if (!kept.memory) {
    await offlineSnapshot(program, disk, 'a', snapshotTag(name));
    await machine.settle({ state: 'stopped', detail: '' });
    return;
  }
  // Memory fits only into a machine of the same size; what was asked for since then waits for the next start.
  const { cpus, memoryMiB } = live?.size ?? record.spec;
  if (kept.cpus !== cpus || kept.memoryMiB !== memoryMiB) {
    throw fail('WRONG_STATE', `This snapshot was taken with ${kept.cpus} CPU and ${kept.memoryMiB} MiB of memory.`, {
      meaning: 'Nothing was changed.',
      next: 'Give the machine that size again, then restore.',
    });
  }
  const { internet = record.spec.internet, mesh = false, sshKeys = record.spec.sshKeys } = kept;
  if (live === null) {
    await start({ tag: snapshotTag(name), internet, mesh, sshKeys });
    return;
  }
  if (mesh !== (record.startedWith?.mesh ?? false)) {
    throw fail('WRONG_STATE', `This snapshot was taken ${mesh ? 'with' : 'without'} a network card for the mesh.`, {
      meaning: 'Nothing was changed.',
      next: 'Shut the machine down, then put it back: it is started as it was then.',
    });
  }
  if (internet !== live.link.hasInternetCard) {
    throw fail(
      'WRONG_STATE',
      `This snapshot was taken ${internet ? 'with' : 'without'} a network card for the internet.`,
      {
        meaning: 'Nothing was changed.',
        next: 'Shut the machine down, then put it back: it is started as it was then.',
      },
    );
  }
  try {
    await runSnapshotJob(live, context.host, 'snapshot-load', snapshotTag(name));
  } catch (error) {
    throw await afterFailedLoad(machine, live, error);
  }
  // Loading leaves the machine paused or running as it was when it was kept.
  await live.link.setInternet(live.qmp, record.spec.internet);
  await live.qmp.execute('cont');
  const startedWith = record.startedWith === null ? null : { ...record.startedWith, sshKeys };
  await machine.settle({ state: 'running', detail: '', startedWith });
}

/** QEMU holds the guest still when it could not load. A snapshot that is not there has changed nothing, so the guest goes on. */
async function afterFailedLoad(machine: Machine, live: Live, error: unknown): Promise<unknown> {
  if (isFail(error) && notThere.test(error.message)) {
    await live.qmp.execute('cont').catch(() => {});
    return error;
  }
  if (live.hasGone || live.released) return error;
  const next = 'Switch it off, then put the snapshot back again.';
  await machine.settle({ state: 'paused', detail: `A snapshot could be put back only in part. ${next}` });
  const message = isFail(error) ? error.message : String(error);
  return fail('INTERNAL', message, {
    meaning: 'The machine is held still; what came after the snapshot may be lost.',
    next,
  });
}

/** QEMU's and qemu-img's words for a snapshot that the disk does not have. */
const notThere = /does not exist|not find|does not have the requested snapshot/;

export async function deleteSnapshot(context: MachineContext, machine: Machine, name: string): Promise<void> {
  const { live } = machine;
  snapshotOf(machine, name);
  const { program, disk, info } = await tools(context, machine);
  try {
    if (live !== null) await runSnapshotJob(live, context.host, 'snapshot-delete', snapshotTag(name));
    else if (info.snapshots?.some((s) => s.name === snapshotTag(name)))
      await offlineSnapshot(program, disk, 'd', snapshotTag(name));
  } catch (error) {
    // Gone from the disk already: what is left is to forget it.
    if (!isFail(error) || !notThere.test(error.message)) throw error;
  }
  // It is gone from the disk, whether that can be written or not: deleting snapshots must work on a full disk.
  await machine.settle({ snapshots: machine.record.snapshots.filter((s) => s.name !== name) });
}
