import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBenchArguments, parseSize } from './arguments.ts';

describe('parseBenchArguments', () => {
  it('lists when nothing is named', () => {
    expect(parseBenchArguments([])).toEqual({ name: null, json: false, runs: null, size: null, seconds: null });
  });

  it('reads a name with its options in any order', () => {
    const wanted = { name: 'vault-store', json: true, runs: 3, size: 64 * 1024 ** 2, seconds: 600 };
    expect(parseBenchArguments(['vault-store', '--json', '--runs', '3', '--size', '64M', '--seconds', '600'])).toEqual(
      wanted,
    );
    expect(parseBenchArguments(['--size=64MiB', '--runs=3', '--seconds=600', 'vault-store', '--json'])).toEqual(wanted);
  });

  it.each([
    [['a', 'b']],
    [['--json']],
    [['a', '--runs', '0']],
    [['a', '--runs', '1.5']],
    [['a', '--runs', 'many']],
    [['a', '--size', '0']],
    [['a', '--size', '64X']],
    [['a', '--seconds', '0.5']],
    [['a', '--what']],
  ])('says what is wrong with %j', (args) => {
    expect(parseBenchArguments(args)).toEqual({ problem: expect.stringMatching(/\w/) });
  });

  it('gives values or a problem for any words', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 6 }), (args) => {
        const result = parseBenchArguments(args);
        expect('problem' in result ? typeof result.problem : typeof result.json).toMatch(/string|boolean/);
      }),
    );
  });
});

describe('parseSize', () => {
  it('knows binary units', () => {
    expect(parseSize('512')).toBe(512);
    expect(parseSize('4K')).toBe(4096);
    expect(parseSize('1G')).toBe(1024 ** 3);
    expect(parseSize('')).toBeNull();
    expect(parseSize('-1')).toBeNull();
  });
});
