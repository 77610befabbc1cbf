import { readdir } from 'node:fs/promises';
import { isFail } from '#shared/rpc/fail.ts';
import { commandMark } from './qemu/command-line.ts';
import { killMachine, killMarked, removeRunPlace } from './qemu/launch.ts';
import { probeMark } from './qemu/probe-accelerator.ts';
import { findByCommand, isQemu, type ProcessIdentity } from './qemu/process.ts';
import type { MachineRecord } from './record.ts';
import type { MachinesService } from './service.ts';

/**
 * After a start of the agent: find every QEMU of this run directory by its command line (a pid file or a record may be older than the
 * truth), give each machine its process or the news that it has none, and end those that belong to no machine.
 */
export async function recover(service: MachinesService): Promise<void> {
  const { context, capability } = service;
  const { runDir, store, log, host } = context;
  const { records, damaged } = await store.load();
  const anywhere = process.platform === 'win32' ? 'hypha-' : `${runDir}/`;
  const running = (await findByCommand(anywhere)).filter((p) => isQemu(p.command));
  const claimed = new Set<number>();
  for (const record of records) {
    const machine = service.add(record);
    const found = running.find((p) => p.command.includes(commandMark(runDir, record.id))) ?? null;
    if (found !== null) claimed.add(found.pid);
    try {
      await machine.exclusive(() => machine.adopt(found));
    } catch (error) {
      log.error({ machine: record.id, error: String(error) }, 'a machine could not be taken up');
    }
    if (machine.deleted.aborted) service.forget(machine);
  }
  for (const record of damaged) {
    // One that runs goes on: the person may be in the middle of work in it. Deleting it ends it.
    const found = running.find((p) => p.command.includes(commandMark(runDir, record.id))) ?? null;
    const process = found === null ? null : { pid: found.pid, startTime: found.startTime, bootId: context.bootId };
    const detail = found === null ? record.detail : `${record.detail} It still runs, as process ${found.pid}.`;
    service.add({ ...record, process, detail }, true);
  }
  const known = new Set<string>([...records, ...damaged].map((r) => r.id));
  for (const stray of running.filter((p) => !claimed.has(p.pid))) {
    const id = idOf(stray, runDir);
    if (id === null && stray.command.includes(probeMark(runDir))) await killMarked(stray, probeMark(runDir), host);
    if (id === null || known.has(id)) continue;
    log.warn({ pid: stray.pid }, 'a QEMU of no machine was left behind by a crash and is ended');
    await killMachine(stray, runDir, id, host);
  }
  for (const name of await readdir(runDir).catch(() => [])) {
    if (!known.has(name)) await removeRunPlace(runDir, name);
  }
  void startWanted(service).then(() => capability.probe(false));
}

function idOf(process: ProcessIdentity, runDir: string): string | null {
  for (const [id] of process.command.matchAll(/[a-z2-7]{12}/g)) {
    if (process.command.includes(commandMark(runDir, id))) return id;
  }
  return null;
}

/**
 * Whether a machine at rest is to be started now. A start that failed wants the machine stopped; one that a power cut ended still wants it
 * running, whatever the state it left.
 */
export const startsByItself = ({ spec, wanted, state }: Pick<MachineRecord, 'spec' | 'wanted' | 'state'>): boolean =>
  spec.autostart && wanted === 'running' && ['stopped', 'crashed', 'failed'].includes(state);

/** Start what is to run by itself, one after another, so that a weak computer is not overrun at once. */
async function startWanted(service: MachinesService): Promise<void> {
  const { log } = service.context;
  for (const machine of [...service.machines.values()]) {
    const { id } = machine.record;
    if (!startsByItself(machine.record)) continue;
    try {
      const image = await service.imageOf(machine);
      const steps = { signal: service.capability.closed, step: () => {} };
      if (steps.signal.aborted) return;
      await machine.exclusive(() => service.startClaimed(machine, image, steps));
    } catch (error) {
      if (machine.live === null && isFail(error, 'NOT_ENOUGH_RESOURCES')) {
        await machine.settle({ detail: `It did not start by itself. ${error.message}` });
      }
      log.warn({ machine: id, error: String(error) }, 'a machine did not start by itself');
    }
  }
}
