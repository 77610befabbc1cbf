import { describe, expect, it } from 'vitest';
import { allowed, licenceProblems } from './licences.ts';

describe('licences', () => {
  it('reads SPDX expressions', () => {
    expect(allowed('MIT', false)).toBe(true);
    expect(allowed('(WTFPL OR MIT)', false)).toBe(true);
    expect(allowed('MIT AND GPL-3.0-only', false)).toBe(false);
    expect(allowed('AGPL-3.0', true)).toBe(false);
    expect(allowed('MPL-2.0', false)).toBe(false);
    expect(allowed('MPL-2.0', true)).toBe(true);
  });

  it('names each package that is not allowed', () => {
    const packages = {
      '': {},
      'node_modules/a': { license: 'MIT', version: '1.0.0' },
      'node_modules/b/node_modules/@s/c': { license: 'GPL-2.0-only', version: '2.0.0' },
      'node_modules/d': { version: '3.0.0', dev: true },
    };
    expect(licenceProblems({ packages })).toEqual([
      '@s/c@2.0.0 is GPL-2.0-only, which is not on the list',
      'd@3.0.0 states no licence',
    ]);
  });
});
