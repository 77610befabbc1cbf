import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDisk, type TestDisk } from './testing/disk.ts';
import { onPath } from './testing/on-path.ts';

const litmus = onPath('litmus');
if (!litmus) console.log('skipped: litmus is not installed (Debian package litmus)');
const cadaver = onPath('cadaver');
if (!cadaver) console.log('skipped: cadaver is not installed (Debian package cadaver)');

let disk: TestDisk;
let scratch = '';
beforeAll(async () => {
  disk = await openDisk();
  scratch = await mkdtemp(join(tmpdir(), 'hypha-litmus-'));
});
afterAll(async () => {
  await disk.close();
  await rm(scratch, { recursive: true, force: true });
});

const run = (program: string, args: string[], input = '', env: Record<string, string> = {}) =>
  new Promise<{ code: number; out: string }>((resolve) => {
    const child = execFile(
      program,
      args,
      { cwd: scratch, env: { ...process.env, HOME: scratch, ...env }, timeout: 60_000, maxBuffer: 8 * 1024 * 1024 },
      (error, out, err) => resolve({ code: error ? 1 : 0, out: `${out}${err}` }),
    );
    child.stdin?.end(input);
  });

// Its summary of each suite; the Debian build ends at the first suite that fails, so each is run by itself.
describe.skipIf(!litmus)('litmus', () => {
  it.each(['basic', 'copymove', 'props', 'locks', 'http'])('passes %s', { timeout: 60_000 }, async (suite) => {
    const { out } = await run('litmus', [disk.url, 'hypha', disk.password], '', { TESTS: suite });
    const [, ran, passed, failed] = /of (\d+) tests run: (\d+) passed, (\d+) failed/.exec(out) ?? [];
    expect({ ran: Number(ran) > 0, failed, all: ran === passed, warned: /WARNING/.test(out) }, out).toEqual({
      ran: true,
      failed: '0',
      all: true,
      warned: false,
    });
    expect(out).not.toMatch(/\bSKIPPED\b/);
  });
});

describe.skipIf(!cadaver)('cadaver', () => {
  it('stores, lists, moves, locks and fetches', { timeout: 60_000 }, async () => {
    const netrc = `machine 127.0.0.1\nlogin hypha\npassword ${disk.password}\n`;
    await writeFile(join(scratch, '.netrc'), netrc, { mode: 0o600 });
    await writeFile(join(scratch, 'letter.txt'), 'Dear Ada,\n'.repeat(1000));
    const script = [
      'mkcol letters',
      'cd letters',
      'put letter.txt',
      'lock letter.txt',
      'showlocks',
      'unlock letter.txt',
      'copy letter.txt again.txt',
      'move again.txt third.txt',
      'ls',
      'get third.txt back.txt',
      'delete letter.txt',
      'ls',
      'quit',
      '',
    ].join('\n');
    const { out } = await run('cadaver', [disk.url], script);
    expect(out).not.toMatch(/failed/i);
    expect(out).toMatch(/third\.txt/);
    expect(await readFile(join(scratch, 'back.txt'), 'utf8')).toBe('Dear Ada,\n'.repeat(1000));
  });
});
