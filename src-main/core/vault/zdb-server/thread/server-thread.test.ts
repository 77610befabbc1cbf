import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLog } from '#core/testing/silent-log.ts';
import { isFail } from '#shared/rpc/fail.ts';
import { connectRaw } from '../testing/raw-client.ts';
import { type ServerThread, startServerThread } from './server-thread.ts';

const caller = fileURLToPath(new URL('../testing/storing-child.ts', import.meta.url));

let directory: string;
let died: Error[];
const threads: ServerThread[] = [];
const start = async (): Promise<ServerThread> => {
  const bounds = { datasize: 1 << 20, connections: 10, memory: 1 << 24 };
  const thread = await startServerThread(
    { directory, localPort: null, ...bounds },
    { log: silentLog, setTimer: () => () => {}, died: (error) => void died.push(error) },
  );
  threads.push(thread);
  return thread;
};
beforeEach(async () => {
  died = [];
  directory = await mkdtemp(join(tmpdir(), 'hypha-zdb-'));
});
afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.close();
  await rm(directory, { recursive: true, force: true });
});

it('serves while the main thread does not run at all', async () => {
  const thread = await start();
  expect(await thread.call.create('lent', { mode: 'user', password: 'word', maxsize: 0 })).toBe(null);
  // Nothing else runs in this thread until the other program has ended.
  const { stdout, status } = spawnSync(process.execPath, [caller, String(thread.localPort), 'lent', 'word', '50']);
  expect([status, stdout.toString()]).toEqual([0, '50 stored and read\n']);
  expect(await thread.call.view()).toMatchObject({
    namespaces: [{ name: 'lent', keys: 50, broken: false }],
    damaged: [],
  });
});

it('stops in order: what was stored is there, the directory free, and nobody is told that it died', async () => {
  const first = await start();
  await first.call.create('lent', { mode: 'user', password: 'word', maxsize: 0 });
  const client = await connectRaw(first.localPort);
  await client.say('SELECT', 'lent', 'word');
  const replies = Promise.all(Array.from({ length: 20 }, (_, i) => client.say('SET', `k${i}`, 'x').catch(() => null)));
  await first.close();
  const acknowledged = (await replies).filter((reply) => reply !== null).length;
  await client.ended;
  const second = await start();
  const keys = (await second.call.view()).namespaces[0]?.keys ?? 0;
  expect(keys).toBeGreaterThanOrEqual(acknowledged);
  expect(died).toEqual([]);
  await expect(first.call.view()).rejects.toThrow();
});

it('two do not open one directory', async () => {
  await start();
  const refused = await start().catch((error: unknown) => error);
  expect(isFail(refused) && refused.code).toBe('IN_USE');
  expect(died).toEqual([]);
});

it('says what namespaces there are not', async () => {
  const thread = await start();
  expect(await thread.call.setLimit('none', 1)).toBe(false);
  expect(await thread.call.setPassword('none', 'x')).toBe('absent');
  expect(await thread.call.remove('none')).toBe('absent');
  expect(await thread.call.remove('default')).toBe('absent');
  expect(await thread.call.create('default', { mode: 'user', password: 'word', maxsize: 0 })).toBe('not allowed');
});
