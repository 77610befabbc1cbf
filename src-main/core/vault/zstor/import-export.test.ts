import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { equalBytes } from '#core/crypto/equal.ts';
import { toHex } from '#core/crypto/ids.ts';
import { type Bench, noise, openBench, readAll, testContext } from '../testing/harness.ts';
import { type Deployment, deploymentKey, startDeployment } from './testing/deployment.ts';

let bench: Bench;
let zstor: Deployment;
let config = '';
let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-zstor-service-'));
  bench = await openBench();
  zstor = await startDeployment(2, 2, [3, 3]);
  config = join(directory, 'zstor.toml');
  await writeFile(config, zstor.config);
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await zstor.close();
  await rm(directory, { recursive: true, force: true });
});
const h = () => bench.vault.handlers;
const importing = (input: object, context = testContext()) =>
  h()['vault.importZstor']({ config, paths: [], all: false, into: 'root', clash: 'both', ...input }, context);
const exporting = (items: string[], as: string, context = testContext()) =>
  h()['vault.exportZstor']({ items, config, as }, context);
const content = (item: string): Promise<Buffer> =>
  readAll(h()['vault.read']({ item, offset: 0 }, testContext()) as AsyncIterable<Uint8Array>);
const names = async (folder: string): Promise<string[]> =>
  (
    await h()['vault.list']({ folder, sort: 'name', descending: false, offset: 0, limit: 100 }, testContext())
  ).items.map(({ name }) => name);
async function put(files: Readonly<Record<string, Uint8Array>>): Promise<void> {
  const source = join(directory, 'source');
  await rm(source, { recursive: true, force: true });
  for (const [name, bytes] of Object.entries(files)) {
    await mkdir(join(source, name, '..'), { recursive: true });
    await writeFile(join(source, name), bytes);
  }
  await h()['vault.put']({ paths: [source], into: 'root', clash: 'both' }, testContext());
}
const codeOf = (promise: unknown): Promise<string> =>
  Promise.resolve(promise).then(
    () => 'none',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('files to zstor and back', () => {
  const large = noise(5_000_000, 4);
  const files = { 'a.txt': Buffer.from('hello '.repeat(1000)), 'deep/b.bin': large, 'deep/empty': new Uint8Array(0) };

  it('come back as they were, in the folders they were in', async () => {
    await put(files);
    expect(await exporting(['source'], '/data/docs')).toMatchObject({
      files: 3,
      unchanged: 0,
      repaired: 0,
      skipped: [],
    });
    expect(await exporting(['source/deep/b.bin'], '/data/docs/deep/b.bin')).toMatchObject({ files: 1, unchanged: 1 });
    const context = testContext();
    const paths = ['/data/docs/a.txt', '/data/docs/deep/b.bin', '/data/docs/deep/empty'];
    const { item } = await h()['vault.makeFolder']({ parent: 'root', name: 'back' }, testContext());
    const done = await importing({ paths, into: item.id }, context);
    expect(done).toMatchObject({ files: 3, bytes: 6000 + large.length, skipped: [], unnamed: 0 });
    expect(await names('back')).toEqual(['deep', 'a.txt']);
    expect(equalBytes(await content('back/deep/b.bin'), large)).toBe(true);
    expect((await content('back/deep/empty')).length).toBe(0);
    expect(context.undone).toEqual([{ method: 'vault.bin', input: { items: done.items } }]);
    // The very same bytes cost nothing.
    expect(done.deduplicated).toBe(6000 + large.length);
    expect(await importing({ paths: [paths[0]], into: item.id, clash: 'skip' })).toMatchObject({
      files: 0,
      skipped: [{ code: 'NAME_TAKEN' }],
    });
    // Nothing of what was under way is left, and nothing of it bears the bytes in clear.
    expect(await readdir(join(bench.home, 'vault', 'zstor'))).toEqual([]);
  });

  it('all come, by their names where those are given and by their hashes where not', async () => {
    await put(files);
    await exporting(['source/a.txt', 'source/deep'], '/data/');
    const done = await importing({ all: true, paths: ['/data/a.txt'] });
    expect(done).toMatchObject({ files: 3, unnamed: 2 });
    const there = await names('root');
    expect(there).toContain('a.txt');
    expect(there.filter((name) => /^[0-9a-f]{32}$/.test(name))).toHaveLength(2);
  });

  it('share packs when they are small', async () => {
    await put(Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`f${i}`, noise(2000 + i, i + 1)])));
    await exporting(['source'], '/many');
    const { items } = await h()['vault.list'](
      { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 9 },
      testContext(),
    );
    await h()['vault.bin']({ items: items.map(({ id }) => id) }, testContext());
    await h()['vault.purge']({}, testContext());
    expect(await importing({ all: true })).toMatchObject({ files: 40, unnamed: 40, deduplicated: 0 });
    const { stored } = (await h()['vault.status']({}, testContext())) as { stored: number };
    // 2+1 shards of 80 KB of files and a catalogue of 40 rows: forty packs would take several times that.
    expect(stored).toBeLessThan(400_000);
  });

  it('are left out one by one when they cannot be had', async () => {
    await put(files);
    await exporting(['source'], '/data/docs');
    // More than may be lost, of the large one.
    for (const zdb of zstor.data)
      for (const [key, value] of zdb.values) if (value.length > 2_000_000) zdb.values.delete(key);
    const done = await importing({ paths: ['/data/docs/deep/b.bin', '/data/docs/nothing', '/data/docs/a.txt'] });
    expect(done).toMatchObject({
      files: 1,
      skipped: [{ code: 'DAMAGED' }, { code: 'NOT_FOUND', path: '/data/docs/nothing' }],
    });
    expect(await codeOf(importing({ paths: ['/data/docs/deep/b.bin'] }))).toBe('DAMAGED');
    expect(await codeOf(importing({ paths: ['/x'] }))).toBe('NOT_FOUND');
    expect(await codeOf(importing({}))).toBe('NOT_FOUND');
    for (const zdb of zstor.metadata) await zdb.close();
    expect(await codeOf(importing({ all: true }))).toBe('NOT_ENOUGH_PLACES');
    expect(await codeOf(exporting(['source/a.txt'], '/data/x'))).toBe('NOT_ENOUGH_PLACES');
  });

  it('stop when that is asked, or the vault is locked, and leave nothing half', async () => {
    await put({ 'b.bin': large });
    await exporting(['source/b.bin'], '/b');
    const context = testContext((done) => {
      if (done > 0) context.aborter.abort();
    });
    expect(await codeOf(importing({ paths: ['/b'] }, context))).toBe('CANCELLED');
    expect(await names('root')).toEqual(['source']);
    const locking = testContext((done) => {
      if (done > 0) bench.keys.set(null);
    });
    expect(await codeOf(exporting(['source/b.bin'], '/c', locking))).toBe('LOCKED');
    expect(await codeOf(importing({ paths: ['/b'] }))).toBe('LOCKED');
    expect(await readdir(join(bench.home, 'vault', 'zstor'))).toEqual([]);
  });

  it('go nowhere with a configuration that is none, in words without its secrets', async () => {
    await put({ x: Uint8Array.of(1) });
    const secret = toHex(deploymentKey);
    for (const text of [
      zstor.config.replace('[meta]', '[mita]'),
      zstor.config.replace('snappy', secret),
      `key = ${secret}`,
      '\u0000',
    ]) {
      await writeFile(config, text);
      const failure = await exporting(['source/x'], '/x').then(
        () => null,
        (error: { toFailure(): { code: string } }) => error.toFailure(),
      );
      expect(failure?.code).toBe('BAD_CONFIG');
      expect(JSON.stringify(failure)).not.toContain(secret);
    }
    await writeFile(config, Buffer.from([0xff, 0xfe]));
    expect(await codeOf(importing({ all: true }))).toBe('BAD_CONFIG');
    for (const path of ['zstor.toml', directory, join(directory, 'none')]) {
      expect(await codeOf(importing({ all: true, config: path }))).toBe('BAD_CONFIG');
    }
    await writeFile(config, `root = "/below"\n${zstor.config}`);
    expect(await codeOf(exporting(['source/x'], '/x'))).toBe('BAD_CONFIG');
    expect(await codeOf(importing({ paths: ['/x'] }))).toBe('BAD_CONFIG');
    expect(await exporting(['source/x'], '/below/x')).toMatchObject({ files: 1 });
  });

  it('are asked about with the hosts they go to, and go to no others', async () => {
    await put({ x: Uint8Array.of(1) });
    const input = { items: ['source/x'], config, as: '/x' };
    await bench.vault.checks['vault.exportZstor']?.(input);
    expect(bench.vault.naming['vault.exportZstor']?.(input)).toEqual({
      items: ['/source/x'],
      config: `${config} (10 backends at 127.0.0.1)`,
    });
    await writeFile(config, `${zstor.config}\n`);
    expect(await codeOf(exporting(['source/x'], '/x'))).toBe('BAD_CONFIG');
    expect(zstor.data.every(({ values }) => values.size === 0)).toBe(true);
    expect(await exporting(['source/x'], '/x')).toMatchObject({ files: 1 });
  });
});
