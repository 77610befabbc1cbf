import { appendFileSync, truncateSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

/** By path: what somebody else does to the file after each read of it. */
const others = vi.hoisted(() => ({ after: new Map<string, () => void>(), paths: new Map<number, string>() }));

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const openSync: typeof fs.openSync = (path, ...rest) => {
    const fd = fs.openSync(path, ...rest);
    others.paths.set(fd, String(path));
    return fd;
  };
  const readSync = (fd: number, target: Uint8Array, offset: number, length: number, position: number): number => {
    const got = fs.readSync(fd, target, offset, length, position);
    others.after.get(others.paths.get(fd) ?? '')?.();
    return got;
  };
  return { ...fs, default: fs, openSync, readSync };
});
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open: typeof fs.open = async (path, ...rest) => {
    const handle = await fs.open(path, ...rest);
    others.paths.set(handle.fd, String(path));
    return handle;
  };
  return { ...fs, default: fs, open };
});

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  others.after.clear();
  others.paths.clear();
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

/** A file last written long ago, so that a write now shows whatever the steps of the clock are. */
const file = async (name: string, bytes: Buffer): Promise<string> => {
  const path = join(source, name);
  await writeFile(path, bytes);
  await utimes(path, 1, 1);
  return path;
};
const put = async (...paths: string[]) => {
  const seen: number[] = [];
  const context = testContext((done) => void seen.push(done));
  const result = await bench.vault.handlers['vault.put']({ paths, into: 'root', clash: 'both' }, context);
  return { ...result, done: seen.at(-1) };
};
const read = async (item: string): Promise<Buffer> => {
  const { id } = await bench.vault.handlers['vault.get']({ item }, testContext());
  return readAll(bench.vault.handlers['vault.read']({ item: id, offset: 0 }, testContext()));
};
const meanwhile = (path: string, times: number, work: () => void): void => {
  let left = times;
  others.after.set(path, () => {
    if (left-- > 0) work();
  });
};
const chunks = (): number => {
  const db = new DatabaseSync(join(bench.home, 'vault', 'catalogue.db'), { readOnly: true });
  const { n } = db.prepare('SELECT count(*) AS n FROM chunks').get() as { n: number };
  db.close();
  return n;
};

describe.each([
  ['small', 50_000],
  ['large', 5_000_000],
])('a %s file that changes while it is read', (_, size) => {
  it('once is read again, and stored as it is then', async () => {
    const path = await file('f', noise(size, 1));
    const next = noise(size, 3);
    meanwhile(path, 1, () => writeFileSync(path, next));
    const result = await put(path);
    expect(result).toMatchObject({ files: 1, skipped: [], done: size });
    expect((await read('f')).equals(next)).toBe(true);
  });

  it.each<[string, (path: string) => void]>([
    ['written over', (path) => writeFileSync(path, noise(size, Math.floor(Math.random() * 1e6)))],
    ['appended to', (path) => appendFileSync(path, 'one more line\n')],
    ['cut short', (path) => truncateSync(path, Math.floor(size / 3 + Math.random() * 1000))],
  ])('again and again, %s, is skipped with its reason, and nothing of it is stored', async (_how, write) => {
    const path = await file('f', noise(size, 1));
    const calm = await file('calm', noise(2000, 5));
    // Every write shows, whatever the steps of the clock are.
    let at = 2;
    meanwhile(path, Number.POSITIVE_INFINITY, () => {
      write(path);
      truncateSync(path, size - at++);
    });
    const result = await put(path, calm);
    expect(result).toMatchObject({ files: 1, skipped: [{ path, code: 'CHANGED' }] });
    expect(result.skipped[0]?.message).toContain('changed while it was read');
    expect((await read('calm')).equals(noise(2000, 5))).toBe(true);
    await expect(read(basename(path))).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(chunks()).toBe(1);
  });
});

it('a file that grows faster than it is read does not hold a put up', async () => {
  const path = await file('log', noise(3_000_000, 1));
  const more = noise(2_500_000, 7);
  let reads = 0;
  meanwhile(path, 20, () => {
    reads++;
    appendFileSync(path, more);
  });
  const result = await put(path);
  expect(result).toMatchObject({ files: 0, skipped: [{ path, code: 'CHANGED' }] });
  expect(reads).toBeLessThan(20);
});
