import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, testContext } from './testing/harness.ts';

let bench: Bench;
let source: string;
let to: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  to = await mkdtemp(join(tmpdir(), 'hypha-to-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  await mkdir(join(source, 'd'));
  await writeFile(join(source, 'd', 'large'), noise(6_000_000, 1));
  const paths = [join(source, 'd')];
  await bench.vault.handlers['vault.put']({ paths, into: 'root', clash: 'both' }, testContext());
});
afterEach(async () => {
  await bench.close();
  for (const directory of [source, to]) await rm(directory, { recursive: true, force: true });
});

const child = fileURLToPath(new URL('./testing/export-child.ts', import.meta.url));
/** Hypha is killed while it exports to a directory. */
async function killed(): Promise<void> {
  await bench.vault.stop();
  const running = spawn(process.execPath, ['--no-warnings', child, bench.home, to], { stdio: 'inherit' });
  expect(await new Promise((resolve) => running.on('close', (_, signal) => resolve(signal)))).toBe('SIGKILL');
}
const exportTo = (directory: string) =>
  bench.vault.handlers['vault.export']({ items: ['d'], to: directory }, testContext());
const parts = async () => (await readdir(to, { recursive: true })).filter((name) => name.endsWith('.part'));
const remembered = async () => {
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(join(bench.home, 'vault', 'catalogue.db'), { readOnly: true });
  try {
    return db.prepare('SELECT count(*) AS n FROM exports').get()?.n;
  } finally {
    db.close();
  }
};

describe('what an export that was cut off leaves', () => {
  it('goes at the next start, and what others write under such names stays', async () => {
    await killed();
    expect(await parts()).toHaveLength(1);
    const theirs = `.hypha-${'0'.repeat(32)}-1.part`;
    await writeFile(join(to, theirs), 'of another agent');
    await bench.restart();
    await vi.waitFor(async () => expect(await parts()).toEqual([theirs]));
    await vi.waitFor(async () => expect(await remembered()).toBe(0));
  });

  it('waits for the drive, and goes when something is exported next', async () => {
    await killed();
    await rename(to, `${to}-away`);
    await bench.restart();
    await rename(`${to}-away`, to);
    expect(await parts()).toHaveLength(1);
    const other = await mkdtemp(join(tmpdir(), 'hypha-to-'));
    await exportTo(other);
    expect(await parts()).toEqual([]);
    expect(await remembered()).toBe(0);
    await rm(other, { recursive: true });
  });

  it('is nothing after one that ended, well or not', async () => {
    await exportTo(to);
    expect([await parts(), await remembered()]).toEqual([[], 0]);
    const context = testContext(() => context.aborter.abort());
    await expect(bench.vault.handlers['vault.export']({ items: ['d'], to }, context)).rejects.toThrow();
    expect([await parts(), await remembered()]).toEqual([[], 0]);
  });
});

it('exports nothing into Hypha’s own data directory, by whatever path, and makes no place there but where places are', async () => {
  const link = join(to, 'link');
  await symlink(bench.home, link);
  const inside = [bench.home, join(bench.home, 'vault'), join(bench.home, 'new'), link, join(link, 'identity')];
  for (const path of inside) {
    await expect(exportTo(path), path).rejects.toMatchObject({
      code: 'BAD_TARGET',
      message: expect.stringMatching(/own data directory/),
    });
    const add = bench.vault.handlers['vault.addPlace']({ path }, testContext());
    await expect(add, path).rejects.toMatchObject({
      code: 'BAD_PLACE',
      message: expect.stringMatching(/own data directory/),
    });
  }
  expect(await readdir(bench.home)).not.toContain('new');
  await bench.vault.handlers['vault.addPlace']({ path: join(bench.home, 'places', '9') }, testContext());
});
