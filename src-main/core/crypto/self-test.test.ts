import { expect, it } from 'vitest';
import { selfTest, selfTestChecks } from './self-test.ts';
import { selfTestAside } from './self-test-aside.ts';

it('passes here, every check', async () => {
  expect(await selfTest()).toEqual({ passed: selfTestChecks.length, failed: [] });
});

it('names what fails or throws', async () => {
  const checks = [
    ['good', () => true],
    ['wrong', () => false],
    [
      'absent',
      () => {
        throw new Error('unknown cipher');
      },
    ],
  ] as const;
  expect(await selfTest(checks)).toEqual({ passed: 1, failed: ['wrong', 'absent'] });
});

it('says the same from a thread of its own, and does it once', async () => {
  const result = selfTestAside();
  expect(selfTestAside()).toBe(result);
  expect(await result).toEqual({ passed: selfTestChecks.length, failed: [] });
});
