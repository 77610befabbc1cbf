import { describe, expect, it } from 'vitest';
import type { Benchmark } from './benchmark.ts';
import { jsonLine, table } from './report.ts';

const base: Benchmark = {
  name: 'toy',
  about: 'A toy.',
  better: 'higher',
  rival: 'another',
  runs: 2,
  warmUp: false,
  prepare: () => Promise.reject(new Error('not used')),
};
const outcome = {
  times: [
    { contest: 'mixed', ours: [2, 3, 4], rival: [6, 6, 6] },
    { contest: 'random', ours: [2, 2, 2], rival: [1, 2, 3] },
  ],
  notes: [{ contest: 'mixed', side: 'ours' as const, text: 'peak memory 120 MiB' }],
};

describe('jsonLine', () => {
  it('is one line with the worse figure', () => {
    expect(jsonLine(base, outcome)).toBe(
      '{"name":"toy","value":1,"unit":"ratio","better":"higher","rival":"another","runs":3}',
    );
  });

  it('gives seconds where there is no rival', () => {
    const alone = { times: [{ contest: 'x', ours: [1.23456], rival: null }], notes: [] };
    expect(JSON.parse(jsonLine({ ...base, rival: null, better: 'lower' }, alone))).toEqual({
      name: 'toy',
      value: 1.235,
      unit: 's',
      better: 'lower',
      rival: null,
      runs: 1,
    });
  });
});

describe('a unit of its own', () => {
  const own: Benchmark = { ...base, rival: null, better: 'lower', unit: 'ns' };
  const alone = { times: [{ contest: 'x', ours: [41.23456, 39, 1234.56], rival: null }], notes: [] };

  it('is in the line and in the table', () => {
    expect(JSON.parse(jsonLine(own, alone))).toMatchObject({ value: 41.23, unit: 'ns' });
    const text = table(own, alone, []);
    expect(text).toMatch(/^toy, ns/);
    expect(text).toMatch(/x +ours +41\.23 +39 +1235 +39 +41\.23 +1235/);
    expect(text).toMatch(/toy: 41\.23 ns; lower is better$/);
  });

  it('says nothing of a ratio', () => {
    const both = { times: [{ contest: 'x', ours: [2], rival: [4] }], notes: [] };
    expect(JSON.parse(jsonLine({ ...own, rival: 'another' }, both))).toMatchObject({ value: 0.5, unit: 'ratio' });
  });
});

describe('table', () => {
  it('shows every run, the extremes, the notes and what counts', () => {
    const text = table(base, outcome, ['caches are warm']);
    expect(text).toContain('run 3');
    expect(text).toMatch(/mixed +ours +2\.000 +3\.000 +4\.000 +2\.000 +3\.000 +4\.000 +2\.00/);
    expect(text).toContain('mixed, ours: peak memory 120 MiB');
    expect(text).toContain('caches are warm');
    expect(text).toMatch(/toy: 1\.00 \(rival \/ ours\), on random, the worse; higher is better$/);
  });
});
