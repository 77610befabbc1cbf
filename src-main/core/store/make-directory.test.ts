import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeDirectory, makeDirectorySync } from './make-directory.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hypha-make-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each([
  ['now', async (path: string) => makeDirectorySync(path)],
  ['later', (path: string) => makeDirectory(path)],
])('making a directory %s', (_name, make) => {
  it('makes all it lies in, for its owner alone, and is content with what is there', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await make(path);
    await make(path);
    const info = await stat(join(folder, 'a'));
    expect(info.isDirectory()).toBe(true);
    if (process.platform !== 'win32') expect(info.mode & 0o077).toBe(0);
  });

  it('says what the system said where a file is in the way', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(make(file)).rejects.toMatchObject({ code: 'EEXIST', path: file });
    await expect(make(join(file, 'x'))).rejects.toThrow();
  });

  it.runIf(process.platform === 'linux')(
    'gives up where the system makes nothing, instead of trying for ever',
    async () => {
      await expect(make('/proc/hypha-none')).rejects.toMatchObject({ path: '/proc/hypha-none' });
      await expect(make('/proc/hypha-none/logs')).rejects.toMatchObject({ path: '/proc/hypha-none' });
    },
  );
});
