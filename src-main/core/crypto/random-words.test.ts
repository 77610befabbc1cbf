import { wordlist } from '@scure/bip39/wordlists/english.js';
import { expect, it } from 'vitest';
import { systemRandom } from './random.ts';
import { randomWords } from './random-words.ts';

it('takes words from the whole list', () => {
  expect(randomWords(3, () => Uint8Array.from([0, 0, 0x07, 0xff, 0xff, 0xfe]))).toBe('abandon-zoo-zone');
  const words = randomWords(2000, systemRandom).split('-');
  expect(words).toHaveLength(2000);
  expect(words.every((word) => wordlist.includes(word))).toBe(true);
  expect(new Set(words).size).toBeGreaterThan(1000);
  expect(randomWords(10, systemRandom)).not.toBe(randomWords(10, systemRandom));
});
