import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { equalBytes } from '#core/crypto/equal.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import type { ServerBench } from '../zdb-server/testing/bench.ts';
import { configText } from './testing/config-text.ts';
import { lentPassword, onLentStorage, startLentStorage } from './testing/lent-storage.ts';

/* A vault and five 0-db servers of ours, over real sockets: what went out in zstor's format comes back with two of them gone. */
let directory = '';
let servers: ServerBench[] = [];
let bench: Bench;
const large = noise(9_000_000, 6);
large.fill(9, 2_000_000, 4_000_000);

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-zstor-lent-'));
  servers = await Promise.all([1, 2, 3, 4, 5].map(startLentStorage));
  bench = await openBench();
});
afterAll(async () => {
  await bench.close();
  await Promise.all(servers.map((server) => server.stop().catch(() => {})));
  await rm(directory, { recursive: true, force: true });
});

it('comes back bit by bit with two of five servers gone', async () => {
  const h = () => bench.vault.handlers;
  const config = join(directory, 'zstor.toml');
  const ports = servers.map(({ port }) => port);
  await writeFile(config, configText({ k: 3, parity: 2, key: noise(32, 3), ...onLentStorage(ports) }));
  await h()['vault.setup']({ profile: { k: 1, m: 0 } }, testContext());
  await writeFile(join(directory, 'large.bin'), large);
  await h()['vault.put']({ paths: [join(directory, 'large.bin')], into: 'root', clash: 'both' }, testContext());
  const exporting = () => h()['vault.exportZstor']({ items: ['large.bin'], config, as: '/large.bin' }, testContext());
  expect(await exporting()).toMatchObject({ files: 1, bytes: large.length, unchanged: 0 });
  expect(await exporting()).toMatchObject({ unchanged: 1, repaired: 0 });

  for (const server of servers.slice(1, 3)) await server.stop();
  const input = { config, paths: ['/large.bin'], all: false, into: 'root', clash: 'both' } as const;
  const done = await h()['vault.importZstor']({ ...input, paths: [...input.paths] }, testContext());
  expect(done).toMatchObject({ files: 1, bytes: large.length, deduplicated: large.length });
  const [back = ''] = done.items;
  const bytes = await readAll(h()['vault.read']({ item: back, offset: 0 }, testContext()) as AsyncIterable<Uint8Array>);
  expect(equalBytes(bytes, large)).toBe(true);
  // Writing needs all of them, and says which are not there.
  await writeFile(join(directory, 'other.bin'), large.subarray(1));
  await h()['vault.put']({ paths: [join(directory, 'other.bin')], into: 'root', clash: 'both' }, testContext());
  const failure = await h()
    ['vault.exportZstor']({ items: ['other.bin'], config, as: '/other' }, testContext())
    .then(
      () => null,
      (error: { toFailure(): { code: string; message: string } }) => error.toFailure(),
    );
  expect(failure?.code).toBe('NOT_ENOUGH_PLACES');
  expect(failure?.message).toContain(`127.0.0.1:${ports[1]} meta`);
  expect(JSON.stringify(failure)).not.toContain(lentPassword);
});
