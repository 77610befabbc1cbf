import { FuseV1Options } from '@electron/fuses';
import { describe, expect, it } from 'vitest';
import { fuses } from './fuses.ts';

const known = Object.values(FuseV1Options).filter((one): one is FuseV1Options => typeof one === 'number');
const values = (build: 'release' | 'test') =>
  Object.fromEntries(Object.entries(fuses(build)).filter(([key]) => /^\d+$/.test(key)));

describe('fuses', () => {
  it('are all written down', () => {
    expect(Object.keys(values('release')).map(Number).sort()).toEqual([...known].sort());
  });

  it('differ in a test build by the inspector alone', () => {
    const release = Object.entries(values('release'));
    const test = values('test');
    expect(release.filter(([key, value]) => test[key] !== value)).toEqual([
      [String(FuseV1Options.EnableNodeCliInspectArguments), false],
    ]);
  });
});
