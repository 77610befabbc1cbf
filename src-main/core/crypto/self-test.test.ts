import { expect, it } from 'vitest';
import { selfTest, selfTestChecks } from './self-test.ts';

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
