import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writeFileAtomic } from './atomic-file.ts';

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
