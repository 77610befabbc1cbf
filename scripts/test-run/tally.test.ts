import { describe, expect, it } from 'vitest';
import { closingLine, countPlaywright, countVitest } from './tally.ts';
import { reasonsIn } from './vitest-reporter.ts';

describe('counting vitest', () => {
  it('takes a run that failed for no test for a failure', () => {
    const report = { passed: 2, failed: [], flaky: [], skipped: [], took: { 'a.test.ts': 12 } };
    expect(countVitest(report, 0)).toEqual(report);
    expect(countVitest(report, 1).failed).toEqual(['vitest ended with 1']);
    expect(countVitest({ ...report, failed: ['a.test.ts: x'] }, 1).failed).toEqual(['a.test.ts: x']);
  });

  it('finds the reason that a skipped file gives', () => {
    const output = 'x\nmachines.test.ts is skipped: QEMU is not installed (Debian: qemu-utils).\ny is skipped: z';
    expect([...reasonsIn(output)]).toEqual([['machines.test.ts', 'QEMU is not installed (Debian: qemu-utils)']]);
  });
});

describe('counting Playwright', () => {
  const spec = (title: string, status: string, description?: string) => ({
    title,
    file: 's.ts',
    tests: [
      {
        status,
        annotations: description === undefined ? [] : [{ type: 'skip', description }],
        results: [{ duration: 7 }],
      },
    ],
  });

  it('walks nested suites, and tells what passed only when tried again', () => {
    const report = {
      suites: [
        {
          specs: [spec('a', 'expected')],
          suites: [{ specs: [spec('b', 'unexpected'), spec('c', 'skipped', 'no Electron runtime')] }],
        },
        { specs: [spec('d', 'flaky')] },
      ],
    };
    expect(countPlaywright(report, 1)).toEqual({
      passed: 2,
      failed: ['s.ts: b'],
      flaky: ['s.ts: d'],
      skipped: [{ name: 's.ts: c', reason: 'no Electron runtime' }],
      took: { 's.ts': 28 },
    });
  });

  it('counts an error outside any test', () => {
    expect(countPlaywright({ suites: [], errors: [{ message: 'config broken\nx' }] }, 1).failed).toEqual([
      'Playwright: config broken',
    ]);
  });
});

describe('the closing line', () => {
  it('sums over all runners', () => {
    const sum = closingLine([
      { passed: 2, failed: [], flaky: ['w'], skipped: [], took: { 'a.ts': 900, 'b.ts': 61_400 } },
      { passed: 3, failed: ['x'], flaky: [], skipped: [{ name: 'y', reason: 'z' }], took: { 'c.ts': 2_000 } },
    ]);
    expect(sum).toEqual({
      line: '5 passed, 1 failed, 1 skipped',
      details: [
        'took  61 s: b.ts',
        'took   2 s: c.ts',
        'took   1 s: a.ts',
        'skipped: y (z)',
        'flaky: w (failed, and passed when tried again)',
        'failed: x',
      ],
      ok: false,
    });
  });

  it('fails when more than a few passed only on the second try', () => {
    const flaky = ['a', 'b', 'c', 'd', 'e', 'f'];
    const sum = (n: number) =>
      closingLine([{ passed: 9, failed: [], flaky: flaky.slice(0, n), skipped: [], took: {} }]);
    expect([sum(5).ok, sum(6).ok, sum(6).line]).toEqual([true, false, '9 passed, 1 failed, 0 skipped']);
  });
});
