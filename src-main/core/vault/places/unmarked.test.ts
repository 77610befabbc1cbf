import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { identityFile } from '../format/place-identity.ts';
import { type Bench, noise, openBench, testContext } from '../testing/harness.ts';

let bench: Bench;
let source: string;
beforeEach(async () => {
  bench = await openBench();
  source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  await h()['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
  await put('f', 1);
});
afterEach(async () => {
  await bench.close();
  await rm(source, { recursive: true, force: true });
});

const h = () => bench.vault.handlers;
const place = (n: number): string => join(bench.home, 'places', String(n));
const put = async (name: string, seed: number): Promise<void> => {
  await writeFile(join(source, name), noise(100_000, seed));
  await h()['vault.put']({ paths: [join(source, name)], into: 'root', clash: 'both' }, testContext());
};
const first = async () => {
  const { places } = await h()['vault.places']({}, testContext());
  const found = places.find((p) => p.path === place(1));
  if (!found) throw new Error('no place');
  return found;
};
const add = async (path: string) => h()['vault.addPlace']({ path }, testContext());
const away = (): Promise<void> => rename(place(1), join(source, 'away'));

describe('a directory that should be a place', () => {
  it('that is gone is missing, and repair is the next step', async () => {
    await rm(place(1), { recursive: true });
    expect(await first()).toMatchObject({ health: 'missing', problem: { code: 'GONE' } });
  });

  it('that is empty is missing', async () => {
    await away();
    await mkdir(place(1));
    expect(await first()).toMatchObject({ health: 'missing', problem: { code: 'EMPTY' } });
  });

  it('with other files and no mark is missing, said to be unmarked, and stays as it is', async () => {
    await away();
    await mkdir(place(1));
    await writeFile(join(place(1), 'holiday.jpg'), 'mine');
    const seen = await first();
    expect(seen).toMatchObject({ health: 'missing', problem: { code: 'UNMARKED' } });
    expect(seen.problem?.text).not.toMatch(/another vault/);
    await put('g', 3).catch(() => {});
    await h()
      ['vault.repair']({}, testContext())
      .catch(() => {});
    expect(await readdir(place(1))).toEqual(['holiday.jpg']);
    await expect(add(place(1))).rejects.toMatchObject({ code: 'ALREADY_EXISTS' });
  });

  it('with pieces but no mark is said to be unmarked, and its pieces stay', async () => {
    await rm(join(place(1), identityFile));
    const before = await readdir(place(1), { recursive: true });
    expect(await first()).toMatchObject({ health: 'missing', problem: { code: 'UNMARKED' } });
    await h()
      ['vault.repair']({}, testContext())
      .catch(() => {});
    expect(await readdir(place(1), { recursive: true })).toEqual(before);
  });

  it('with a damaged mark is said so, and stays as it is', async () => {
    for (const text of ['', '{}', '\0\0\0', '{"format":"hypha-vault-place","version":2}']) {
      await writeFile(join(place(1), identityFile), text);
      expect(await first()).toMatchObject({ health: 'missing', problem: { code: 'BAD_MARK' } });
      await h()
        ['vault.repair']({}, testContext())
        .catch(() => {});
      expect(await readFile(join(place(1), identityFile), 'utf8')).toBe(text);
    }
    await mkdir(join(source, 'bad'));
    await writeFile(join(source, 'bad', identityFile), '{}');
    await expect(add(join(source, 'bad'))).rejects.toMatchObject({
      code: 'BAD_PLACE',
      message: expect.stringContaining('damaged'),
    });
  });

  it('with the mark of another vault is foreign, of another place of this vault is not', async () => {
    const mark = JSON.parse(await readFile(join(place(1), identityFile), 'utf8')) as { vault: string };
    await writeFile(join(place(1), identityFile), JSON.stringify({ ...mark, vault: 'ab'.repeat(16) }));
    expect(await first()).toMatchObject({ health: 'foreign', problem: { code: 'OTHER_VAULT' } });
    await writeFile(join(place(1), identityFile), await readFile(join(place(2), identityFile)));
    expect(await first()).toMatchObject({ health: 'missing', problem: { code: 'OTHER_PLACE' } });
  });

  it('is whole again when its disk is back', async () => {
    await away();
    await mkdir(place(1));
    expect((await first()).health).toBe('missing');
    await rm(place(1), { recursive: true });
    await rename(join(source, 'away'), place(1));
    const seen = await first();
    expect(seen.health).toBe('ok');
    expect(seen.problem).toBeUndefined();
  });

  it('is not written into when its disk went since the last look', async () => {
    await away();
    await mkdir(place(1));
    // Nothing looks in between: the write itself finds that the mark is gone.
    await put('g', 3).catch(() => {});
    expect(await readdir(place(1))).toEqual([]);
  });
});
