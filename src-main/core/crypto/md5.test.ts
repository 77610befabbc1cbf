import { expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { toHex } from './encoding.ts';
import { md5, md5Hex } from './md5.ts';

// RFC 1321, A.5, and the response of RFC 2069's successor, RFC 7616, 3.9.1.
it.each([
  ['', 'd41d8cd98f00b204e9800998ecf8427e'],
  ['abc', '900150983cd24fb0d6963f7d28e17f72'],
  ['message digest', 'f96b697d7cb7938d525a2f31aaf161d0'],
])('hashes %j', (text, hash) => expect(md5Hex(text)).toBe(hash));

it('makes the response of the example in RFC 7616', () => {
  const a1 = md5Hex('Mufasa:http-auth@example.org:Circle of Life');
  const a2 = md5Hex('GET:/dir/index.html');
  const parts = [
    a1,
    '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
    '00000001',
    'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    'auth',
    a2,
  ];
  expect(md5Hex(parts.join(':'))).toBe('8ca523f5e9506fed4657c9700eebdbec');
});

it('hashes parts as one', () => {
  expect(toHex(md5())).toBe(md5Hex(''));
  expect(toHex(md5(utf8('message '), utf8(''), utf8('digest')))).toBe(md5Hex('message digest'));
});
