import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bench, openBench, testContext } from '../testing/harness.ts';

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const put = (...paths: string[]) =>
  bench.vault.handlers['vault.put']({ paths, into: 'root', clash: 'both' }, testContext());

describe('names that are not UTF-8', () => {
  const broken = Buffer.concat([Buffer.from('r'), Buffer.from([0xe9]), Buffer.from('sume.txt')]);

  it('are listed with that reason, and the rest is stored', async (context) => {
    await mkdir(join(source, 'd', 'sub'), { recursive: true });
    await writeFile(join(source, 'd', 'fine.txt'), 'fine');
    await writeFile(join(source, 'd', 'truly \uFFFD.txt'), 'this one is UTF-8');
    try {
      await writeFile(Buffer.concat([Buffer.from(`${source}/d/`), broken]), 'latin1 name');
      await mkdir(Buffer.concat([Buffer.from(`${source}/d/sub/`), broken]));
    } catch {
      console.log('skipped: this file system takes no name that is not UTF-8');
      context.skip();
    }
    const result = await put(join(source, 'd'));
    const message = 'Its name is not UTF-8. Rename it, then it can be stored.';
    expect(result.skipped).toEqual([
      { path: join(source, 'd', 'r\uFFFDsume.txt'), code: 'BAD_NAME', message },
      { path: join(source, 'd', 'sub', 'r\uFFFDsume.txt'), code: 'BAD_NAME', message },
    ]);
    expect(result.files).toBe(2);
  });

  it('are told so when one is named by itself', async () => {
    const result = await put(join(source, 'r\uFFFDsume.txt'));
    expect(result.skipped.map((s) => s.code)).toEqual(['BAD_NAME']);
  });
});
