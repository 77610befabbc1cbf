import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { seededRandom } from '#core/testing/fake-host.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { decodeCheckedJson, encodeCheckedJson } from './checked-json.ts';
import { twoCopies } from './two-copies.ts';

const schema = z.strictObject({ v: z.literal(1), n: z.number(), fill: z.string() });
const decode = (bytes: Uint8Array) => decodeCheckedJson(bytes, 1, schema);
const record = (n: number) => encodeCheckedJson({ v: 1, n, fill: 'x'.repeat(5000) });

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'hypha-two-copies-'));
  path = join(directory, 'file.json');
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});
const open = () => twoCopies(path, decode, silentLog);

describe('a file in two copies', () => {
  it('is read back, with mode 0600', async () => {
    expect(await open().read()).toEqual({ state: 'missing' });
    await open().write(record(1));
    expect(await open().read()).toMatchObject({ state: 'good', value: { n: 1 }, restored: false });
    if (process.platform !== 'win32') {
      for (const name of [path, `${path}.copy`]) expect((await stat(name)).mode & 0o777).toBe(0o600);
    }
  });

  it.each([
    ['cut short', async () => writeFile(path, record(1).subarray(0, 50))],
    ['empty', async () => writeFile(path, '')],
    ['gone', async () => unlink(path)],
  ])('is restored from its copy when it is %s', async (_name, harm) => {
    await open().write(record(1));
    await harm();
    expect(await open().read()).toMatchObject({ state: 'good', value: { n: 1 }, restored: true });
    expect(await open().read()).toMatchObject({ state: 'good', restored: false });
  });

  it('keeps the damaged file', async () => {
    await open().write(record(1));
    await writeFile(path, 'rubbish');
    await open().read();
    expect(await readFile(`${path}.damaged`, 'utf8')).toBe('rubbish');
  });

  it('says what is wrong when neither can be used', async () => {
    await open().write(record(1));
    await writeFile(path, '');
    await writeFile(`${path}.copy`, 'rubbish');
    expect(await open().read()).toEqual({ state: 'damaged', cause: 'the file is empty' });
    await unlink(path);
    expect(await open().read()).toMatchObject({ state: 'damaged' });
  });

  it('makes the copy agree after a crash between the two writes', async () => {
    await open().write(record(1));
    await writeFile(path, record(2));
    expect(await open().read()).toMatchObject({ state: 'good', value: { n: 2 } });
    expect(await readFile(`${path}.copy`)).toEqual(await readFile(path));
  });

  it('leaves a newer release’s file alone, and its copy', async () => {
    await open().write(record(1));
    await writeFile(path, encodeCheckedJson({ v: 2 }));
    expect(await open().read()).toMatchObject({ state: 'damaged' });
    expect(decode(await readFile(path))).toMatchObject({ newer: true });
  });

  it('is written even when the copy cannot follow, and leaves no old copy behind', async () => {
    await open().write(record(1));
    await unlink(`${path}.copy`);
    await mkdir(`${path}.copy`);
    await open().write(record(2));
    expect(await open().read()).toMatchObject({ state: 'good', value: { n: 2 }, restored: false });
  });

  it('explains a file that cannot be read', async () => {
    for (const name of [path, `${path}.copy`]) await mkdir(name);
    expect(await open().read()).toEqual({ state: 'damaged', cause: 'it cannot be read (EISDIR)' });
  });

  it('is one of the acknowledged contents after kill -9 at any moment', async () => {
    const seed = Number(process.env.HYPHA_SEED ?? 1);
    const random = seededRandom(seed);
    let acknowledged = 0;
    for (let round = 0; round < 10; round++) {
      const killAfter = 1 + ((random(1)[0] ?? 0) % 12);
      const child = spawn(
        process.execPath,
        [join(import.meta.dirname, 'testing/two-copies-writer.ts'), path, String(acknowledged)],
        {
          stdio: ['ignore', 'pipe', 'inherit'],
        },
      );
      await new Promise<void>((resolve, reject) => {
        let lines = 0;
        let pending = '';
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          const parts = (pending + text).split('\n');
          pending = parts.pop() ?? '';
          for (const line of parts) {
            acknowledged = Number(line);
            lines++;
          }
          if (lines >= killAfter) child.kill('SIGKILL');
        });
        child.once('error', reject);
        child.once('close', () => resolve());
      });
      const read = await open().read();
      expect(read, `seed ${seed}, round ${round}`).toMatchObject({ state: 'good' });
      // Nothing acknowledged is lost; the write that was under way may or may not have happened.
      const n = read.state === 'good' ? read.value.n : -1;
      expect(n, `seed ${seed}, round ${round}`).toBeGreaterThanOrEqual(acknowledged);
      expect(n, `seed ${seed}, round ${round}`).toBeLessThanOrEqual(acknowledged + 1);
      acknowledged = n;
    }
    expect((await readdir(directory)).filter((name) => name.endsWith('.damaged'))).toEqual([]);
  });
});
