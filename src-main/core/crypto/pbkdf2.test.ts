import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { toHex } from './encoding.ts';
import { pbkdf2Sha256 } from './pbkdf2.ts';

/** RFC 7914 (scrypt), section 11: test vectors for PBKDF2 with HMAC-SHA-256. */
it.each([
  [
    'passwd',
    'salt',
    1,
    '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783',
  ],
  [
    'Password',
    'NaCl',
    80_000,
    '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d',
  ],
])('derives what RFC 7914 says from %s', async (password, salt, iterations, wanted) => {
  const key = await pbkdf2Sha256(utf8(password), utf8(salt), iterations, 64);
  expect(toHex(key)).toBe(wanted);
});
