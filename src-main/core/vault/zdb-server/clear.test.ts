import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { createFakeHost, seededRandom } from '#core/testing/fake-host.ts';
import { openServer, type ServerBench } from './testing/bench.ts';
import type { RawClient } from './testing/raw-client.ts';

let bench: ServerBench;
afterEach(() => bench.stop());

const size = (file: number): number => statSync(join(bench.directory, `data/default/d${file}`)).size;
const onDisk = (): number => bench.server.namespaces.default.store.stats().onDisk;
const text = (key: string | Uint8Array, version: number): string =>
  `${Buffer.from(key as Uint8Array).toString('hex')}:${version};`.repeat(3000).slice(0, 40_000 + version);

it.each(['user', 'seq'] as const)('gives back the space of what was replaced and deleted, in %s mode', async (mode) => {
  const host = createFakeHost();
  bench = await openServer({ datasize: 524_288, mode, setTimer: host.setTimer, now: host.now });
  let client: RawClient = await bench.connect();
  const keys: (string | Buffer)[] = [];
  const versions = new Map<string | Buffer, number>();
  for (let i = 0; i < 40; i++) {
    const key = mode === 'user' ? `key${i}` : Buffer.from(new Uint8Array(new BigUint64Array([BigInt(i)]).buffer));
    keys.push(key);
    versions.set(key, 0);
    await client.ask('SET', mode === 'user' ? key : '', text(key, 0));
  }
  const random = seededRandom(3);
  for (let i = 1; i <= 120; i++) {
    const key = keys[(random(1)[0] ?? 0) % 30] as string;
    if (!versions.has(key)) continue;
    if (i % 20 === 0) {
      await client.ask('DEL', key);
      versions.delete(key);
    } else {
      await client.ask('SET', key, text(key, i));
      versions.set(key, i);
    }
  }
  const before = onDisk();
  const { liveBytes, entries } = bench.server.namespaces.default.store.stats();
  // While files are cleared, others go on writing and deleting.
  const lately = keys.slice(30, 36);
  host.advance(5_000);
  await Promise.all([
    ...lately.map((key, i) => client.ask('SET', key, text(key, 1000 + i)).then(() => versions.set(key, 1000 + i))),
    ...keys.slice(36, 38).map((key) => client.ask('DEL', key).then(() => versions.delete(key))),
  ]);
  await expect.poll(() => bench.server.namespaces.default.store.nextToClear(0.5)).toBe(null);
  expect(onDisk()).toBeLessThan(before * 0.7);
  expect(onDisk()).toBeLessThan(liveBytes * 2.5 + 2 * 524_288);
  expect(size(0)).toBe(28);
  const check = async (): Promise<void> => {
    for (const key of keys) {
      const version = versions.get(key);
      const value = version === undefined ? null : text(key, version);
      expect(await client.say('GET', key)).toBe(value === null ? '$-1|' : `$${value.length}|${value}|`);
    }
    expect(await client.say('DBSIZE')).toBe(`:${versions.size}|`);
    const scan = await client.say('SCAN');
    expect(scan).toContain(`|*${versions.size}|`);
  };
  expect(entries - 2).toBe(versions.size);
  await check();
  // Old versions went with their data; what is left of history is right.
  for (const key of keys) {
    if (!versions.has(key)) continue;
    let position: Uint8Array | null = null;
    do {
      const reply: Buffer = await (position === null
        ? client.ask('HISTORY', key)
        : client.ask('HISTORY', key, position));
      expect(reply.toString('latin1', 0, 4)).toBe('*3\r\n');
      position = reply.toString('latin1', 4, 8) === '$8\r\n' ? Uint8Array.from(reply.subarray(8, 16)) : null;
    } while (position !== null);
  }
  bench = await bench.again();
  client = await bench.connect();
  await check();
  expect(await client.say('SET', mode === 'user' ? 'more' : '', 'more')).toMatch(/^\$/);
});

it('waits for somebody who walks from the end, and not for ever', async () => {
  const host = createFakeHost();
  bench = await openServer({ datasize: 524_288, setTimer: host.setTimer, now: host.now });
  const client = await bench.connect();
  const replace = async (): Promise<void> => {
    for (let i = 0; i < 8; i++) await client.ask('SET', 'other', `${i}`.repeat(200_000 + i));
  };
  const { store } = bench.server.namespaces.default;
  const cleared = (): number => store.pairs().filter(({ dataEnd }) => dataEnd === 28).length;
  await client.ask('SET', 'kept', 'x'.repeat(100));
  await replace();
  /** The next look comes five seconds after the one before has ended. */
  const later = async (times: number, walking: boolean): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await client.ask(walking ? 'RSCAN' : 'PING');
      host.advance(5_000);
    }
    await client.ask('PING');
  };
  await later(1, true);
  await later(4, false);
  expect(cleared()).toBe(0);
  await expect.poll(() => later(1, false).then(cleared)).toBeGreaterThan(2);
  await expect.poll(() => later(1, false).then(() => store.nextToClear(0.5))).toBe(null);
  await replace();
  const before = cleared();
  await later(100, true);
  expect(cleared()).toBe(before);
  await expect.poll(() => later(5, true).then(cleared)).toBeGreaterThan(before);
  expect(await client.say('GET', 'kept')).toBe(`$100|${'x'.repeat(100)}|`);
});

it('keeps a file in which something cannot be read', async () => {
  const host = createFakeHost();
  bench = await openServer({ datasize: 524_288, setTimer: host.setTimer, now: host.now });
  const client = await bench.connect();
  await client.ask('SET', 'kept', 'x'.repeat(100_000));
  for (let i = 0; i < 12; i++) await client.ask('SET', 'other', `${i}`.repeat(200_000));
  await bench.server.close();
  const path = join(bench.directory, 'data/default/d0');
  const bytes = readFileSync(path);
  bytes[1000] = 0;
  writeFileSync(path, bytes);
  bench = await bench.again();
  const again = await bench.connect();
  host.advance(5_000);
  for (let i = 0; i < 20; i++) await again.say('PING');
  expect(size(0)).toBe(bytes.length);
  expect(await again.say('CHECK', 'kept')).toBe(':0|');
  expect(await again.say('LENGTH', 'other')).toBe(':400000|');
});
