import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const exec = promisify(execFile);
const supported = process.platform === 'linux' || process.platform === 'darwin';

describe.runIf(supported)('the headless package', () => {
  let work: string;
  beforeAll(async () => {
    work = await mkdtemp(path.join(os.tmpdir(), 'hypha-package-'));
  });
  afterAll(() => rm(work, { recursive: true, force: true }));

  it('starts from its tarball with nothing in PATH, and serves the interface and the command line', async () => {
    await exec(process.execPath, ['scripts/package-daemon.ts', '--to', work]);
    const tarball = (await readdir(work)).find((name) => name.endsWith('.tar.gz'));
    expect(tarball).toMatch(/^hypha-daemon-[\d.]+-(linux|darwin)-(x64|arm64)\.tar\.gz$/);
    await exec('tar', ['xzf', path.join(work, tarball ?? ''), '-C', work]);

    const home = path.join(work, 'home');
    // `readlink` is all that the start script may need from outside, and only when it is linked to.
    const env = { PATH: '/nonexistent', HOME: work, XDG_CACHE_HOME: path.join(work, 'cache'), XDG_RUNTIME_DIR: work };
    const child = spawn(path.join(work, 'hypha-daemon', 'start'), ['--home', home, '--json'], {
      cwd: '/',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    let complaints = '';
    child.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    try {
      const line = await Promise.race([
        new Promise<string>((resolve) => createInterface(child.stdout).once('line', resolve)),
        ended.then((code) => Promise.reject(new Error(`it ended with ${code}: ${complaints}`))),
      ]);
      const { url } = JSON.parse(line) as { url: string };
      const page = await fetch(new URL('/', url));
      expect(page.status).toBe(200);
      expect(await page.text()).toMatch(/<div id="[\w-]+">|<script type="module"/);
      const cli = await exec(path.join(work, 'hypha-daemon', 'hypha'), ['system', 'info', '--json', '--home', home], {
        env,
      });
      expect(JSON.parse(cli.stdout)).toMatchObject({ shell: 'daemon', home });
    } finally {
      child.kill('SIGTERM');
    }
    expect(await ended).toBe(0);
  }, 180_000);
});
