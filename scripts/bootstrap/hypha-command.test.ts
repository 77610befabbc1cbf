import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

/* The `hypha` command of a clone, in a clone that holds only what it needs. */

const root = path.join(import.meta.dirname, '..', '..');
let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'hypha-clone-')));
  await mkdir(path.join(folder, 'scripts'));
  await cp(path.join(root, 'scripts', 'hypha.mjs'), path.join(folder, 'scripts', 'hypha.mjs'));
  await cp(import.meta.dirname, path.join(folder, 'scripts', 'bootstrap'), { recursive: true });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function run(program: string, args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  const [[code], out, err] = await Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
  return { code: code as number, out, err };
}

describe('the hypha command of a clone', () => {
  it('is what package.json names, and a shell can run it', async () => {
    const { bin } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { bin: { hypha: string } };
    const file = path.join(root, bin.hypha);
    expect((await readFile(file, 'utf8')).split('\n')[0]).toBe('#!/usr/bin/env node');
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o111).toBe(0o111);
  });

  it('hands words, directory and exit code over to what is built, also by a link from elsewhere', async () => {
    await mkdir(path.join(folder, 'out', 'daemon'), { recursive: true });
    await writeFile(
      path.join(folder, 'out', 'daemon', 'hypha.js'),
      'console.log(JSON.stringify([process.argv.slice(2), process.cwd()])); process.exitCode = 4;',
    );
    const link = path.join(folder, 'hypha');
    await symlink(path.join(folder, 'scripts', 'hypha.mjs'), link);
    const { code, out } = await run(link, ['vault', 'put', 'a b', '--json']);
    expect([code, JSON.parse(out)]).toEqual([4, [['vault', 'put', 'a b', '--json'], await realpath(tmpdir())]]);
  });

  it('says what to run where nothing is built', async () => {
    expect(await run(path.join(folder, 'scripts', 'hypha.mjs'), ['status'])).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/not built yet. Run npm start in .*hypha-clone-/),
    });
  });
});
