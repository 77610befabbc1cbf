import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutReference, cutRules, gearTable } from '../format/chunker.ts';
import { compileKernel, kernelSource } from './build-kernel.ts';
import { createKernel, scratchBytes } from './kernel.ts';
import { generator, rebuildRows } from './matrix.ts';
import { tableCombine } from './table-combine.ts';

const base = 65_536;
function setUp(pages = 80) {
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  const bytes = new Uint8Array(memory.buffer);
  return { bytes, kernel: createKernel(memory, base), free: base + Math.ceil(scratchBytes / 4096) * 4096 };
}

describe('kernel', () => {
  it('is built from the source beside it', async () => {
    const committed = readFileSync(new URL('./kernel-bytes.ts', import.meta.url), 'utf8');
    expect(kernelSource(await compileKernel())).toBe(committed);
  });

  it('combines like the tables do, for every k, m and any lost shards', () => {
    const { bytes, kernel, free } = setUp();
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 8 }),
        fc.infiniteStream(fc.nat(255)),
        (k, m, units, stream) => {
          const length = units * 32;
          const at = (i: number): number => free + i * length;
          const view = (i: number): Uint8Array => bytes.subarray(at(i), at(i) + length);
          const data = Array.from({ length: k }, (_, i) => {
            const shard = view(i);
            for (let x = 0; x < length; x++) shard[x] = stream.next().value;
            return shard.slice();
          });
          const indices = (from: number, n: number): number[] => Array.from({ length: n }, (_, i) => from + i);
          kernel.combine(generator(k, m).slice(k), indices(0, k).map(at), indices(k, m).map(at), length);
          const expected = Array.from({ length: m }, () => new Uint8Array(length));
          tableCombine(generator(k, m).slice(k), data, expected);
          for (let i = 0; i < m; i++) expect(view(k + i)).toEqual(expected[i]);
          const all = indices(0, k + m).map((i) => view(i).slice());
          const order = indices(0, k + m).sort(() => (stream.next().value & 1) - 0.5);
          const lost = order.slice(0, m);
          const have = order.slice(m);
          for (const i of lost) view(i).fill(0xee);
          kernel.combine(rebuildRows(k, m, have, lost), have.map(at), lost.map(at), length);
          for (const i of lost) expect(view(i)).toEqual(all[i]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('cuts where the reference cuts', () => {
    const { bytes, kernel, free } = setUp();
    const rules = { min: 64, normal: 200, max: 512, maskSmall: 0xff000000 | 0, maskLarge: 0xf0000000 | 0 };
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 700 }), (key, data) => {
        const gear = gearTable(key);
        bytes.set(data, free);
        expect(kernel.cut(gear, free, data.length, rules)).toBe(cutReference(gear, data, rules));
      }),
      { numRuns: 300 },
    );
  });

  it('cuts real sizes between min and max, and depends on content, not on position', () => {
    const { bytes, kernel, free } = setUp(200);
    const gear = gearTable(new Uint8Array(32).fill(7));
    const length = 8 * 1024 * 1024;
    let x = 12345;
    for (let i = 0; i < length; i++) {
      x = (Math.imul(x, 1664525) + 1013904223) | 0;
      bytes[free + i] = x >>> 24;
    }
    const cutsFrom = (start: number): number[] => {
      const ends: number[] = [];
      for (let at = start; ; ) {
        const n = kernel.cut(gear, free + at, length - at, cutRules);
        if (n === 0) return ends;
        expect(n).toBeGreaterThan(cutRules.min);
        expect(n).toBeLessThanOrEqual(cutRules.max);
        at += n;
        ends.push(at);
      }
    };
    const whole = cutsFrom(0);
    const shifted = cutsFrom(100_000);
    expect(whole.length).toBeGreaterThan(3);
    // After at most a few chunks the cuts meet again.
    expect(whole.slice(-2)).toEqual(shifted.slice(-2));
  });
});
