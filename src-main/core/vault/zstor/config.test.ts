import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { ConfigError, nameOf, parseConfig } from './config.ts';
import { configText } from './testing/config-text.ts';

const good = configText({
  k: 2,
  parity: 1,
  key: new Uint8Array(32).fill(0xab),
  root: '/virtual',
  metadata: [1, 2, 3, 4].map((port) => ({ port, namespace: 'meta', password: 'sesame' })),
  groups: [[{ port: 5, namespace: 'data', password: 'sesame' }], [{ port: 6 }, { port: 7 }]],
});
const wrong = (text: string): string => {
  try {
    parseConfig(text);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return '';
};

describe('a configuration of zstor', () => {
  it('is read', () => {
    const config = parseConfig(good);
    expect({
      ...config,
      key: toHex(config.key),
      metadata: config.metadata.map(nameOf),
      groups: config.groups.map((g) => g.map(nameOf)),
    }).toEqual({
      k: 2,
      parity: 1,
      redundantGroups: 0,
      redundantNodes: 1,
      root: '/virtual',
      key: 'ab'.repeat(32),
      prefix: 'someprefix',
      metadata: [1, 2, 3, 4].map((port) => `127.0.0.1:${port} meta`),
      groups: [['127.0.0.1:5 data'], ['127.0.0.1:6', '127.0.0.1:7']],
    });
    expect(config.metadata[0]?.password).toBe('sesame');
    expect(config.groups[1]?.[0]).toMatchObject({ namespace: null, password: null });
  });

  it.each([
    [
      'a key that zstor refuses too',
      good.replace('minimal_shards', 'x = 1\nminimal_shards'),
      'the configuration has no "x"',
    ],
    ['no shards', good.replace('minimal_shards = 2', 'minimal_shards = 0'), 'minimal_shards is at least 1'],
    ['fewer in all', good.replace('expected_shards = 3', 'expected_shards = 1'), 'expected_shards at least as many'],
    ['too few backends', good.replace('expected_shards = 3', 'expected_shards = 4'), '4 backends are needed'],
    ['too many shards', good.replace('expected_shards = 3', 'expected_shards = 300'), 'at most 64'],
    ['a host name', good.replace('127.0.0.1:6', 'localhost:6'), 'names of hosts are not taken'],
    ['a short key', good.replaceAll('ab', 'a'), '64 hex digits'],
    ['three for metadata', good.replace(/\[\[meta.config.backends\]\][^[]*/, ''), 'exactly 4 times, not 3'],
    ['one backend twice', good.replace('127.0.0.1:7', '127.0.0.1:6'), 'the backend 127.0.0.1:6 is given twice'],
    ['another cipher', good.replace('"AES"', '"DES"'), 'is not "AES"'],
    ['other compression', good.replace('"snappy"', '"zstd"'), 'is not "snappy"'],
    ['other metadata', good.replace('"zdb"', '"etcd"'), 'is not "zdb"'],
    ['no TOML', `${good}\npassword = sesame`, 'line '],
    ['nothing', '', 'minimal_shards is missing'],
  ])('is refused with words: %s', (_, text, words) => {
    expect(wrong(text)).toContain(words);
  });

  it('is refused without a secret in the words, whatever is wrong with it', () => {
    const lines = good.split('\n');
    fc.assert(
      fc.property(
        fc.nat(lines.length - 1),
        fc.constantFrom('', '[', '"', 'x', '= 1', ']]', '#'),
        fc.boolean(),
        (i, add, front) => {
          const changed = lines.map((line, at) =>
            at === i ? (front ? add + line.slice(1) : line.slice(0, -1) + add) : line,
          );
          const words = wrong(changed.join('\n'));
          expect(words).not.toContain('sesame');
          expect(words).not.toContain('abab');
        },
      ),
      { numRuns: 300 },
    );
  });
});
