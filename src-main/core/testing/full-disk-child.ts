import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActivityEntry } from '#shared/contract/activity.ts';
import type { Task } from '#shared/contract/tasks.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { createAgent } from '../agent.ts';
import type { Caller } from '../broker/handlers.ts';
import { createFakeHost } from './fake-host.ts';
import { silentLog } from './silent-log.ts';

/**
 * An agent whose data directory lies on a small file system of its own, which fills up to the last byte; run by
 * agent-full-disk.test.ts in a mount namespace: `node full-disk-child.ts HOME SOURCE TARGET`. Prints as JSON what became of each call.
 */
const [home = '', source = '', target = ''] = process.argv.slice(2);
const filler = join(home, 'filler');

function fill(): void {
  const file = openSync(filler, 'a');
  for (const size of [1 << 20, 1 << 12, 1]) {
    const block = Buffer.alloc(size);
    try {
      while (writeSync(file, block) === size);
    } catch {
      // Full, down to blocks of this size.
    }
  }
  closeSync(file);
}

const host = createFakeHost();
const real = { ...host, now: () => host.now() + Math.floor(performance.now()) };
const config = { home, version: '0', log: silentLog, onStopRequested: () => {} };
const agent = await createAgent(real, config);
await agent.start();

const person: Caller = { connection: 'window', face: 'ui', name: 'Window', person: true };
const never = new AbortController().signal;
const call = async (name: string, input: unknown) =>
  (await agent.dispatcher.invoke(person, name, input, never)) as Record<string, unknown>;
/** Do it to its end. */
async function ended(name: string, input: unknown): Promise<Task> {
  const { task } = await call(name, input);
  let last: Task | undefined;
  for await (const state of agent.dispatcher.stream(person, 'tasks.watch', { task }, never)) last = state as Task;
  if (last === undefined) throw new Error('no task');
  return last;
}
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    (done) => {
      const { state = 'done', failure } = done as Partial<Task>;
      return failure ? `${state} ${failure.code}` : state;
    },
    (error: unknown) => (isFail(error) ? error.code : String(error)),
  );

const passphrase = 'correct horse battery';
const { draft } = await call('identity.draft', {});
await call('identity.create', { draft, name: 'Ann', passphrase });
await call('vault.setup', { profile: { k: 2, m: 1 } });
await ended('vault.put', { paths: [source] });
await call('tasks.dismiss', {});

// One place has lost its shards, so that reading finds out something that it would like to note.
await rm(join(home, 'places', '1', 'p'), { recursive: true });
fill();
const lock = await outcome(call('identity.lock', {}));
const unlock = await outcome(call('identity.unlock', { passphrase }));
// Nothing that was done has made room.
fill();
const exported = await ended('vault.export', { items: ['source'], to: target });
const verified = await ended('vault.verify', {});
const results: Record<string, unknown> = {
  lock,
  unlock,
  exported: exported.state,
  files: exported.result,
  verified: verified.state,
  checked: verified.result,
  refused: [
    await outcome(call('identity.rename', { name: 'Bea' })),
    await outcome(call('vault.makeFolder', { name: 'new' })),
    await outcome(ended('vault.purge', {})),
  ],
  tasks: ((await call('tasks.list', {})).tasks as Task[]).map(({ method, state }) => `${method} ${state}`),
  written: (await readdir(join(target, 'source'))).sort(),
  bytes: (await readFile(join(target, 'source', 'b'))).equals(await readFile(join(source, 'b'))),
};
const entries = async () => (await call('activity.list', { limit: 100 })).entries as ActivityEntry[];
results.logged = (await entries()).length;
rmSync(filler);
host.advance(60_000);
results.later = (await entries()).slice(0, 4).map(({ method, outcome: how }) => `${method} ${how}`);
results.chain = await call('activity.verify', {});

await agent.stop();
process.stdout.write(JSON.stringify(results));
