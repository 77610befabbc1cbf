import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { openBench, testContext } from '../testing/harness.ts';
import { openSearchBench, type SearchBench } from './testing/search-bench.ts';

let on: SearchBench | null = null;
afterEach(async () => {
  await on?.close();
  on = null;
});
const pace = { quietMs: 0, rest: 0 };

/** Every file below a directory in which one of the texts stands in any usual encoding. */
async function holding(directory: string, texts: readonly string[]): Promise<string[]> {
  const needles = texts.flatMap((text) => [
    Buffer.from(text),
    Buffer.from(text, 'utf16le'),
    Buffer.from(text.toUpperCase()),
  ]);
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const bytes = await readFile(join(entry.parentPath, entry.name));
    if (needles.some((needle) => bytes.includes(needle))) found.push(entry.name);
  }
  return found;
}

describe('nothing readable', () => {
  it('of the texts or the names is on the disk: while open, after locking, after stopping', async () => {
    on = await openSearchBench();
    const { bench } = on;
    const planted = ['kanarienvogelgesang', 'zitronenfalterflug', 'quittenbrotrezept'];
    await on.store({ 'zitronenfalterflug.txt': `a ${planted[0]} in the text`, 'b.html': `<p>${planted[2]}</p>` });
    await bench.vault.indexed();
    expect(await on.names('kanarienvogelgesang')).toEqual(['zitronenfalterflug.txt']);
    expect(await holding(bench.home, planted)).toEqual([]);
    bench.keys.set(null);
    expect(await holding(bench.home, planted)).toEqual([]);
    await bench.vault.stop();
    expect(await holding(bench.home, planted)).toEqual([]);
    // The look itself would find them.
    expect((await holding(bench.home, ['hypha-vault-place'])).length).toBeGreaterThan(0);
    await bench.vault.start();
  });
});

describe('the index takes a fault', () => {
  it('a file that kills the thread is left out, and the others are not', async () => {
    const indexerUrl = new URL('./testing/deadly-worker.ts', import.meta.url);
    on = await openSearchBench({ search: { pace, indexerUrl } });
    await on.store({ 'a.txt': 'words about cranes', 'b.txt': 'deadly words', 'c.txt': 'words about swans' });
    expect(await on.bench.vault.indexed()).toMatchObject({ state: 'current', files: 3, waiting: 0 });
    expect((await on.names('words')).sort()).toEqual(['a.txt', 'c.txt']);
    await on.bench.restart();
    // It is known for what it is: nobody tries it again.
    expect(await on.bench.vault.indexed()).toMatchObject({ state: 'current', read: 0 });
  });

  it('a full disk only stops it, and it goes on when there is room', async () => {
    let free = 1024;
    on = await openSearchBench({ search: { pace, room: async () => free } });
    await on.store({ 'crane.txt': 'words about cranes' });
    expect(await on.bench.vault.indexed()).toMatchObject({ state: 'full', waiting: 1 });
    // Names are found all the same.
    expect(await on.names('crane')).toEqual(['crane.txt']);
    expect((await on.ask('about')).index.state).toBe('full');
    free = 2 ** 40;
    on.bench.host.advance(60_000);
    await expect.poll(() => on?.names('about')).toEqual(['crane.txt']);
    expect(await on.bench.vault.indexed()).toMatchObject({ state: 'current', waiting: 0 });
  });

  it('a clock that was set back keeps it waiting for no longer than usual', async () => {
    on = await openSearchBench({ search: { pace: { quietMs: 2000, rest: 0 } } });
    const { host, vault } = on.bench;
    await on.store({ 'crane.txt': 'words about cranes' });
    host.setNow(host.now() - 10 * 3_600_000);
    const files = async () => {
      host.advance(500);
      return (await vault.handlers['vault.status']({}, testContext())).search?.files;
    };
    await expect.poll(files).toBe(1);
  });

  it('without threads, names are found', async () => {
    const nowhere = new URL('./testing/there-is-none.ts', import.meta.url);
    on = await openSearchBench({ search: { pace, indexerUrl: nowhere, searcherUrl: nowhere } });
    await on.store({ 'crane.txt': 'words about cranes' });
    expect(await on.names('crane')).toEqual(['crane.txt']);
    expect(await on.names('about')).toEqual([]);
  });

  it('many small changes leave few segments, and every one is found', async () => {
    on = await openSearchBench();
    for (let i = 0; i < 12; i++) {
      await on.store({ [`n${i}.txt`]: `number${i} of many` });
      await on.bench.vault.indexed();
    }
    const segments = (await readdir(join(on.bench.home, 'vault', 'index'))).filter((name) => name.endsWith('.seg'));
    expect(segments.length).toBeLessThan(8);
    for (let i = 0; i < 12; i++) expect(await on.names(`number${i}`)).toEqual([`n${i}.txt`]);
    expect((await on.names('"of many"')).length).toBe(12);
    expect((await on.bench.vault.indexed()).read).toBe(12);
  });
});

describe('kill -9', () => {
  const child = fileURLToPath(new URL('./testing/index-child.ts', import.meta.url));

  /** Runs the child until it says `line`, or to its end; then it is killed. */
  async function runUntil(home: string, source: string, round: number, after: number): Promise<void> {
    const running = spawn(process.execPath, [child, home, source, String(round)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let lines = 0;
    running.stdout.on('data', (data: Buffer) => {
      lines += data.toString().split('\n').length - 1;
      if (lines >= after) running.kill('SIGKILL');
    });
    await new Promise((resolve) => running.on('close', resolve));
  }

  it('at any moment leaves an index that is whole or is made anew', async () => {
    const home = await mkdtemp(join(tmpdir(), 'hypha-index-kill-'));
    const source = await mkdtemp(join(tmpdir(), 'hypha-index-source-'));
    try {
      // Each line of the child is a file it stored or an index it brought up to date.
      for (const [round, after] of [3, 9, 14, 22, 5, 17].entries()) await runUntil(home, source, round, after);
      const bench = await openBench({ home, search: { pace } });
      try {
        const { items } = await bench.vault.handlers['vault.list'](
          { folder: 'root', sort: 'name', descending: false, offset: 0, limit: 1000 },
          testContext(),
        );
        expect(items.length).toBeGreaterThan(0);
        expect(await bench.vault.indexed()).toMatchObject({ state: 'current', waiting: 0, files: items.length });
        for (const { name } of items) {
          const word = name.replace('.txt', '');
          const found = await bench.vault.handlers['vault.search'](
            { query: `"about ${word}"`, limit: 10, offset: 0, typing: false },
            testContext(),
          );
          expect(found.items.map((item) => item.name)).toEqual([name]);
        }
        const files = await readdir(join(home, 'vault', 'index'));
        expect(files.filter((name) => !name.endsWith('.seg'))).toEqual([]);
      } finally {
        await bench.vault.stop();
      }
    } finally {
      await rm(home, { recursive: true, force: true });
      await rm(source, { recursive: true, force: true });
    }
  });
});
