import { mkdir, mkdtemp, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bench, openBench, readAll, testContext } from '../testing/harness.ts';
import { decodeSources, encodeSources } from './put-sources.ts';

const text = fc.string({ maxLength: 20, unit: 'binary' }).map((s) => s.toWellFormed());
const sources = fc
  .array(fc.tuple(text, fc.record({ item: text, print: text })), { maxLength: 5 })
  .map((list) => new Map(list));

describe('a row of files that were put', () => {
  it('reads back', () => {
    fc.assert(
      fc.property(text, sources, (directory, all) => {
        expect(decodeSources(encodeSources(directory, all), directory)).toEqual(all);
        expect(decodeSources(encodeSources(directory, all), `${directory}/x`)).toBeNull();
      }),
    );
  });

  it('is nothing when the bytes are anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const read = decodeSources(bytes, '');
        expect(read === null || read instanceof Map).toBe(true);
      }),
    );
  });
});

describe('a folder that is put again in the place of itself', () => {
  let bench: Bench;
  let source: string;
  beforeEach(async () => {
    bench = await openBench();
    source = await mkdtemp(join(tmpdir(), 'hypha-source-'));
    await bench.vault.handlers['vault.setup']({ profile: { k: 2, m: 1 } }, testContext());
    await mkdir(join(source, 'all/sub'), { recursive: true });
    for (const name of ['a', 'b', 'sub/c']) await writeFile(at(name), `as it was: ${name}`);
    await writeFile(at('large'), Buffer.alloc(300_000, 1));
    // What was just written might be written to again within one step of the clock.
    bench.host.setNow(Date.now() + 60_000);
  });
  afterEach(async () => {
    await bench.close();
    await rm(source, { recursive: true, force: true });
  });

  const at = (name: string): string => join(source, 'all', name);
  const h = () => bench.vault.handlers;
  const put = (clash: 'both' | 'replace' = 'replace') =>
    h()['vault.put']({ paths: [join(source, 'all')], into: 'root', clash }, testContext());
  const items = async (): Promise<Record<string, string>> => {
    const out: Record<string, string> = {};
    for (const folder of ['/all', '/all/sub']) {
      const listed = await h()['vault.list'](
        { folder, offset: 0, limit: 100, sort: 'name', descending: false },
        testContext(),
      );
      for (const { name, id, kind } of listed.items) if (kind === 'file') out[name] = id;
    }
    return out;
  };
  /** Nobody waits for them, so they come a moment later. */
  const writtenDown = async (): Promise<void> => {
    const db = new DatabaseSync(join(bench.home, 'vault', 'catalogue.db'), { readOnly: true });
    try {
      await vi.waitFor(() => expect(db.prepare('SELECT 1 FROM put_sources').all()).toHaveLength(2));
    } finally {
      db.close();
    }
  };

  it('takes only what somebody wrote to, also after a restart', async () => {
    expect(await put()).toMatchObject({ files: 4, deduplicated: 0 });
    await writtenDown();
    await bench.restart();
    const before = await items();
    const looks = await stat(at('a'));
    // As long, and with its old time put back.
    await writeFile(at('a'), 'as it WAS: a');
    await utimes(at('a'), looks.atime, looks.mtime);
    const again = await put();
    expect(again).toMatchObject({ files: 4, bytes: 300_000 + 12 + 12 + 16, deduplicated: 300_000 + 12 + 16 });
    const { a, ...rest } = await items();
    const { a: oldA, ...oldRest } = before;
    expect(rest).toEqual(oldRest);
    expect(a).not.toBe(oldA);
    const read = h()['vault.read']({ item: 'all/a', offset: 0 }, testContext());
    expect((await readAll(read)).toString()).toBe('as it WAS: a');
  });
});
