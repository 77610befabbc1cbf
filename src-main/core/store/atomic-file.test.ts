import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from './atomic-file.ts';
import { removeLeftovers } from './leftovers.ts';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hypha-file-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('replaces a file as a whole, private by default, and leaves nothing beside it', async () => {
  const path = join(directory, 'a');
  await writeFileAtomic(path, 'one');
  await writeFileAtomic(path, 'two');
  expect(readFileSync(path, 'utf8')).toBe('two');
  expect(readdirSync(directory)).toEqual(['a']);
  if (process.platform !== 'win32') expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('leaves the old file and no leftovers when it cannot write', async () => {
  const path = join(directory, 'a');
  await writeFileAtomic(path, 'one');
  await expect(writeFileAtomic(join(directory, 'missing', 'a'), 'x')).rejects.toMatchObject({ code: 'ENOENT' });
  // A directory stands where the file should go: the rename fails after the bytes were written.
  await expect(writeFileAtomic(directory, 'x')).rejects.toBeDefined();
  expect(readdirSync(directory)).toEqual(['a']);
});

it('many writers at once leave one whole file', async () => {
  const path = join(directory, 'a');
  await Promise.all(Array.from({ length: 20 }, (_, i) => writeFileAtomic(path, String(i).repeat(10_000))));
  const text = readFileSync(path, 'utf8');
  expect(new Set(text.match(/../g)).size).toBeLessThanOrEqual(2);
  expect(readdirSync(directory)).toEqual(['a']);
});

it('leaves the old file when killed, and the next start takes away what was being written', async () => {
  const path = join(directory, 'a');
  await writeFileAtomic(path, 'old');
  const child = spawn(process.execPath, [
    '--input-type=module',
    '-e',
    `import { readdirSync } from 'node:fs';
     import { writeFileAtomic } from ${JSON.stringify(new URL('./atomic-file.ts', import.meta.url).href)};
     void writeFileAtomic(${JSON.stringify(path)}, new Uint8Array(32 * 1024 * 1024));
     const look = () => {
       if (readdirSync(${JSON.stringify(directory)}).length > 1) process.kill(process.pid, 'SIGKILL');
       setImmediate(look);
     };
     look();`,
  ]);
  const signal = await new Promise((resolve) => child.on('close', (_, s) => resolve(s)));
  expect(signal).toBe('SIGKILL');
  const [left = ''] = readdirSync(directory).filter((name) => name !== 'a');
  expect(left).toBe(`.a.${child.pid}-1.tmp`);
  expect(readFileSync(path, 'utf8')).toBe('old');
  // Names that only look alike are not ours; what a living process writes is not left over.
  const others = ['.notes.tmp', 'a.1-1.tmp', '.a.tmp', `.a.${process.ppid}-1.tmp`];
  for (const name of others) writeFileSync(join(directory, name), '');
  writeFileSync(join(directory, '.01234567-89ab-cdef-0123-456789abcdef.tmp'), '');
  removeLeftovers(directory);
  expect(readdirSync(directory).sort()).toEqual(['a', ...others].sort());
});

it('goes round a name that a process of the same number left, and clears it away', async () => {
  const path = join(directory, 'a');
  for (let n = 1; n < 100; n++) writeFileSync(join(directory, `.a.${process.pid}-${n}.tmp`), '');
  await writeFileAtomic(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
  const writing = writeFileAtomic(path, 'newer');
  removeLeftovers(directory);
  await writing;
  expect(readdirSync(directory)).toEqual(['a']);
});

it('keeps a file that is there when asked to make a new one', async () => {
  const path = join(directory, 'a');
  const all = await Promise.allSettled(['1', '2', '3'].map((text) => writeFileAtomic(path, text, { exclusive: true })));
  expect(all.filter((r) => r.status === 'fulfilled')).toHaveLength(1);
  const text = readFileSync(path, 'utf8');
  await expect(writeFileAtomic(path, 'x', { exclusive: true })).rejects.toMatchObject({ code: 'EEXIST' });
  expect(readFileSync(path, 'utf8')).toBe(text);
  expect(readdirSync(directory)).toEqual(['a']);
});
