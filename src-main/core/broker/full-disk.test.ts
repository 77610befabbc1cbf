import { describe, expect, it } from 'vitest';
import { verifyChain } from './journal.ts';
import { caller, createToyBroker, never } from './testing/toy-broker.ts';

/** Fails each write from now on, as a full disk does, until the returned function is called. */
function full(toy: ReturnType<typeof createToyBroker>, only: 'begin' | 'end' | 'task'): () => void {
  const table = only === 'task' ? 'tasks' : 'journal';
  const when = only === 'task' ? '' : `WHEN NEW.kind = '${only}'`;
  toy.store.db.exec(
    `CREATE TRIGGER full_${table} BEFORE INSERT ON ${table} ${when} BEGIN SELECT RAISE(FAIL, 'full'); END`,
  );
  if (only === 'task')
    toy.store.db.exec("CREATE TRIGGER full2 BEFORE UPDATE ON tasks BEGIN SELECT RAISE(FAIL, 'full'); END");
  return () => toy.store.db.exec(`DROP TRIGGER full_${table}; DROP TRIGGER IF EXISTS full2`);
}

async function settled(check: () => boolean): Promise<void> {
  for (let i = 0; i < 1000 && !check(); i++) await new Promise<void>((r) => setImmediate(r));
  expect(check()).toBe(true);
}

describe('a log that cannot be written', () => {
  it('starts no task that it has not recorded', async () => {
    const toy = createToyBroker();
    full(toy, 'begin');
    await expect(toy.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await new Promise<void>((r) => setImmediate(r));
    expect(toy.world.deleted).toEqual([]);
    expect(toy.tasks.list()).toEqual([]);
  });

  it('starts no task that it cannot show, and closes its entry', async () => {
    const toy = createToyBroker();
    full(toy, 'task');
    await expect(toy.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    await new Promise<void>((r) => setImmediate(r));
    expect(toy.world.deleted).toEqual([]);
    expect(toy.tasks.runningCount()).toBe(0);
    expect(toy.journal.entries()[0]?.end?.outcome).toBe('failed');
  });

  it('says that a call was done where only its end could not be recorded, and catches up', async () => {
    const toy = createToyBroker();
    const free = full(toy, 'end');
    const error = await toy.broker.invoke(caller('ui'), 'toy.add', { n: 2 }, never).catch((e: unknown) => e);
    expect(error).toMatchObject({ meaning: expect.stringMatching(/^This was done/) });
    expect(toy.world.n).toBe(2);
    free();
    await toy.broker.invoke(caller('ui'), 'toy.add', { n: 1 }, never);
    expect(toy.journal.entries().map((e) => e.end?.outcome)).toEqual(['done', 'done']);
  });

  it('does what only takes power away all the same, and writes it down when there is room', async () => {
    const toy = createToyBroker();
    const free = full(toy, 'begin');
    expect(await toy.broker.invoke(caller('cli'), 'toy.lock', {}, never)).toEqual({});
    expect(toy.world.locked).toBe(1);
    await expect(toy.broker.invoke(caller('cli'), 'toy.add', { n: 1 }, never)).rejects.toMatchObject({
      code: 'INTERNAL',
    });
    expect([toy.world.n, toy.journal.entries()]).toEqual([0, []]);
    free();
    await toy.host.advance(60_000);
    expect(toy.journal.entries()).toMatchObject([
      { begin: { method: 'toy.lock', authority: 'grant' }, end: { outcome: 'done' } },
    ]);
    expect(verifyChain(toy.journal.rows())).toMatchObject({ entries: 1, brokenAt: null });
  });

  it('has done what only takes power away also where just its end could not be recorded', async () => {
    const toy = createToyBroker();
    const free = full(toy, 'end');
    expect(await toy.broker.invoke(caller('cli'), 'toy.lock', {}, never)).toEqual({});
    free();
    await toy.host.advance(60_000);
    expect(toy.journal.entries()).toMatchObject([{ begin: { method: 'toy.lock' }, end: { outcome: 'done' } }]);
  });

  it('brings out what is the person’s own although neither the log nor the list of tasks can take it in', async () => {
    const toy = createToyBroker();
    const freeLog = full(toy, 'begin');
    const freeTasks = full(toy, 'task');
    const ui = caller('ui');
    const { task } = (await toy.broker.invoke(ui, 'toy.save', { what: 'x' }, never)) as { task: string };
    const states: string[] = [];
    for await (const { state } of toy.tasks.watch(task, never)) states.push(state);
    expect(states.at(-1)).toBe('done');
    expect(toy.world.saved).toEqual(['x']);
    await toy.broker.invoke(ui, 'toy.save', { what: 'bad' }, never);
    await settled(() => toy.tasks.runningCount() === 0);
    expect(toy.tasks.list().map((t) => t.state)).toEqual(['failed', 'done']);
    // What leaves for others, or deletes, waits.
    await expect(toy.broker.invoke(ui, 'toy.delete', { what: 'x' }, never)).rejects.toMatchObject({ code: 'INTERNAL' });
    expect(toy.journal.entries()).toEqual([]);
    freeTasks();
    freeLog();
    await toy.host.advance(60_000);
    expect(toy.journal.entries()).toMatchObject([
      { begin: { method: 'toy.save' }, end: { outcome: 'failed', failure: { code: 'NOT_FOUND' } } },
      { begin: { method: 'toy.save', task }, end: { outcome: 'done' } },
    ]);
    await toy.broker.invoke(ui, 'toy.save', { what: 'y' }, never);
    await settled(() => toy.tasks.runningCount() === 0);
    // Those that could not be written are, once another can.
    const rows = toy.store.db.prepare('SELECT state FROM tasks ORDER BY rowid').all();
    expect(rows.map((row) => row.state).sort()).toEqual(['done', 'done', 'failed']);
    expect(toy.tasks.list()).toHaveLength(3);
  });

  it('remembers a bounded number of what it could not write', async () => {
    const toy = createToyBroker();
    const free = full(toy, 'begin');
    for (let i = 0; i < 1500; i++) {
      await toy.broker.invoke(caller('cli'), 'toy.lock', {}, never);
    }
    expect(toy.world.locked).toBe(1500);
    free();
    toy.journal.catchUp();
    expect(toy.journal.entries(undefined, 5000)).toHaveLength(1000);
  });

  it('shows a task as ended, and ends who follows it, where its end could not be written', async () => {
    const toy = createToyBroker();
    let release = () => {};
    toy.world.hold = new Promise((r) => {
      release = r;
    });
    const { task } = (await toy.broker.invoke(caller('ui'), 'toy.delete', { what: 'x' }, never)) as { task: string };
    const watched = (async () => {
      const states: string[] = [];
      for await (const { state } of toy.tasks.watch(task, never)) states.push(state);
      return states.at(-1);
    })();
    full(toy, 'task');
    release();
    expect(await watched).toBe('done');
    expect(toy.tasks.list()[0]).toMatchObject({ id: task, state: 'done' });
    expect(toy.tasks.runningCount()).toBe(0);
    expect(() => toy.tasks.cancel(task)).toThrowError(expect.objectContaining({ code: 'NOT_CANCELLABLE' }));
    await toy.tasks.stop(1000);
    await settled(() => toy.journal.entries()[0]?.end?.outcome === 'done');
  });
});
