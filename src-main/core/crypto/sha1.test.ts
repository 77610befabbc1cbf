import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { toHex } from './encoding.ts';
import { sha1 } from './sha1.ts';

it('agrees with FIPS 180-4, and with a challenge that a 0-db took', () => {
  expect(toHex(sha1(utf8('a'), utf8('bc')))).toBe('a9993e364706816aba3e25717850c26c9cd0d89d');
  expect(toHex(sha1())).toBe('da39a3ee5e6b4b0d3255bfef95601890afd80709');
  expect(toHex(sha1(utf8('26ef47b3aebce439:pw1')))).toBe('d26389c9e7e383344207788189d280e44ca3ded4');
});
