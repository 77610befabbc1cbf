import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configOf } from './targets.ts';
import { findReferences, workerName } from './worker-entries.ts';

describe('worker code', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'hypha-build-'));
    await mkdir(path.join(root, 'src-main', 'core', 'pool'), { recursive: true });
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  it('is found by the form it is written in', () => {
    expect(findReferences("new Worker(new URL('./a-worker.ts', import.meta.url))")).toEqual(['./a-worker.ts']);
    expect(findReferences('new URL(\n  "../b/c.ts",\n  import.meta.url,\n)')).toEqual(['../b/c.ts']);
    expect(findReferences("new URL('./data.json', import.meta.url); new URL('https://x/y.ts')")).toEqual([]);
    expect(workerName('/r', '/r/src-main/core/pool/seal-worker.ts')).toBe('worker-core-pool-seal-worker');
  });

  it('runs from the bundle as it runs from the sources', async () => {
    const write = (name: string, text: string) => writeFile(path.join(root, name), text);
    await write('package.json', '{"type":"module","imports":{"#core/*":"./src-main/core/*"}}');
    await write('src-main/core/pool/word.ts', "export const word: string = 'sealed';");
    await write(
      'src-main/core/pool/seal-worker.ts',
      "import { parentPort } from 'node:worker_threads';\nimport { word } from '#core/pool/word.ts';\nparentPort?.postMessage(word);",
    );
    await write(
      'src-main/main.ts',
      "import { Worker } from 'node:worker_threads';\nimport { word } from '#core/pool/word.ts';\nnew Worker(new URL('./core/pool/seal-worker.ts', import.meta.url)).on('message', (m) => console.log(word, m));",
    );
    await build(configOf(root, { folder: 'out/x', entries: { main: 'src-main/main.ts' }, format: 'es' }));
    const built = path.join(root, 'out', 'x');
    expect(await readdir(built)).toEqual(expect.arrayContaining(['main.js', 'worker-core-pool-seal-worker.js']));
    for (const entry of [path.join(built, 'main.js'), path.join(root, 'src-main', 'main.ts')]) {
      const { stdout } = await promisify(execFile)(process.execPath, [entry]);
      expect(stdout.trim()).toBe('sealed sealed');
    }
  });
});
