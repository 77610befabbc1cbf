import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { equalBytes } from '#core/crypto/equal.ts';
import { noise } from '../../testing/harness.ts';
import { configText } from '../testing/config-text.ts';
import { onLentStorage, startLentStorage } from '../testing/lent-storage.ts';

/* The real zstor (ZSTOR_BIN) on nothing but our own 0-db servers: a Hypha lends storage to anyone's zstor. */
const zstor = process.env.ZSTOR_BIN ?? '';
if (zstor === '') console.log('skipped: the real zstor on our own servers, because ZSTOR_BIN names none');

it.skipIf(zstor === '')('stores, reads, rebuilds and lists on our servers, also with two of five gone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'hypha-zstor-on-ours-'));
  const servers = await Promise.all([1, 2, 3, 4, 5, 6].map(startLentStorage));
  const file = join(directory, 'file.bin');
  const run = (...words: string[]) =>
    promisify(execFile)(zstor, ['-c', join(directory, 'zstor.toml'), '--log_file', join(directory, 'log'), ...words], {
      cwd: directory,
    });
  try {
    const ports = servers.map(({ port }) => port);
    const config = configText({ k: 3, parity: 2, key: noise(32, 8), ...onLentStorage(ports) });
    await writeFile(join(directory, 'zstor.toml'), config);
    const bytes = noise(7_000_000, 2);
    await writeFile(file, bytes);
    await run('test');
    await run('store', '-f', file);
    await rm(file);
    await run('retrieve', '-f', file);
    expect(equalBytes(await readFile(file), bytes)).toBe(true);
    expect((await run('check', '-f', file)).stdout).toMatch(/[0-9a-f]{32}/);
    expect((await run('status')).stdout).toContain(`127.0.0.1:${ports[0]}`);
    await servers[5]?.stop();
    await run('rebuild', '-f', file);
    await rm(file);
    for (const server of servers.slice(0, 2)) await server.stop();
    await run('retrieve', '-f', file);
    expect(equalBytes(await readFile(file), bytes)).toBe(true);
  } finally {
    await Promise.all(servers.map((server) => server.stop().catch(() => {})));
    await rm(directory, { recursive: true, force: true });
  }
});
