import { describe, expect, it } from 'vitest';
import { readPort, readTarget, readTargets, webAddress } from './ports.ts';

describe('what is typed about services', () => {
  it('is a port only when it is one', () => {
    expect(['80', ' 8080 ', '65535'].map(readPort)).toEqual([80, 8080, 65_535]);
    expect(['', ' ', '0', '65536', '80a', '1.5', '-1'].map(readPort)).toEqual(Array(7).fill(null));
  });

  it('is somebody only when it is an address or a name', () => {
    expect([' Ann.Hypha ', '4A2:b1::1'].map(readTarget)).toEqual(['ann.hypha', '4a2:b1::1']);
    expect(['', 'two words', 'a/b', '-x'].map(readTarget)).toEqual([null, null, null, null]);
  });

  it('is a list in any of the ways that people write lists', () => {
    expect(readTargets('ann.hypha, ben.hypha\n4a2::1;ann.hypha')).toEqual(['ann.hypha', 'ben.hypha', '4a2::1']);
    expect([readTargets(''), readTargets(' ,\n'), readTargets('ann.hypha, a/b')]).toEqual([null, null, null]);
  });

  it('is opened in a browser where it looks like that', () => {
    expect(webAddress(8080, 41_007)).toBe('http://127.0.0.1:41007/');
    expect(webAddress(443, 41_007)).toBe('https://127.0.0.1:41007/');
    expect([webAddress(22, 41_007), webAddress(80, null)]).toEqual([null, null]);
  });
});
