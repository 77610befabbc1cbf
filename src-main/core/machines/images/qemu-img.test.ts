import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDisk, resizeDisk } from './qemu-img.ts';

/** What was done to which file, in order: durable is not what a file looks like, but what was asked of the disk. */
const done: string[] = [];
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    async open(path: string, flags: string) {
      const handle = await real.open(path, flags);
      const sync = handle.sync.bind(handle);
      handle.sync = () => {
        done.push(`sync ${basename(path)}`);
        return sync();
      };
      return handle;
    },
    rename(from: string, to: string) {
      done.push(`rename ${basename(from)} ${basename(to)}`);
      return real.rename(from, to);
    },
  };
});

describe.skipIf(process.platform === 'win32')('a disk image', () => {
  let dir: string;
  let tool: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'hypha-disk-'));
    tool = join(dir, 'qemu-img');
    done.length = 0;
  });
  afterEach(() => rm(dir, { recursive: true, force: true }));
  /** Stands in for qemu-img: the file that is made is its last argument but one. */
  const stand = (script: string) => writeFile(tool, `#!/bin/sh\n${script}\n`, { mode: 0o755 });

  it('is on the disk before it has its name, and its name before it is told', async () => {
    await stand('while [ $# -gt 2 ]; do shift; done; echo disk > "$1"');
    await createDisk(tool, join(dir, 'disk.qcow2'), 1, null);
    expect(done).toEqual(['sync disk.qcow2.new', 'rename disk.qcow2.new disk.qcow2', `sync ${basename(dir)}`]);
    done.length = 0;
    await resizeDisk(tool, join(dir, 'disk.qcow2'), 2);
    expect(done).toEqual(['sync disk.qcow2']);
  });

  it('is not there at all when it could not be made', async () => {
    await stand('while [ $# -gt 2 ]; do shift; done; echo half > "$1"; exit 1');
    await expect(createDisk(tool, join(dir, 'disk.qcow2'), 1, null)).rejects.toThrow();
    expect(await readdir(dir)).toEqual(['qemu-img']);
  });
});
