import type { AgentClient } from '#shared/contract/agent.ts';
import { type Failure, fail, isFail } from '#shared/rpc/fail.ts';
import { type Clash, isEnded, type Target, type UploadJob, type UploadSource, type UploadState } from './job.ts';
import { createSender, type UploadClient } from './sender.ts';
import { createSpeed } from './speed.ts';

export interface UploadQueueDeps {
  /** The agent as it is now; null while it is away. */
  client: () => Pick<AgentClient, keyof UploadClient> | null;
  now: () => number;
  /** Runs `fire` after `ms`. */
  later: (ms: number, fire: () => void) => void;
  /** 0 to 1, for the jitter of waits. */
  random: () => number;
  /** Files sent at the same time. */
  atOnce?: number;
}

export interface UploadTotals {
  readonly files: number;
  /** Files that came to a good end, those left out among them. */
  readonly done: number;
  /** Files left out because their name was taken. */
  readonly skipped: number;
  readonly failed: number;
  /** Files still to be sent, those held or paused among them. */
  readonly left: number;
  readonly sending: number;
  readonly paused: number;
  /** Bytes of all files that were not cancelled, and how many of them the agent has. */
  readonly bytes: number;
  readonly sent: number;
  /** Bytes of the files that are stored. */
  readonly stored: number;
  /** Bytes a second over the last seconds; null before there is a measure. */
  readonly rate: number | null;
  /** Why nothing moves, when nothing can. */
  readonly held: 'away' | 'locked' | null;
}

export interface UploadView {
  /** In the order they were added. The array is live; a new view says that it changed. */
  readonly jobs: readonly UploadJob[];
  readonly totals: UploadTotals;
}

export interface UploadQueue {
  add(sources: readonly UploadSource[], into: Target, clash: Clash): void;
  pause(id: number): void;
  resume(id: number): void;
  cancel(id: number): void;
  retry(id: number): void;
  pauseAll(): void;
  resumeAll(): void;
  cancelAll(): void;
  retryFailed(): void;
  /** Take ended files off the list. */
  clearEnded(): void;
  /** The agent is back, or unlocked: go on with what was held. */
  release(): void;
  view(): UploadView;
  subscribe(listener: () => void): () => void;
}

/** Failures that pass by themselves; the file goes back in the queue after a growing wait. */
const passing = new Set(['BUSY', 'TOO_MANY_UPLOADS']);
const mostTries = 6;
const noticeEveryMs = 100;

/** Sends many files, a few at a time, small ones first, each with its own pause, cancel and retry. */
export function createUploadQueue(deps: UploadQueueDeps): UploadQueue {
  const atOnce = deps.atOnce ?? 4;
  const jobs = new Map<number, UploadJob>();
  const listeners = new Set<() => void>();
  const speed = createSpeed();
  /** Waiting jobs, largest first, so that the smallest is popped; `sorted` false after additions. */
  let waiting: UploadJob[] = [];
  let sorted = true;
  /** Jobs whose sending has not come to rest; a job resumed meanwhile waits for that. */
  const active = new Set<number>();
  let nextId = 1;
  let held: UploadTotals['held'] = null;
  let cached: UploadView | null = null;
  let announced = true;
  const sums = { done: 0, skipped: 0, failed: 0, left: 0, paused: 0, bytes: 0, sent: 0, stored: 0 };

  const changed = () => {
    cached = null;
    if (!announced) return;
    announced = false;
    deps.later(noticeEveryMs, () => {
      announced = true;
      cached = null;
      for (const listener of listeners) listener();
    });
  };

  const setState = (job: UploadJob, state: UploadState, failure: Failure | null = null) => {
    count(job, -1);
    job.state = state;
    job.failure = failure;
    count(job, 1);
    changed();
  };

  const count = (job: UploadJob, by: 1 | -1) => {
    if (job.state === 'done' || job.state === 'skipped') sums.done += by;
    if (job.state === 'skipped') sums.skipped += by;
    if (job.state === 'done') sums.stored += by * job.source.bytes.size;
    if (job.state === 'failed') sums.failed += by;
    if (job.state === 'paused') sums.paused += by;
    if (!isEnded(job.state)) sums.left += by;
    if (job.state === 'cancelled') return;
    sums.bytes += by * job.source.bytes.size;
    sums.sent += by * (job.state === 'skipped' ? job.source.bytes.size : job.sent);
  };

  const requeue = (job: UploadJob) => {
    waiting.push(job);
    sorted = false;
  };
  const enqueue = (job: UploadJob) => {
    setState(job, 'waiting');
    if (!active.has(job.id)) requeue(job);
  };

  const sender = createSender({
    progress(job, sent) {
      if (sent > job.sent) speed.add(deps.now(), sent - job.sent);
      if (job.state !== 'cancelled') sums.sent += sent - job.sent;
      job.sent = sent;
      changed();
    },
  });

  const run = async (job: UploadJob, client: UploadClient) => {
    active.add(job.id);
    setState(job, 'sending');
    try {
      const outcome = await sender.send(job, client);
      if (outcome.kind === 'skipped') setState(job, 'skipped');
      if (outcome.kind === 'stored') {
        job.item = outcome.item;
        setState(job, 'done');
      }
    } catch (error) {
      // A file paused or cancelled meanwhile stays what the person made it.
      if (job.state === 'sending') ended(job, error);
      else sender.forget(job);
    } finally {
      active.delete(job.id);
      if (job.state === 'waiting') requeue(job);
      changed();
      pump();
    }
  };

  const ended = (job: UploadJob, error: unknown) => {
    const failure = isFail(error)
      ? error
      : fail('UNREADABLE', 'The file could not be read.', {
          meaning: 'Nothing of it was stored; the other files go on.',
          next: 'Check that the file is still there and may be read, then try again.',
          data: { detail: error instanceof Error ? error.message : String(error) },
        });
    if (failure.code === 'DISCONNECTED' || failure.code === 'LOCKED') {
      // What the agent had of it is gone with the connection; the file starts again when it is back.
      sender.forget(job);
      held = failure.code === 'LOCKED' ? 'locked' : 'away';
      setState(job, 'held');
    } else if (passing.has(failure.code) && job.tries < mostTries) {
      job.tries += 1;
      setState(job, 'held');
      const wait = 500 * 2 ** job.tries * (0.5 + deps.random() / 2);
      deps.later(wait, () => {
        if (job.state !== 'held' || held !== null) return;
        enqueue(job);
        pump();
      });
    } else {
      setState(job, 'failed', failure.toFailure());
    }
  };

  const pump = () => {
    if (held !== null) return;
    if (!sorted) {
      // Ties are sent in the order they were added: ids grow, and the last one is popped.
      waiting = waiting.filter((job) => job.state === 'waiting');
      waiting.sort((a, b) => b.source.bytes.size - a.source.bytes.size || b.id - a.id);
      sorted = true;
    }
    while (active.size < atOnce) {
      const job = waiting.pop();
      if (job === undefined) break;
      if (job.state !== 'waiting' || active.has(job.id)) continue;
      const client = deps.client();
      if (client === null) {
        held = 'away';
        waiting.push(job);
        changed();
        return;
      }
      void run(job, client);
    }
  };

  const withJob = (id: number, act: (job: UploadJob) => void) => {
    const job = jobs.get(id);
    if (job === undefined) return;
    act(job);
    pump();
  };
  const each = (act: (job: UploadJob) => void) => {
    for (const job of jobs.values()) act(job);
    pump();
  };

  const pauseOne = (job: UploadJob) => {
    if (isEnded(job.state) || job.state === 'paused') return;
    sender.interrupt(job, 'pause');
    setState(job, 'paused');
  };
  const resumeOne = (job: UploadJob) => {
    if (job.state === 'paused') enqueue(job);
  };
  const cancelOne = (job: UploadJob) => {
    if (isEnded(job.state)) return;
    sender.interrupt(job, 'cancel');
    setState(job, 'cancelled');
    if (!active.has(job.id)) sender.abandon(job, deps.client());
  };
  const retryOne = (job: UploadJob) => {
    if (job.state !== 'failed' && job.state !== 'cancelled') return;
    job.tries = 0;
    enqueue(job);
  };

  return {
    add(sources, into, clash) {
      for (const source of sources) {
        const job: UploadJob = {
          id: nextId,
          source,
          into,
          clash,
          state: 'waiting',
          sent: 0,
          failure: null,
          item: null,
          tries: 0,
        };
        nextId += 1;
        jobs.set(job.id, job);
        count(job, 1);
        requeue(job);
      }
      changed();
      pump();
    },
    pause: (id) => withJob(id, pauseOne),
    resume: (id) => withJob(id, resumeOne),
    cancel: (id) => withJob(id, cancelOne),
    retry: (id) => withJob(id, retryOne),
    pauseAll: () => each(pauseOne),
    resumeAll: () => each(resumeOne),
    cancelAll: () => each(cancelOne),
    retryFailed: () => each((job) => job.state === 'failed' && retryOne(job)),
    clearEnded() {
      for (const job of jobs.values()) {
        if (!isEnded(job.state)) continue;
        count(job, -1);
        jobs.delete(job.id);
      }
      changed();
    },
    release() {
      if (held === null) return;
      held = null;
      each((job) => job.state === 'held' && enqueue(job));
      changed();
    },
    view() {
      cached ??= {
        jobs: [...jobs.values()],
        totals: {
          ...sums,
          files: jobs.size,
          sending: active.size,
          rate: active.size > 0 ? speed.at(deps.now()) : null,
          held,
        },
      };
      return cached;
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
