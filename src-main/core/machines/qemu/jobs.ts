import { z } from 'zod';
import type { Host } from '#core/host.ts';
import { fail } from '#shared/rpc/fail.ts';
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

/** The node that holds the guest's memory in a snapshot, and the only one a snapshot is made of. */
export const diskNode = 'disk0';

/**
 * Run one of QEMU's snapshot jobs to its end (QEMU QMP reference, "snapshot-save"). The job's own error comes as a Fail; its
 * progress is QEMU's, in its unit.
 */
export async function runSnapshotJob(
  qmp: Qmp,
  host: Host,
  command: 'snapshot-save' | 'snapshot-load' | 'snapshot-delete',
  tag: string,
  progress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const id = `${command}-${host.now().toString(36)}`;
  const memory = command === 'snapshot-delete' ? {} : { vmstate: diskNode };
  await qmp.execute(command, { 'job-id': id, tag, devices: [diskNode], ...memory }, 60_000);
  for (;;) {
    const job = jobsSchema.parse(await qmp.execute('query-jobs', {}, 60_000)).find((j) => j.id === id);
    if (job === undefined) return;
    progress(job['current-progress'], job['total-progress']);
    if (job.status === 'concluded') {
      await qmp.execute('job-dismiss', { id });
      if (job.error !== undefined && /No space left on device/.test(job.error)) {
        throw fail('DISK_FULL', 'This computer’s disk is full.', {
          meaning: 'The machine is as it was before.',
          next: 'Free some space, then try again.',
        });
      }
      if (job.error !== undefined) {
        throw fail('INTERNAL', `QEMU could not do it: ${job.error}`, { meaning: 'The machine is as it was before.' });
      }
      return;
    }
    await pause(host, 25);
  }
}
