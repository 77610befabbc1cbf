import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { broadcastOf, manyHosts, mustBeOneHost } from './one-host.ts';

describe('the host of a peer', () => {
  it.each([
    ['0.0.0.0', 'any'],
    ['0', 'any'],
    ['0x0', 'any'],
    ['0.1.2.3', 'any'],
    ['::', 'any'],
    ['0:0::0', 'any'],
    ['::%eth0', 'any'],
    ['::0.0.0.0', 'any'],
    ['::ffff:0.0.0.0', 'any'],
    ['224.0.0.1', 'group'],
    ['239.255.255.250', 'group'],
    ['0xe0.1', 'group'],
    ['ff02::1', 'group'],
    ['FF02::1%3', 'group'],
    ['::ffff:224.0.0.1', 'group'],
    ['255.255.255.255', 'all'],
    ['4294967295', 'all'],
    ['::ffff:ffff:ffff', 'all'],
    ['192.168.1.255', 'all'],
  ])('is not one computer: %s', (host, many) => {
    expect(manyHosts(host, ['192.168.1.255'])).toBe(many);
  });

  it.each([
    'peer.example',
    'localhost',
    '127.0.0.1',
    '10.0.0.255',
    '192.168.2.255',
    '223.255.255.255',
    '::1',
    'fe80::1%eth0',
    'fe00::1',
    '2001:db8::1',
    'zero.0.example',
    '-',
    '..',
  ])('may be one: %s', (host) => {
    expect(manyHosts(host, ['192.168.1.255'])).toBeNull();
  });

  it('is read whatever is typed', () => {
    fc.assert(fc.property(fc.string(), (host) => [null, 'any', 'group', 'all'].includes(manyHosts(host, []))));
  });

  it('is refused in plain words where it is not one', () => {
    expect(() => mustBeOneHost('ff02::1', [])).toThrow(
      expect.objectContaining({
        code: 'NOT_ONE_HOST',
        message:
          'ff02::1 is not the address of another computer. It is a group’s address (multicast), and belongs to no computer.',
      }),
    );
  });

  it('is known as a network’s broadcast address by the network’s mask', () => {
    expect(broadcastOf('192.168.1.7', '255.255.255.0')).toEqual(['192.168.1.255']);
    expect(broadcastOf('10.1.2.3', '255.255.240.0')).toEqual(['10.1.15.255']);
    expect(broadcastOf('10.1.2.3', '255.255.255.255')).toEqual([]);
    expect(broadcastOf('10.1.2.2', '255.255.255.254')).toEqual([]);
  });
});
