import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAddress, parseAddress } from './address.ts';
import { cleanPath, failureKey, namingPath, objectKey, replacedKey } from './paths.ts';

describe('a path as zstor knows it', () => {
  it.each([
    ['/a/b', '/a/b'],
    ['/a//b/./c/', '/a/b/c'],
    ['/a/../../b', '/b'],
    ['/', '/'],
    ['//a', '/a'],
  ])('%s is %s', (path, clean) => {
    expect(cleanPath(path)).toBe(clean);
  });

  it('is what lies below the root', () => {
    expect(namingPath('/virtual/a/b', '/virtual')).toBe('a/b');
    expect(namingPath('/virtual/a/../b', '/virtual/')).toBe('b');
    expect(namingPath('/virtual', '/virtual')).toBe('');
    expect(namingPath('/virtuality/a', '/virtual')).toBeNull();
    expect(namingPath('/virtual/../a', '/virtual')).toBeNull();
    expect(namingPath('/a', '/')).toBe('a');
    expect(namingPath('/a', 'a')).toBeNull();
    expect(namingPath('/a/', null)).toBe('/a');
  });

  it('is hashed', async () => {
    expect(await objectKey('p', '/data/f')).toBe('/p/meta/edd99b95760b71eb04a6beadc0eccb6d');
    expect(await objectKey('p', 'data/f')).toBe('/p/meta/a212b752d84abb4d9c8ca5d48477ebbd');
    expect(await failureKey('p', '/data/./f')).toBe('/p/failures/edd99b95760b71eb04a6beadc0eccb6d');
    const address = parseAddress('127.0.0.1:9900') ?? { ip: new Uint8Array(4), port: 0 };
    expect(await replacedKey('p', { address, namespace: 'ns1', password: 'pw' })).toBe(
      '/p/replaced_backends/15d1d8019c2229fa045d68af223a0e4f',
    );
  });
});

describe('an address', () => {
  it.each([
    '127.0.0.1:9900',
    '[2a02:1802:5e::dead:beef]:9901',
    '[::]:0',
    '[::1]:65535',
    '[1:0:2::3]:1',
    '[1:2:3:4:5:6:7:0]:1',
    '[::ffff:1.2.3.4]:1',
    '[fe80::]:7',
  ])('%s', (text) => {
    const address = parseAddress(text);
    expect(address && formatAddress(address)).toBe(text);
  });

  it('is read in its other spellings', () => {
    expect(formatAddress(parseAddress('[2001:DB8:0:0:0:0:0:1]:1') ?? { ip: new Uint8Array(4), port: 0 })).toBe(
      '[2001:db8::1]:1',
    );
    expect(parseAddress('[::1.2.3.4]:1')?.ip.slice(12)).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it.each([
    'localhost:1',
    '1.2.3.4',
    '1.2.3.4:65536',
    '1.2.3:1',
    '::1:1',
    '[::1]',
    '[fe80::1%eth0]:1',
    '[1::2::3]:1',
    '',
  ])('is not %s', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('of any bytes is read back', () => {
    const ip = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc.array(fc.constantFrom(0, 0, 1, 255), { minLength: 16, maxLength: 16 }).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(ip, fc.nat(65_535), (bytes, port) => {
        expect(parseAddress(formatAddress({ ip: bytes, port }))).toEqual({ ip: bytes, port });
      }),
    );
  });
});
