import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, readAll, testContext } from './testing/harness.ts';

/** By path: the system's error when it is opened, or when it is read from `after` on. */
const faults = vi.hoisted(() => ({
  open: new Map<string, string>(),
  read: new Map<string, { after: number; code: string }>(),
  paths: new Map<number, string>(),
  /** Positions at which the faulty read was asked for. */
  failed: [] as number[],
}));

// The tests may run as root, whom no mode keeps from reading; so the system calls that a put uses fail here.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>();
  const openSync: typeof fs.openSync = (path, ...rest) => {
    refuse(String(path));
    const fd = fs.openSync(path, ...rest);
    faults.paths.set(fd, String(path));
    return fd;
  };
  const readSync = (fd: number, target: Uint8Array, offset: number, length: number, position: number): number => {
    const fault = faults.read.get(faults.paths.get(fd) ?? '');
    if (!fault) return fs.readSync(fd, target, offset, length, position);
    if (position >= fault.after) {
      faults.failed.push(position);
      throw Object.assign(new Error('i/o error'), { code: fault.code });
    }
    return fs.readSync(fd, target, offset, Math.min(length, fault.after - position), position);
  };
  return { ...fs, default: fs, openSync, readSync };
});
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  const open: typeof fs.open = async (path, ...rest) => {
    refuse(String(path));
    const handle = await fs.open(path, ...rest);
    faults.paths.set(handle.fd, String(path));
    return handle;
  };
  return { ...fs, default: fs, open };
});
const refuse = (path: string): void => {
  const code = faults.open.get(path);
  if (code) throw Object.assign(new Error('cannot be opened'), { code });
};

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  faults.open.clear();
  faults.read.clear();
  faults.failed.length = 0;
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const put = (clash: 'both' | 'replace' = 'both') =>
  h()['vault.put']({ paths: [join(source, 'd')], into: 'root', clash }, testContext());
const names = async (): Promise<string[]> => {
  const { id } = await h()['vault.get']({ item: 'd' }, testContext());
  const page = { sort: 'name', descending: false, offset: 0, limit: 100 } as const;
  return (await h()['vault.list']({ folder: id, ...page }, testContext())).items.map((item) => item.name);
};
const same = async (name: string, bytes: Uint8Array): Promise<void> => {
  const { id } = await h()['vault.get']({ item: `d/${name}` }, testContext());
  expect(Buffer.compare(await readAll(h()['vault.read']({ item: id, offset: 0 }, testContext())), bytes)).toBe(0);
};

const denied = 'You are not allowed to read it.';
const broken = 'It could not be read (EIO).';

describe.each([
  { size: 'small', length: 3_000, half: 1_500 },
  { size: 'large', length: 9_000_001, half: 6_000_000 },
])('a $size file that cannot be read', ({ length, half }) => {
  it.each([
    { when: 'opened', code: 'EACCES', message: denied },
    { when: 'read from its middle on', code: 'EIO', message: broken },
  ])('when it is $when is skipped with its reason; the rest is stored', async ({ code, message }) => {
    const files = new Map([
      ['a-small', noise(2_000, 1)],
      ['b-bad', noise(length, 2)],
      ['c-small', noise(4_000, 3)],
      ['d-large', noise(5_000_000, 4)],
    ]);
    await mkdir(join(source, 'd'));
    for (const [name, bytes] of files) await writeFile(join(source, 'd', name), bytes);
    const bad = join(source, 'd', 'b-bad');
    if (code === 'EIO') faults.read.set(bad, { after: half, code });
    else faults.open.set(bad, code);

    const result = await put();
    expect(result).toMatchObject({ files: 3, skipped: [{ path: bad, code: 'UNREADABLE', message }] });
    if (code === 'EIO') expect(faults.failed[0]).toBe(half);

    // Nothing half of it is shown, and what came of it gives its room back.
    expect(await names()).toEqual(['a-small', 'c-small', 'd-large']);
    for (const [name, bytes] of files) if (name !== 'b-bad') await same(name, bytes);
    await bench.restart();
    await h()['vault.purge']({}, testContext());
    expect(await h()['vault.verify']({}, testContext())).toMatchObject({ missing: 0, corrupt: 0, damagedFiles: 0 });
    // A pack is kept while half of it is of use.
    expect((await h()['vault.status']({}, testContext())).stored).toBeLessThan(2 * (5_006_000 * 3 * 0.5) + 300_000);

    // What was half read before does not stand in for it later.
    faults.open.clear();
    faults.read.clear();
    expect((await put('replace')).skipped).toEqual([]);
    for (const [name, bytes] of files) await same(name, bytes);
  });
});
