import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { openServer } from './testing/bench.ts';
import { connectRaw, request } from './testing/raw-client.ts';

/* kill -9 while writing: what was acknowledged is there, with its last acknowledged value or one asked for since. */

const rounds = Number(process.env.HYPHA_ZDB_KILLS ?? 6);
const child = fileURLToPath(new URL('testing/server-child.ts', import.meta.url));

let directory: string;
let running: ChildProcess | null = null;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-zdb-kill-'));
});
afterEach(async () => {
  running?.kill('SIGKILL');
  await rm(directory, { recursive: true, force: true });
});

async function start(): Promise<{ process: ChildProcess; port: number }> {
  const started = spawn(process.execPath, [child, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  running = started;
  const [line] = (await once(started.stdout, 'data')) as [Buffer];
  return { process: started, port: Number(line.toString()) };
}

const value = (key: string, version: number, size: number): Buffer => Buffer.alloc(size, `${key}:${version};`);

it(`loses nothing in ${rounds} kills`, { timeout: 60_000 + rounds * 20_000 }, async () => {
  const random = seededRandom(41);
  const number = (below: number): number => ((random(1)[0] ?? 0) * 256 + (random(1)[0] ?? 0)) % below;
  /** Versions a key may have after the next start; the first is acknowledged, -1 is deleted. */
  const possible = new Map<string, number[]>();
  const sizes = new Map<number, number>();
  let versions = 0;
  let acknowledged = 0;
  for (let round = 0; round < rounds; round++) {
    const { process: server, port } = await start();
    const client = await connectRaw(port);
    const killAfter = 20 + number(120);
    let done = 0;
    const replies: Promise<void>[] = [];
    for (let i = 0; i < 400; i++) {
      const key = `key${number(30)}`;
      const remove = number(8) === 0;
      const version = remove ? -1 : ++versions;
      sizes.set(version, 1 + number(30_000));
      possible.set(key, [...(possible.get(key) ?? [-1]), version]);
      client.send(remove ? request('DEL', key) : request('SET', key, value(key, version, sizes.get(version) ?? 0)));
      replies.push(
        client.reply().then(
          () => {
            const versionsNow = possible.get(key) ?? [];
            possible.set(key, versionsNow.slice(versionsNow.indexOf(version)));
            acknowledged++;
            if (++done === killAfter) server.kill('SIGKILL');
          },
          () => {},
        ),
      );
    }
    await Promise.all(replies);
    await once(server, 'exit').catch(() => {});
    client.close();
    const bench = await openServer({ directory, datasize: 524_288 });
    const reader = await bench.connect();
    let live = 0;
    for (const [key, versionsNow] of possible) {
      const stored = await reader.ask('GET', key);
      const found = versionsNow.find((version) =>
        version < 0
          ? stored.toString('latin1') === '$-1\r\n'
          : stored.subarray(stored.indexOf('\r\n') + 2, -2).equals(value(key, version, sizes.get(version) ?? 0)),
      );
      expect(found, `${key} after kill ${round}`).toBeDefined();
      if (found !== -1) {
        live++;
        expect(await reader.say('CHECK', key)).toBe(':1|');
      }
      possible.set(key, [found ?? -1]);
    }
    expect(await reader.say('DBSIZE')).toBe(`:${live}|`);
    await bench.server.close();
  }
  expect(acknowledged).toBeGreaterThan(rounds * 10);
});
