import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
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

describe('the vault’s own directories', () => {
  const names = async (folder: string): Promise<string[]> => {
    const page = { sort: 'name', descending: false, offset: 0, limit: 100 } as const;
    const { id } = await bench.vault.handlers['vault.get']({ item: folder }, testContext());
    return (await bench.vault.handlers['vault.list']({ folder: id, ...page }, testContext())).items.map((i) => i.name);
  };

  it('are left out of a folder that holds them, each with its reason', async () => {
    // The vault’s home, and a place elsewhere, lie in what is stored.
    await bench.close();
    bench = await openBench({ home: join(source, 'person', 'data') });
    const paths = ['data/places/a', 'data/places/b', 'drive'].map((name) => join(source, 'person', name));
    await mkdir(join(source, 'person', 'documents'), { recursive: true });
    await writeFile(join(source, 'person', 'documents', 'letter'), 'dear Ann');
    await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 }, paths }, testContext());

    const result = await put(join(source, 'person'));
    expect(result.files).toBe(1);
    expect(result.skipped).toEqual([
      {
        path: join(source, 'person', 'data'),
        code: 'OWN_DATA',
        message: 'It belongs to Hypha’s data directory; the vault does not store itself.',
      },
      {
        path: join(source, 'person', 'drive'),
        code: 'OWN_DATA',
        message: 'It belongs to the place “drive”; the vault does not store itself.',
      },
    ]);
    expect(await names('person')).toEqual(['documents']);
  });

  it('are left out by whatever path they, or what lies in them, are named', async () => {
    await symlink(bench.home, join(source, 'link'), 'junction');
    const named = [
      bench.home,
      join(bench.home, 'vault'),
      join(bench.home, 'vault', 'catalogue.db'),
      join(source, 'link', 'vault'),
      join(source, 'link', 'places', '1'),
      join(bench.home, 'places', '..', 'vault'),
    ];
    for (const path of named) {
      const result = await put(path);
      expect([path, result.files, result.skipped.map((s) => s.code)]).toEqual([path, 0, ['OWN_DATA']]);
    }
  });
});
