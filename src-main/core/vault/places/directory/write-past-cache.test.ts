import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noise } from '../../testing/harness.ts';
import { createDirectoryStore } from './store.ts';
import { straightBytes, writePastCache } from './write-past-cache.ts';

const kib = 1024;
let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hypha-straight-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Bytes where the arena would have them. */
function inArena(length: number, at = 65_536): Uint8Array {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 32, shared: true });
  const part = new Uint8Array(memory.buffer, at, length);
  part.set(noise(length, length));
  return part;
}

describe.skipIf(process.platform !== 'linux')('a shard written past the system’s cache', () => {
  it.each([256 * kib, 256 * kib + 96, 512 * kib + 4095, 1024 * kib + 1])('of %d bytes is whole', async (length) => {
    const part = inArena(length);
    let taken = 0;
    await createDirectoryStore(root).put('p/one', [part], () => void taken++);
    expect((await readFile(join(root, 'p/one'))).equals(Buffer.from(part))).toBe(true);
    expect(taken).toBe(1);
  });

  it('is one that is long and lies on a page of shared memory', () => {
    expect(straightBytes(inArena(256 * kib + 96))).toBe(256 * kib);
    expect(straightBytes(inArena(256 * kib - 1))).toBe(0);
    expect(straightBytes(inArena(512 * kib, 65_536 + 512))).toBe(0);
    expect(straightBytes(new Uint8Array(512 * kib))).toBe(0);
    expect(straightBytes(undefined)).toBe(0);
  });

  it('is left to be written in the usual way where the system does not take it', async () => {
    const path = join(root, 'file');
    await writeFile(path, '');
    expect(await writePastCache(path, inArena(256 * kib, 65_536 + 80), 256 * kib)).toBe(0);
    expect(await readFile(path)).toHaveLength(0);
    await expect(writePastCache(join(root, 'absent'), inArena(256 * kib), 256 * kib)).rejects.toThrow('ENOENT');
  });
});
