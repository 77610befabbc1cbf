import { describe, expect, it } from 'vitest';
import { closingLine, countPlaywright, countVitest } from './tally.ts';

const vitest = (...assertionResults: { fullName: string; status: string }[]) => ({
  testResults: [{ name: '/r/a.test.ts', status: 'passed', message: '', assertionResults }],
});

describe('counting vitest', () => {
  it('counts passed, failed and skipped with their reasons', () => {
    const report = vitest(
      { fullName: 'works', status: 'passed' },
      { fullName: 'breaks', status: 'failed' },
      { fullName: 'boots (skipped: no QEMU here)', status: 'skipped' },
    );
    expect(countVitest(report, 1, '/r')).toEqual({
      passed: 1,
      failed: ['a.test.ts: breaks'],
      skipped: [{ name: 'a.test.ts: boots (skipped: no QEMU here)', reason: 'no QEMU here' }],
    });
  });

  it('takes a file that did not load and an error outside any test for failures', () => {
    const broken = {
      testResults: [{ name: '/r/b.test.ts', status: 'failed', message: 'no such module\nat x', assertionResults: [] }],
    };
    expect(countVitest(broken, 1, '/r').failed).toEqual(['b.test.ts: no such module']);
    expect(countVitest(vitest({ fullName: 'x', status: 'passed' }), 1, '/r').failed).toEqual(['vitest ended with 1']);
  });
});

describe('counting Playwright', () => {
  const spec = (title: string, status: string, description?: string) => ({
    title,
    file: 's.ts',
    tests: [{ status, annotations: description === undefined ? [] : [{ type: 'skip', description }] }],
  });

  it('walks nested suites, and a flaky test fails', () => {
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
      passed: 1,
      failed: ['s.ts: b', 's.ts: d (passed only on a retry)'],
      skipped: [{ name: 's.ts: c', reason: 'no Electron runtime' }],
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
      { passed: 2, failed: [], skipped: [] },
      { passed: 3, failed: ['x'], skipped: [{ name: 'y', reason: 'z' }] },
    ]);
    expect(sum).toEqual({ line: '5 passed, 1 failed, 1 skipped', details: ['skipped: y (z)', 'failed: x'], ok: false });
  });
});
