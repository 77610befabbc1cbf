import { z } from 'zod';
import type { Host } from '#core/host.ts';
import { fail, isFail } from '#shared/rpc/fail.ts';
import { pause } from '../images/download.ts';
import type { Qmp } from './qmp.ts';

const jobsSchema = z.array(
  z.object({
    id: z.string(),
    status: z.string(),
    'current-progress': z.number(),
    'total-progress': z.number(),
    error: z.string().optional(),
  }),
);
type Job = z.infer<typeof jobsSchema>[number];

/** The node that holds the guest's memory in a snapshot, and the only one a snapshot is made of. */
export const diskNode = 'disk0';

/** The machine a job runs in. Its control connection may be lost and made again while the job goes on inside QEMU. */
export interface JobTarget {
  readonly qmp: Qmp;
  readonly size: { readonly memoryMiB: number };
  readonly hasGone: boolean;
  readonly released: boolean;
}

/** QEMU answers nobody while it writes or reads a snapshot's memory: a minute, and the memory at 4 MiB a second. */
export const silenceMs = (memoryMiB: number): number => 60_000 + memoryMiB * 250;

/**
 * Run one of QEMU's snapshot jobs to its end (QEMU QMP reference, "snapshot-save"). The job's own error comes as a Fail; its
 * progress is QEMU's, in its unit. QEMU keeps a job until it is dismissed, so a connection lost meanwhile does not make a failure of it.
 */
export async function runSnapshotJob(
  of: JobTarget,
  host: Host,
  command: 'snapshot-save' | 'snapshot-load' | 'snapshot-delete',
  tag: string,
  progress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const id = `${command}-${host.now().toString(36)}`;
  const memory = command === 'snapshot-delete' ? {} : { vmstate: diskNode };
  const patience = silenceMs(of.size.memoryMiB);
  const ask = async (asked: string, args: Record<string, unknown>): Promise<unknown> => {
    const { qmp } = of;
    try {
      return await qmp.execute(asked, args, patience);
    } catch (error) {
      if (!isFail(error, 'DISCONNECTED') || !(await connectedAgain(of, qmp, host))) throw error;
      return null;
    }
  };
  const jobs = async (): Promise<Job[]> => {
    for (;;) {
      const answer = await ask('query-jobs', {});
      if (answer !== null) return jobsSchema.parse(answer);
    }
  };
  const begun = await ask(command, { 'job-id': id, tag, devices: [diskNode], ...memory });
  for (let first = true; ; first = false) {
    const job = (await jobs()).find((j) => j.id === id);
    if (job === undefined) {
      if (first && begun === null) throw fail('DISCONNECTED', 'QEMU was not reached.', { next: 'Try again.' });
      return;
    }
    progress(job['current-progress'], job['total-progress']);
    if (job.status === 'concluded') {
      await ask('job-dismiss', { id });
      if (job.error !== undefined) throw jobFailed(job.error);
      return;
    }
    await pause(host, 25);
  }
}

/** Whether `was` was lost and another connection stands in its place. One that is still there is only slow: false. */
async function connectedAgain(of: JobTarget, was: Qmp, host: Host): Promise<boolean> {
  if (!was.lost) return false;
  // Whoever holds the machine connects again within seconds, or finds it gone.
  while (of.qmp === was && !of.hasGone && !of.released) await pause(host, 25);
  return of.qmp !== was;
}

function jobFailed(error: string) {
  const meaning = 'The machine is as it was before.';
  return /No space left on device/.test(error)
    ? fail('DISK_FULL', 'This computer’s disk is full.', { meaning, next: 'Free some space, then try again.' })
    : fail('INTERNAL', `QEMU could not do it: ${error}`, { meaning });
}
