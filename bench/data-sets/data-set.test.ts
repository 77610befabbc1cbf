import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dataSet } from './data-set.ts';
import { mixedFiles } from './mixed.ts';
import { streamOf } from './stream.ts';
import { textSource } from './text.ts';

const mib = 1024 * 1024;

describe('dataSet', () => {
  let base = '';
  beforeEach(async () => {
    base = await mkdtemp(path.join(tmpdir(), 'hypha-bench-'));
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  it.each(['mixed', 'random'] as const)(
    'makes %s of the size asked for, once, and leaves nothing half made',
    async (name) => {
      const made = await dataSet(name, 24 * mib, base);
      expect(made.bytes).toBeGreaterThan(23 * mib);
      expect(made.bytes).toBeLessThanOrEqual(24 * mib);
      expect(await dataSet(name, 24 * mib, base)).toEqual(made);
      expect(await readdir(base)).toEqual([path.basename(made.folder)]);
    },
  );
});

describe('mixedFiles', () => {
  it('gives the same files for the same seed, with copies among them', () => {
    const hashes = (seed: string) =>
      [...mixedFiles(streamOf(seed), 24 * mib)].map(
        (file) => `${file.path} ${createHash('sha256').update(file.bytes).digest('hex')}`,
      );
    const once = hashes('a');
    expect(hashes('a')).toEqual(once);
    expect(hashes('b')).not.toEqual(once);
    const contents = once.map((line) => line.split(' ')[1]);
    expect(new Set(contents).size).toBeLessThan(contents.length);
    expect(new Set(once.map((line) => line.split(' ')[0])).size).toBe(once.length);
  });
});

describe('streamOf', () => {
  it('is AES-128-CTR over zeros, the same everywhere', () => {
    // printf x | sha256sum, its first half as the key: openssl enc -aes-128-ctr -K … -iv 0 over 16 zeros.
    expect(streamOf('x').bytes(16).toString('hex')).toBe('7f3871e6283461c53aec4a37facc6484');
    const stream = streamOf('x');
    for (let n = 0; n < 1000; n += 1) {
      expect(stream.between(3, 5)).toSatisfy((v: number) => v >= 3 && v <= 5);
      expect(stream.logBetween(10, 1000)).toSatisfy((v: number) => v >= 10 && v <= 1000);
    }
  });
});

describe('textSource', () => {
  it('compresses as prose does', () => {
    const bytes = textSource(streamOf('t')).text(mib);
    expect(bytes).toHaveLength(mib);
    const ratio = gzipSync(bytes).length / bytes.length;
    expect(ratio).toBeGreaterThan(0.25);
    expect(ratio).toBeLessThan(0.5);
  });
});
