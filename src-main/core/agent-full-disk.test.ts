import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';

const run = promisify(execFile);

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-full-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

it('lets the person in and her files out on a disk with no room for the log, and writes it down later', async ({
  skip,
}) => {
  const mayMount = await run('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs -o size=1m none /mnt']).then(
    () => true,
    () => false,
  );
  if (!mayMount) {
    console.warn('skipped: this user may not mount a file system of its own.');
    return skip();
  }
  const [home, source, target] = ['home', 'source', 'target'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [home, source, target]) await mkdir(path);
  await writeFile(join(source, 'a'), 'hello');
  await writeFile(join(source, 'b'), Buffer.alloc(2_000_000, 'not much in it '));
  const child = join(dirname(fileURLToPath(import.meta.url)), 'testing', 'full-disk-child.ts');
  const node = `exec "$0" --no-warnings "$1" "$2" "$3" "$4"`;
  const script = `mount -t tmpfs -o size=64m none "$2" && ${node}`;
  const { stdout } = await run('unshare', ['-m', 'sh', '-c', script, process.execPath, child, home, source, target], {
    timeout: 100_000,
  });
  expect(JSON.parse(stdout)).toMatchObject({
    lock: 'locked',
    unlock: 'unlocked',
    exported: 'done',
    files: { files: 2, bytes: 2_000_005, skipped: [] },
    written: ['a', 'b'],
    bytes: true,
    verified: 'done',
    checked: { missing: 1, corrupt: 0 },
    // What changes something has to wait.
    refused: ['DISK_FULL', 'DISK_FULL', 'DISK_FULL'],
    tasks: ['vault.verify done', 'vault.export done'],
    logged: 4,
    later: ['vault.verify done', 'vault.export done', 'identity.unlock done', 'identity.lock done'],
    chain: { entries: 8, intact: true },
  });
}, 120_000);
