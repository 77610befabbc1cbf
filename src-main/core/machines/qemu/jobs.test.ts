import { describe, expect, it } from 'vitest';
import { fail } from '#shared/rpc/fail.ts';
import { realHost } from '../testing/rig.ts';
import { type JobTarget, runSnapshotJob } from './jobs.ts';
import type { Qmp } from './qmp.ts';

const gone = () => fail('DISCONNECTED', 'gone');

/** A QEMU of one job; `answer` is asked for each command, and may lose the connection by throwing. */
function fakeQmp(answer: (command: string, args: Record<string, unknown>) => unknown): Qmp {
  let lost = false;
  return {
    async execute(command, args = {}) {
      try {
        return answer(command, args);
      } catch (error) {
        lost = true;
        throw error;
      }
    },
    overdue: 0,
    get lost() {
      return lost;
    },
    onEvent: () => () => {},
    closed: Promise.resolve(),
    destroy() {},
  };
}

describe('a snapshot job whose connection is lost', () => {
  const size = { memoryMiB: 64 };
  const job = (id: unknown, status: string, error?: string) => [
    { id, status, 'current-progress': 1, 'total-progress': 1, ...(error === undefined ? {} : { error }) },
  ];

  it('is what QEMU says of it on the next connection, done or failed', async () => {
    for (const error of [undefined, 'no room']) {
      const of: { -readonly [K in keyof JobTarget]: JobTarget[K] } = {
        size,
        hasGone: false,
        released: false,
        qmp: fakeQmp((command, args) => {
          if (command !== 'query-jobs') {
            const id = args['job-id'];
            again = fakeQmp((asked) => (asked === 'query-jobs' ? job(id, 'concluded', error) : {}));
            return {};
          }
          setImmediate(() => {
            of.qmp = again;
          });
          throw gone();
        }),
      };
      let again = of.qmp;
      const run = runSnapshotJob(of, realHost, 'snapshot-save', 'hypha a');
      if (error === undefined) await run;
      else await expect(run).rejects.toMatchObject({ code: 'INTERNAL', message: expect.stringContaining(error) });
    }
  });

  it('fails when the machine is gone, or never heard of it', async () => {
    const deaf = fakeQmp(() => {
      throw gone();
    });
    const dead = { size, hasGone: true, released: false, qmp: deaf };
    await expect(runSnapshotJob(dead, realHost, 'snapshot-save', 'hypha a')).rejects.toMatchObject({
      code: 'DISCONNECTED',
    });
    const of: { -readonly [K in keyof JobTarget]: JobTarget[K] } = {
      size,
      hasGone: false,
      released: false,
      qmp: fakeQmp(() => {
        setImmediate(() => {
          of.qmp = fakeQmp(() => []);
        });
        throw gone();
      }),
    };
    await expect(runSnapshotJob(of, realHost, 'snapshot-save', 'hypha a')).rejects.toMatchObject({
      code: 'DISCONNECTED',
      next: 'Try again.',
    });
  });
});
