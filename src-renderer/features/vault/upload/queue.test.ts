import { afterEach, describe, expect, it } from 'vitest';
import { agentContract } from '#shared/contract/agent.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { type Answers, connectDouble } from '#shared/rpc/double.ts';
import { fail } from '#shared/rpc/fail.ts';
import type { UploadSource } from './job.ts';
import { createUploadQueue, type UploadQueue } from './queue.ts';

const MiB = 1024 * 1024;
type Contract = typeof agentContract;
const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** An agent that keeps what it is sent, and can be held before each write. */
async function agent(overrides: Answers<Contract> = {}) {
  const open = new Map<string, { path: string; size: number; bytes: number }>();
  const log: string[] = [];
  let n = 0;
  let most = 0;
  let gate: Promise<void> | null = null;
  const answers: Answers<Contract> = {
    'vault.uploadOpen': (input) => {
      n += 1;
      const path = input.path.join('/');
      open.set(`u${n}`, { path, size: input.size, bytes: 0 });
      most = Math.max(most, open.size);
      log.push(`open ${path}`);
      return { upload: `u${n}` as never, skipped: input.clash === 'skip' && path === 'taken' };
    },
    'vault.uploadWrite': async (input) => {
      await gate;
      const upload = open.get(input.upload);
      if (!upload) throw fail('NOT_FOUND', 'There is no such upload.');
      if (upload.bytes !== input.offset) throw fail('OUT_OF_ORDER', 'Out of order.');
      if (input.bytes.length > MiB) throw fail('TOO_LARGE', 'Too large.');
      upload.bytes += input.bytes.length;
      log.push(`write ${upload.path} ${input.offset}`);
      return { received: upload.bytes };
    },
    'vault.uploadCommit': (input) => {
      const upload = open.get(input.upload);
      if (!upload || upload.bytes !== upload.size) throw fail('INCOMPLETE', 'Incomplete.');
      open.delete(input.upload);
      log.push(`commit ${upload.path}`);
      return { item: item(upload.path, upload.size) };
    },
    'vault.uploadAbort': (input) => {
      log.push(`abort ${open.get(input.upload)?.path}`);
      open.delete(input.upload);
      return {};
    },
    ...overrides,
  };
  const double = await connectDouble(agentContract, answers);
  closers.push(double.close);
  return {
    client: double.client,
    log,
    open,
    most: () => most,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      gate = promise;
      return () => {
        gate = null;
        resolve();
      };
    },
  };
}

function item(name: string, size: number) {
  const at = 1;
  return {
    id: `i-${name.replace(/\W/g, '_')}` as ItemId,
    parent: null,
    kind: 'file' as const,
    name,
    size,
    modified: at,
    added: at,
    mime: 'text/plain',
    safety: 'only-here' as const,
    verifiedAt: null,
    binnedAt: null,
  };
}

/** A file of zeros that counts how much of it is in memory at once. */
function file(name: string, size: number, seen?: { most: number }): UploadSource {
  return {
    path: name.split('/'),
    modified: 5,
    bytes: {
      size,
      slice: (start, end) => ({
        arrayBuffer: async () => {
          if (seen) seen.most = Math.max(seen.most, end - start);
          return new ArrayBuffer(end - start);
        },
      }),
    },
  };
}

function queueFor(client: Parameters<typeof createUploadQueue>[0]['client'], atOnce?: number) {
  let clock = 0;
  const timers: (() => void)[] = [];
  const queue = createUploadQueue({
    client,
    now: () => {
      clock += 10;
      return clock;
    },
    later: (_ms, fire) => {
      timers.push(fire);
      queueMicrotask(() => {
        for (const timer of timers.splice(0)) timer();
      });
    },
    random: () => 0.5,
    atOnce,
  });
  return queue;
}

const settled = (queue: UploadQueue, ready: () => boolean) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (!ready()) return;
      off();
      resolve();
    };
    const off = queue.subscribe(look);
    queueMicrotask(look);
  });
const states = (queue: UploadQueue) => queue.view().jobs.map((j) => j.state);
const ended = (queue: UploadQueue) => () => queue.view().totals.left === 0;

describe('the upload queue', () => {
  it('sends small files first, at most four at a time, in chunks of at most 1 MiB', async () => {
    const a = await agent();
    const queue = queueFor(() => a.client);
    const seen = { most: 0 };
    queue.add(
      [5 * MiB, 10, 3 * MiB, 0, 200, 7].map((size, i) => file(`dir/f${i}`, size, seen)),
      'root',
      'both',
    );
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(Array(6).fill('done'));
    expect(a.log.filter((l) => l.startsWith('open')).slice(0, 4)).toEqual([
      'open dir/f3',
      'open dir/f5',
      'open dir/f1',
      'open dir/f4',
    ]);
    expect(a.most()).toBeLessThanOrEqual(4);
    expect(seen.most).toBe(MiB);
    const { totals } = queue.view();
    expect([totals.done, totals.sent, totals.failed]).toEqual([6, totals.bytes, 0]);
  });

  it('goes on from where it was after a pause', async () => {
    const a = await agent();
    const queue = queueFor(() => a.client);
    const go = a.hold();
    queue.add([file('big', 4 * MiB)], 'root', 'both');
    await settled(queue, () => a.log.includes('open big'));
    const [job] = queue.view().jobs;
    queue.pause(job?.id ?? 0);
    queue.resume(job?.id ?? 0);
    queue.pause(job?.id ?? 0);
    go();
    await settled(queue, () => queue.view().totals.sending === 0);
    expect(states(queue)).toEqual(['paused']);
    queue.resume(job?.id ?? 0);
    await settled(queue, ended(queue));
    expect(a.log.filter((l) => l.startsWith('open'))).toHaveLength(1);
    expect(states(queue)).toEqual(['done']);
  });

  it('begins again when the agent dropped a paused upload', async () => {
    const a = await agent();
    const queue = queueFor(() => a.client);
    const go = a.hold();
    queue.add([file('big', 3 * MiB)], 'root', 'both');
    await settled(queue, () => a.log.includes('open big'));
    queue.pauseAll();
    go();
    await settled(queue, () => queue.view().totals.sending === 0);
    a.open.clear();
    queue.resumeAll();
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['done']);
    expect(a.log.filter((l) => l === 'open big')).toHaveLength(2);
  });

  it('begins again when the agent drops an upload midway; a folder that is gone is a failure', async () => {
    let drops = 1;
    const a = await agent();
    const b = await agent({
      'vault.uploadOpen': (input) => {
        if (input.path[0] === 'nowhere') throw fail('NOT_FOUND', 'There is no such folder.');
        return a.client['vault.uploadOpen'](input);
      },
      'vault.uploadWrite': (input) => {
        if (input.offset > 0 && drops-- > 0) a.open.clear();
        return a.client['vault.uploadWrite'](input);
      },
      'vault.uploadCommit': (input) => a.client['vault.uploadCommit'](input),
    });
    const queue = queueFor(() => b.client);
    queue.add([file('big', 2 * MiB)], 'root', 'both');
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['done']);
    expect(a.log).toEqual(['open big', 'write big 0', 'open big', 'write big 0', `write big ${MiB}`, 'commit big']);
    queue.add([file('nowhere', 3)], 'root', 'both');
    await settled(queue, ended(queue));
    expect(queue.view().jobs.at(-1)?.failure).toMatchObject({ message: 'There is no such folder.' });
  });

  it('cancels one file without touching the others and leaves nothing open', async () => {
    const a = await agent();
    const queue = queueFor(() => a.client);
    const go = a.hold();
    queue.add([file('a', 2 * MiB), file('b', 3 * MiB)], 'root', 'both');
    await settled(queue, () => a.log.includes('open b'));
    queue.cancel(queue.view().jobs[0]?.id ?? 0);
    go();
    await settled(queue, () => ended(queue)() && queue.view().totals.sending === 0);
    expect(states(queue)).toEqual(['cancelled', 'done']);
    expect(a.log).toContain('abort a');
    expect(a.open.size).toBe(0);
    expect(queue.view().totals.bytes).toBe(3 * MiB);
  });

  it('keeps a failure with its file and tries again on request', async () => {
    let broken = true;
    const a = await agent();
    const b = await agent({
      'vault.uploadOpen': (input, signal) => {
        if (broken && input.path[0] === 'bad')
          throw fail('NOT_FOUND', 'The folder is gone.', { next: 'Pick another.' });
        void signal;
        return { upload: 'x' as never, skipped: true };
      },
    });
    void a;
    const queue = queueFor(() => b.client);
    queue.add([file('good', 1), file('bad', 1)], 'root', 'both');
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['skipped', 'failed']);
    expect(queue.view().jobs[1]?.failure?.next).toBe('Pick another.');
    broken = false;
    queue.retryFailed();
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['skipped', 'skipped']);
  });

  it('waits while the agent is away and goes on when it is back', async () => {
    const first = await agent();
    const second = await agent();
    let client: typeof first.client | null = first.client;
    const queue = queueFor(() => client);
    first.hold();
    queue.add([file('a', 2 * MiB), file('b', MiB)], 'root', 'both');
    await settled(queue, () => first.log.length === 2);
    client = null;
    for (const close of closers.splice(0, 1)) close();
    await settled(queue, () => queue.view().totals.held === 'away' && queue.view().totals.sending === 0);
    expect(states(queue)).toEqual(['held', 'held']);
    client = second.client;
    queue.release();
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['done', 'done']);
  });

  it('tries again by itself when the agent is busy', async () => {
    let busy = 3;
    const a = await agent({
      'vault.uploadOpen': () => {
        busy -= 1;
        if (busy >= 0) throw fail('TOO_MANY_UPLOADS', 'Too many at once.');
        return { upload: 'x' as never, skipped: true };
      },
    });
    const queue = queueFor(() => a.client);
    queue.add([file('a', 1)], 'root', 'both');
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['skipped']);
  });

  it('says so when a file cannot be read, and goes on with the others', async () => {
    const a = await agent();
    const queue = queueFor(() => a.client);
    const unreadable: UploadSource = {
      path: ['gone'],
      modified: 1,
      bytes: { size: 5, slice: () => ({ arrayBuffer: () => Promise.reject(new Error('NotReadableError')) }) },
    };
    queue.add([unreadable, file('ok', 5)], 'root', 'both');
    await settled(queue, ended(queue));
    expect(states(queue)).toEqual(['failed', 'done']);
    expect(queue.view().jobs[0]?.failure?.code).toBe('UNREADABLE');
    expect(a.open.size).toBe(0);
  });

  it('clears what has ended', async () => {
    const a = await agent();
    const queue = queueFor(() => a.client);
    queue.add([file('a', 5)], 'root', 'both');
    await settled(queue, ended(queue));
    queue.clearEnded();
    expect(queue.view().jobs).toEqual([]);
    expect(queue.view().totals).toMatchObject({ files: 0, done: 0, bytes: 0, sent: 0 });
  });
});
