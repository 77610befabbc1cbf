import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeHost } from '#core/testing/fake-host.ts';
import type { TaskId } from '#shared/rpc/contract.ts';
import { fail } from '#shared/rpc/fail.ts';
import { openDatabase } from '../store/database.ts';
import { createTasks, type TaskControls, tasksMigration } from './tasks.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hypha-pause-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function open(host = createFakeHost()) {
  const store = openDatabase({ path: join(home, 'tasks.db'), migrations: [tasksMigration], log });
  const fault = (error: unknown) => fail('INTERNAL', String(error));
  return { host, store, tasks: createTasks({ store, host, emit: () => {}, fault }) };
}

/** A task that does one unit each time it is told to. */
function begin({ tasks }: ReturnType<typeof open>, pausable = true) {
  const id = tasks.newId();
  let tell = (): void => {};
  let done = 0;
  const work = async ({ step, progress, rest, signal }: TaskControls) => {
    step('work', 'Working', { total: 10, unit: 'items', pausable });
    while (done < 10) {
      await rest();
      signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        tell = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
      progress(++done);
    }
  };
  const ended = new Promise<void>((resolve) => {
    tasks.start({ id, method: 'vault.verify', title: 'Check', input: {} }, work, () => resolve());
  });
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    id,
    ended,
    done: () => done,
    async unit() {
      await settle();
      tell();
      await settle();
    },
    task: () => tasks.get(id),
  };
}

it('comes to rest where nothing is half done, waits there, and goes on from there', async () => {
  const { tasks, ...rest } = open();
  const one = begin({ tasks, ...rest });
  await one.unit();
  expect(one.task()).toMatchObject({ pausable: true, progress: { done: 1 } });
  tasks.pause(one.id);
  expect(one.task()?.pause).toBe('asked');
  await one.unit();
  expect(one.task()).toMatchObject({ pause: 'resting', progress: { done: 2, rate: null } });
  await one.unit();
  expect(one.done()).toBe(2);
  tasks.pause(one.id);
  tasks.resume(one.id);
  expect(one.task()?.pause).toBeUndefined();
  while (one.task()?.state === 'running') await one.unit();
  await one.ended;
  expect(one.task()).toMatchObject({ state: 'done' });
  expect(one.task()).not.toHaveProperty('pausable');
  rest.store.close();
});

it('can be cancelled while it rests, and is not paused where it cannot be', async () => {
  const opened = open();
  const one = begin(opened);
  await one.unit();
  opened.tasks.pause(one.id);
  await one.unit();
  opened.tasks.cancel(one.id);
  await one.ended;
  expect(one.task()?.state).toBe('cancelled');
  expect(one.task()?.pause).toBeUndefined();
  const other = begin(opened, false);
  await other.unit();
  expect(() => opened.tasks.pause(other.id)).toThrow(expect.objectContaining({ code: 'NOT_PAUSABLE' }));
  expect(() => opened.tasks.pause('none' as TaskId)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  expect(() => opened.tasks.resume('none' as TaskId)).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  await opened.tasks.stop(1_000);
  opened.store.close();
});

it('says after a restart that it was paused, and does not go on by itself', async () => {
  const before = open();
  const one = begin(before);
  await one.unit();
  before.tasks.pause(one.id);
  await one.unit();
  // As a kill leaves it: nothing is written after the pause.
  const { store, tasks } = open();
  expect(tasks.get(one.id)).toMatchObject({
    state: 'interrupted',
    failure: { code: 'INTERRUPTED', message: 'Hypha stopped while this was paused.', next: 'Start it again.' },
  });
  expect(tasks.get(one.id)).not.toHaveProperty('pause');
  store.close();
  await before.tasks.stop(1_000);
  before.store.close();
});
