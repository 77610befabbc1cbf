import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { x25519 } from '#core/crypto/agree.ts';
import { toHex } from '#core/crypto/ids.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import { hex } from '#core/testing/hex.ts';
import { anyPrefix, bytes } from '../testing/arbitraries.ts';
import { nodes, secretA, secretAlice, secretB, secretBob, sharedAB } from '../testing/vectors.ts';
import { contains } from '../wire/prefix.ts';
import { addressOf, isOverlayAddress } from './address.ts';
import { addressText, parseAddress, parsePrefix, prefixText } from './ipv6-text.ts';
import { createNodeIdentity } from './node-identity.ts';

describe('identity', () => {
  it.each(nodes)('of $name agrees with the published vectors', ({ secret, publicKey, address, subnet }) => {
    const node = createNodeIdentity(secret, seededRandom(1));
    expect(toHex(node.publicKey)).toBe(publicKey);
    expect(addressText(node.address)).toBe(address);
    expect(prefixText(node.subnet)).toBe(subnet);
    expect(node.routerId.key.slice(0, 68)).toBe(`${publicKey}0000`);
    expect(contains(node.subnet, node.address)).toBe(true);
  });

  it.each([
    ['a47c1d6f2a15b2c670d3a88fbe0aeb301ced12f7bcb4c8e3aa877b20f8559c02', '548:c783:d7ce:74a3:9ba1:a0cb:ae21:338d'],
    ['955bf6bea5e1150fd8e270c12e5b2fc08f08f7c5f3799d10550096cc137d671b', '514:74ce:dd13:296f:ada7:4d2e:9335:acac'],
    ['abd16194646defe7ad2318a0f0a69eb2e3fe939c3b0b51cf0bb88bb8028ecd1d', '597:d890:a254:dd45:2bc6:9a47:40d5:ed83'],
    ['bb39b4a3a4efd70f3e05e37887677e02efbda14681d0acd3882bc0f754792c32', '57f:ad8b:cfa2:e46a:adb7:fe0d:4878:1f71'],
  ])('of key %s is its BLAKE3 address', (key, address) => {
    expect(addressText(addressOf(hex(key)))).toBe(address);
  });

  it('gives addresses in 400::/7 only', () => {
    fc.assert(fc.property(bytes(32), (key) => void expect(isOverlayAddress(addressOf(key))).toBe(true)));
    expect(isOverlayAddress(Uint8Array.of(6))).toBe(false);
  });

  it('agrees on the published shared secrets', () => {
    expect(x25519(secretA, hex(nodes[1].publicKey))).toEqual(hex(sharedAB));
    expect(x25519(secretB, hex(nodes[0].publicKey))).toEqual(hex(sharedAB));
    expect(x25519(secretAlice, hex(nodes[3].publicKey))).toEqual(x25519(secretBob, hex(nodes[2].publicKey)));
  });
});

describe('addresses as text', () => {
  // RFC 5952 section 4.2 and 5.
  it.each([
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['2001:db8:0:1:1:1:1:1', '20010db8000000010001000100010001'],
    ['2001:0:0:1::1', '20010000000000010000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
  ])('%s is written in the one way', (text, bytesHex) => {
    expect(addressText(hex(bytesHex))).toBe(text);
    expect(parseAddress(text)).toEqual(hex(bytesHex));
  });

  it('come back as they were, and nothing else is read', () => {
    fc.assert(fc.property(bytes(16), (address) => void expect(parseAddress(addressText(address))).toEqual(address)));
    fc.assert(fc.property(anyPrefix, (prefix) => void expect(parsePrefix(prefixText(prefix))).toEqual(prefix)));
    for (const bad of [
      '',
      ':',
      ':::',
      '1',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      'g::',
      '12345::',
      '1:2:3:4::5:6:7:8',
      '::1%eth0',
      '::1.2.3.4',
    ])
      expect(parseAddress(bad), bad).toBeNull();
    for (const bad of ['::/129', '::/', '::/01', '::/-1', '::/1e1', 'x/3']) expect(parsePrefix(bad), bad).toBeNull();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const prefix = parsePrefix(text);
        if (prefix !== null) expect(parsePrefix(prefixText(prefix))).toEqual(prefix);
      }),
    );
  });
});
