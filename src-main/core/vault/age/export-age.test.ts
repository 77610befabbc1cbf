import { spawn, spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Decrypter } from 'age-encryption';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, noise, openBench, testContext } from '../testing/harness.ts';

let bench: Bench;
let source: string;
let to: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  to = await mkdtemp(join(tmpdir(), 'hypha-to-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  for (const directory of [source, to]) await rm(directory, { recursive: true, force: true });
});

const put = async (name: string, bytes: Uint8Array) => {
  await mkdir(join(source, name, '..'), { recursive: true });
  await writeFile(join(source, name), bytes);
  const top = join(source, name.split('/')[0] ?? '');
  await bench.vault.handlers['vault.put']({ paths: [top], into: 'root', clash: 'replace' }, testContext());
};
const filePassphrase = 'correct-horse-battery-staple';
const exportAge = (item: string, context = testContext()) =>
  bench.vault.handlers['vault.exportAge']({ item, to, filePassphrase }, context);

async function opened(path: string, passphrase: string): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphrase);
  const pieces: Uint8Array[] = [];
  const sealed = Readable.toWeb(createReadStream(path)) as ReadableStream<Uint8Array>;
  for await (const piece of await decrypter.decrypt(sealed)) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('a file for somebody without Hypha', () => {
  it('opens with its passphrase alone, whatever its length, and says nothing of its name', async () => {
    for (const length of [0, 3_000_001]) {
      const bytes = noise(length, 1);
      await put(`n${length}.bin`, bytes);
      const context = testContext();
      const { path, bytes: written } = await exportAge(`n${length}.bin`, context);
      expect(path).toBe(join(to, `n${length}.bin.age`));
      expect(context.steps).toEqual(['seal', 'sync']);
      expect((await stat(path)).size).toBe(written);
      const sealed = await readFile(path);
      expect(sealed.toString('latin1', 0, 200)).toMatch(/^age-encryption\.org\/v1\n-> scrypt \S{22} 18\n/);
      expect((await opened(path, filePassphrase)).equals(bytes)).toBe(true);
    }
    await expect(opened(join(to, 'n0.bin.age'), `${filePassphrase}x`)).rejects.toThrow();
    expect((await readdir(to)).sort()).toEqual(['n0.bin.age', 'n3000001.bin.age']);
  });

  const why =
    spawnSync('age', ['--version']).status !== 0
      ? 'the program age is not there'
      : spawnSync('script', ['--version']).status !== 0
        ? 'the program script, which gives age a terminal, is not there'
        : null;
  if (why !== null) console.log(`skipped: age files opened by age itself: ${why}`);
  it.skipIf(why !== null)('opens with age itself', async () => {
    const bytes = noise(700_001, 2);
    await put('letter.pdf', bytes);
    const { path } = await exportAge('letter.pdf');
    const out = join(to, 'out');
    // It reads a passphrase from a terminal only.
    const running = spawn('script', ['-qec', `age -d -o '${out}' '${path}'`, '/dev/null'], { stdio: 'pipe' });
    let said = '';
    running.stdout.on('data', (text) => {
      if (!said.includes('passphrase') && String(text).includes('passphrase'))
        running.stdin.write(`${filePassphrase}\r`);
      said += text;
    });
    expect([await new Promise((resolve) => running.on('close', resolve)), said]).toEqual([0, expect.any(String)]);
    expect((await readFile(out)).equals(bytes)).toBe(true);
  });

  it('never replaces what is there, and is of one file', async () => {
    await put('a.txt', Buffer.from('new'));
    await put('d/b.txt', Buffer.from('x'));
    await writeFile(join(to, 'a.txt.age'), 'theirs');
    await expect(exportAge('a.txt')).rejects.toMatchObject({ code: 'BAD_TARGET' });
    expect(await readFile(join(to, 'a.txt.age'), 'utf8')).toBe('theirs');
    await expect(exportAge('d')).rejects.toMatchObject({ code: 'NOT_A_FILE' });
    await expect(exportAge('nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const inside = { item: 'a.txt', to: join(bench.home, 'places', '1'), filePassphrase };
    await expect(bench.vault.handlers['vault.exportAge'](inside, testContext())).rejects.toMatchObject({
      code: 'BAD_TARGET',
    });
    expect(await readdir(to)).toEqual(['a.txt.age']);
  });

  it('leaves nothing when it is cancelled, or the name is taken meanwhile', async () => {
    await put('a.bin', noise(5_000_000, 3));
    const context = testContext(() => context.aborter.abort());
    await expect(exportAge('a.bin', context)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await readdir(to)).toEqual([]);
    let once = true;
    const taken = testContext(() => {
      if (once) void writeFile(join(to, 'a.bin.age'), 'theirs');
      once = false;
    });
    await expect(exportAge('a.bin', taken)).rejects.toMatchObject({ code: 'BAD_TARGET' });
    expect(await readdir(to)).toEqual(['a.bin.age']);
    expect(await readFile(join(to, 'a.bin.age'), 'utf8')).toBe('theirs');
  });

  it('leaves a hidden part when Hypha is killed in it, which the next start takes away', async () => {
    await put('d/large', noise(6_000_000, 1));
    await bench.vault.stop();
    const child = fileURLToPath(new URL('../testing/export-child.ts', import.meta.url));
    const running = spawn(process.execPath, ['--no-warnings', child, bench.home, to, 'age'], { stdio: 'inherit' });
    expect(await new Promise((resolve) => running.on('close', (_, signal) => resolve(signal)))).toBe('SIGKILL');
    expect(await readdir(to)).toEqual([expect.stringMatching(/^\.hypha-.*\.part$/)]);
    await bench.restart();
    await vi.waitFor(async () => expect(await readdir(to)).toEqual([]));
  });

  it('has ten words as its passphrase when nobody thinks of one, others each time', async () => {
    const made = async () => (await bench.vault.handlers['vault.agePassphrase']({}, testContext())).passphrase;
    const [one, two] = [await made(), await made()];
    expect(one).toMatch(/^([a-z]{3,8}-){9}[a-z]{3,8}$/);
    expect(two).not.toBe(one);
  });
});
