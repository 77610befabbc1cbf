import type { Task } from '#shared/contract/tasks.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { type Fail, type Failure, fail, isFail } from '#shared/rpc/fail.ts';
import type { Emit, Host } from '../host.ts';
import type { Database } from '../store/database.ts';
import { createRate } from './rate.ts';

export const tasksMigration = `
  CREATE TABLE tasks (
    id TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`;

/** Ended tasks kept on the list. */
const keepEnded = 200;
/** Endings after which older ones are dropped, so that an agent that is never restarted does not keep them all. */
const pruneEvery = 50;
/** Endings that could not be written (a full disk), kept in memory until they can be. */
const mostUnwritten = 100;
/** Of what comes in large pieces the pace is told over so long. */
const piecesWindowMs = 60_000;
/** Progress is shown at most this often. */
const throttleMs = 100;

export interface TaskControls {
  readonly task: TaskId;
  readonly signal: AbortSignal;
  step(key: string, text: string, progress?: StepProgress): void;
  progress(done: number, total?: number): void;
  /** Where nothing is half done: waits here while the person has paused it. Returns when it goes on, or was cancelled. */
  rest(): Promise<void> | null;
}

export interface StepProgress {
  readonly total: number | null;
  readonly unit: 'bytes' | 'items' | 'steps';
  /** The step comes to {@link TaskControls.rest} again and again. */
  readonly pausable?: boolean;
}

interface Running {
  task: Task;
  readonly abort: AbortController;
  /** Wakes it where it rests. */
  wake: () => void;
  /** The pace before a pause says nothing after it. */
  anew: () => void;
  /** Settles when its ending is durable. */
  done: Promise<void>;
}

/** Turns an unexpected throw into an INTERNAL failure with an incident id, and logs the details. */
export type Fault = (error: unknown) => Fail;

export type Tasks = ReturnType<typeof createTasks>;

/**
 * Long work as things that can be watched and cancelled. Starts and endings are durable; progress is not. What ran
 * when the agent stopped is shown as interrupted, with what to do.
 */
export function createTasks({ store, host, emit, fault }: { store: Database; host: Host; emit: Emit; fault: Fault }) {
  const running = new Map<string, Running>();
  const watchers = new Map<string, Set<() => void>>();
  const upsert = store.db.prepare(
    'INSERT INTO tasks (id, started_at, state, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET state = excluded.state, body = excluded.body',
  );
  const recent = store.db.prepare('SELECT body FROM tasks ORDER BY started_at DESC, rowid DESC LIMIT ?');
  const byId = store.db.prepare('SELECT body FROM tasks WHERE id = ?');
  const prune = store.db.prepare(
    // By their ending: one that took all night and ended just now is the last that anybody would want gone.
    `DELETE FROM tasks WHERE state <> 'running' AND id NOT IN (
       SELECT id FROM tasks WHERE state <> 'running' ORDER BY json_extract(body, '$.endedAt') DESC, rowid DESC LIMIT ?
     )`,
  );
  const removeEnded = store.db.prepare("DELETE FROM tasks WHERE id = ? AND state <> 'running'");
  const removeAllEnded = store.db.prepare("DELETE FROM tasks WHERE state <> 'running'");

  const parse = (row: unknown): Task => JSON.parse((row as { body: string }).body) as Task;
  const save = (task: Task): void => {
    upsert.run(task.id, task.startedAt, task.state, JSON.stringify(task));
  };
  const changed = (id: string): void => {
    for (const wake of watchers.get(id) ?? []) wake();
    emit({ topic: 'tasks', ids: [id] });
  };

  for (const row of store.db.prepare("SELECT body FROM tasks WHERE state = 'running'").all()) {
    const { pause, pausable: _, ...task } = parse(row);
    save({
      ...task,
      state: 'interrupted',
      endedAt: host.now(),
      failure: {
        code: 'INTERRUPTED',
        message:
          pause === undefined ? 'Hypha stopped before this was finished.' : 'Hypha stopped while this was paused.',
        meaning: 'What was already done is kept; nothing half-done is shown.',
        next: 'Start it again.',
      },
    });
  }
  prune.run(keepEnded);
  let endings = 0;

  const current = (id: string): Task | null => {
    const row = running.get(id);
    if (row !== undefined) return row.task;
    const stored = byId.get(id);
    return stored === undefined ? null : parse(stored);
  };

  async function resting(entry: Running): Promise<void> {
    const { signal } = entry.abort;
    while (entry.task.pause !== undefined && !signal.aborted) {
      const { progress } = entry.task;
      entry.task = { ...entry.task, pause: 'resting', progress: progress && { ...progress, rate: null } };
      changed(entry.task.id);
      await new Promise<void>((resolve) => {
        const before = entry.wake;
        const wake = (): void => {
          signal.removeEventListener('abort', wake);
          before();
          resolve();
        };
        entry.wake = wake;
        signal.addEventListener('abort', wake, { once: true });
      });
    }
  }

  const unwritten = (): Task[] => [...running.values()].map(({ task }) => task).filter((t) => t.state !== 'running');

  /** There is room again: write the endings that could not be written before. */
  function saveUnwritten(): void {
    for (const task of unwritten()) {
      save(task);
      running.delete(task.id);
    }
  }

  return {
    newId: (): TaskId => Buffer.from(host.random(16)).toString('base64url') as TaskId,

    /**
     * Start `work` in the background. `settled` runs after its ending is durable, or could not be made so.
     * `input` is what may be shown and repeated; null when it cannot be repeated. One that `needsNoRecord` starts also when it
     * cannot be written down, as on a full disk.
     */
    start(
      about: { id: TaskId; method: string; title: string; input: unknown; needsNoRecord?: boolean },
      work: (controls: TaskControls) => Promise<unknown>,
      settled: (failure: Failure | null, outcome: 'done' | 'failed' | 'cancelled') => void,
    ): void {
      const { id } = about;
      const abort = new AbortController();
      const entry: Running = {
        abort,
        wake: () => {},
        anew: () => {},
        done: Promise.resolve(),
        task: {
          id,
          method: about.method,
          title: about.title,
          state: 'running',
          step: null,
          progress: null,
          startedAt: host.now(),
          endedAt: null,
          cancellable: true,
          input: about.input,
          result: null,
          failure: null,
        },
      };
      try {
        save(entry.task);
      } catch (error) {
        if (!about.needsNoRecord) throw error;
        fault(error);
      }
      running.set(id, entry);
      changed(id);

      let rate = createRate(host.now());
      let shownAt = 0;
      const rateFor = (progress: Task['progress']) =>
        createRate(host.now(), progress?.done ?? 0, progress?.unit === 'bytes' ? undefined : piecesWindowMs);
      entry.anew = () => {
        rate = rateFor(entry.task.progress);
      };
      const controls: TaskControls = {
        task: id,
        signal: abort.signal,
        step(key, text, progress) {
          const { pausable, pause, ...task } = entry.task;
          entry.task = {
            ...task,
            step: { key, text },
            progress:
              progress === undefined ? null : { done: 0, total: progress.total, unit: progress.unit, rate: null },
            ...(progress?.pausable ? { pausable: true } : {}),
            // Asked for in a step that could, and not reached there: it holds in the next that can.
            ...(pause === undefined ? {} : { pause }),
          };
          rate = rateFor(entry.task.progress);
          shownAt = host.now();
          changed(id);
        },
        progress(done, total) {
          const { progress } = entry.task;
          if (progress === null) return;
          const now = host.now();
          entry.task = {
            ...entry.task,
            progress: { ...progress, done, total: total ?? progress.total, rate: rate.sample(now, done) },
          };
          // A clock that was set back must not hide progress until it has caught up.
          if (Math.abs(now - shownAt) < throttleMs) return;
          shownAt = now;
          changed(id);
        },
        rest: () => (entry.task.pause === undefined || abort.signal.aborted ? null : resting(entry)),
      };

      const finish = (state: 'done' | 'failed' | 'cancelled', result: unknown, failure: Failure | null): void => {
        const { pause: _, pausable: __, ...task } = entry.task;
        entry.task = { ...task, state, endedAt: host.now(), cancellable: false, result, failure };
        try {
          save(entry.task);
          running.delete(id);
          saveUnwritten();
          endings += 1;
          if (endings % pruneEvery === 0) prune.run(keepEnded);
        } catch (error) {
          // It ended all the same, and is shown so until there is room to write it, or this agent stops.
          fault(error);
          const [oldest, ...others] = unwritten();
          if (oldest !== undefined && others.length >= mostUnwritten) running.delete(oldest.id);
        }
        try {
          settled(failure, state);
        } catch (error) {
          fault(error);
        }
        changed(id);
      };
      // In a later turn: who started it has gone on before anything can end.
      entry.done = Promise.resolve()
        .then(() => work(controls))
        .then(
          (result) => finish('done', result ?? null, null),
          (error: unknown) => {
            const { reason } = abort.signal;
            if (!abort.signal.aborted) finish('failed', null, fault(error).toFailure());
            else
              finish('cancelled', null, (isFail(reason) ? reason : fail('CANCELLED', 'It was cancelled.')).toFailure());
          },
        );
    },

    /** Running ones first, then by start, newest first. */
    list(): Task[] {
      const ended = recent
        .all(keepEnded)
        .map(parse)
        .filter((t) => !running.has(t.id));
      return [...[...running.values()].map((r) => r.task).reverse(), ...ended];
    },

    get: current,

    /** Whether any of these methods is at work, and not resting because it was paused. */
    atWork: (counts: (method: string) => boolean): boolean =>
      [...running.values()].some(
        ({ task }) => task.state === 'running' && task.pause !== 'resting' && counts(task.method),
      ),

    /** Follow a task: its present state, then each change, to its end. */
    async *watch(id: string, signal: AbortSignal): AsyncGenerator<Task> {
      let wake: () => void = () => {};
      const listener = () => wake();
      const set = watchers.get(id) ?? new Set();
      watchers.set(id, set.add(listener));
      signal.addEventListener('abort', listener);
      try {
        for (;;) {
          const next = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const task = current(id);
          if (task === null) throw fail('NOT_FOUND', 'There is no such task.');
          yield task;
          if (task.state !== 'running' || signal.aborted) return;
          await next;
          if (signal.aborted) return;
        }
      } finally {
        signal.removeEventListener('abort', listener);
        set.delete(listener);
        if (set.size === 0) watchers.delete(id);
      }
    },

    cancel(id: string): void {
      const entry = running.get(id);
      if (entry?.task.state !== 'running') {
        if (current(id) === null) throw fail('NOT_FOUND', 'There is no such task.');
        throw fail('NOT_CANCELLABLE', 'This task has already ended.');
      }
      entry.abort.abort(fail('CANCELLED', 'You cancelled this.'));
    },

    /** It rests as soon as nothing is half done. @throws Fail NOT_FOUND, NOT_PAUSABLE */
    pause(id: string): void {
      const entry = running.get(id);
      if (entry?.task.state !== 'running' || entry.task.pausable !== true) {
        if (current(id) === null) throw fail('NOT_FOUND', 'There is no such task.');
        throw fail('NOT_PAUSABLE', 'This task cannot be paused where it is now.', {
          next: 'Let it go on, or cancel it.',
        });
      }
      if (entry.task.pause !== undefined) return;
      entry.task = { ...entry.task, pause: 'asked' };
      // So that after a stop it is known that it was not at work.
      save(entry.task);
      changed(id);
    },

    /** @throws Fail NOT_FOUND */
    resume(id: string): void {
      const entry = running.get(id);
      if (entry?.task.pause === undefined) {
        if (current(id) === null) throw fail('NOT_FOUND', 'There is no such task.');
        return;
      }
      const { pause: _, ...task } = entry.task;
      entry.task = task;
      save(task);
      entry.anew();
      entry.wake();
      changed(id);
    },

    dismiss(ids: readonly string[] | undefined): void {
      for (const { id } of unwritten()) if (ids === undefined || ids.includes(id)) running.delete(id);
      if (ids === undefined) removeAllEnded.run();
      else for (const id of ids) removeEnded.run(id);
      emit({ topic: 'tasks', ids: [] });
    },

    runningCount: () => [...running.values()].filter(({ task }) => task.state === 'running').length,

    /** Ask everything to stop and wait until it has, at most `deadlineMs`. Machines and files are left consistent by their own rules. */
    async stop(deadlineMs: number): Promise<void> {
      for (const entry of running.values()) {
        // `stopping` tells a task that nobody cancelled it: what it has made so far may stay.
        entry.abort.abort(fail('CANCELLED', 'Hypha is stopping.', { data: { stopping: true } }));
      }
      if (running.size === 0) return;
      const ended = Promise.all([...running.values()].map((entry) => entry.done));
      let cancelTimer = () => {};
      const deadline = new Promise<void>((resolve) => {
        cancelTimer = host.setTimer(deadlineMs, resolve);
      });
      await Promise.race([ended, deadline]);
      cancelTimer();
    },
  };
}
