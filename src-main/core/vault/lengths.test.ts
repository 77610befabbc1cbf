import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeShardHeader, headerBytes, tagBytes } from './format/shard.ts';
import { noise, openBench, readAll, testContext } from './testing/harness.ts';

it('a place cannot tell files of about the same length apart, nor see where they end', async () => {
  const bench = await openBench();
  const source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
  const h = bench.vault.handlers;
  try {
    await h['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
    const seen = new Set<string>();
    for (const [i, size] of [66_000, 100_000, 131_000].entries()) {
      await writeFile(join(source, `${i}`), noise(size, 2 * i + 1));
      await h['vault.put']({ paths: [join(source, `${i}`)], into: 'root', clash: 'both' }, testContext());
    }
    let shards = 0;
    for (const place of ['1', '2', '3']) {
      const top = join(bench.home, 'places', place);
      for (const name of (await readdir(top, { recursive: true })).filter((one) => /\.\d\d$/.test(one))) {
        const bytes = await readFile(join(top, name));
        const header = decodeShardHeader(bytes);
        if (!header) throw new Error(name);
        shards++;
        // Of data and of the catalogue: the header says no more than the file's length does.
        expect(header.payload).toBe(header.k * header.shardLength);
        const body = bytes.subarray(headerBytes, -tagBytes);
        expect(body.indexOf(Buffer.alloc(16))).toBe(-1);
        if (header.kind === 0) seen.add(`${bytes.length} ${header.payload}`);
      }
    }
    expect(shards).toBeGreaterThan(9);
    expect(seen.size).toBe(1);
    const read = h['vault.read']({ item: '/1', offset: 0 }, testContext());
    expect((await readAll(read)).equals(noise(100_000, 3))).toBe(true);
  } finally {
    await bench.close();
    await rm(source, { recursive: true, force: true });
  }
});
