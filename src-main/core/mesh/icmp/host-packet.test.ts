import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { createNodeIdentity } from '../identity/node-identity.ts';
import { echoRequest } from '../testing/test-node.ts';
import { secretA, secretAlice, secretB } from '../testing/vectors.ts';
import { checkHostPacket, errorForHost } from './host-packet.ts';
import { icmpChecksum, noRoute } from './icmpv6.ts';

const self = createNodeIdentity(secretA, seededRandom(1));
const far = createNodeIdentity(secretB, seededRandom(2));
const router = createNodeIdentity(secretAlice, seededRandom(3));
const lan = new Uint8Array(16).fill(0xfd);

/** Type and code of an answer, who it is from and for. */
function told(packet: Uint8Array | null): unknown {
  if (packet === null) return null;
  expect(icmpChecksum(packet)).toBe(0);
  return [packet[40], packet[41], packet.slice(8, 24), packet.slice(24, 40)];
}

function answer(packet: Uint8Array): unknown {
  const checked = checkHostPacket(packet, self);
  return checked.ok ? 'goes out' : told(checked.answer);
}

const withHops = (packet: Uint8Array, hops: number): Uint8Array => {
  packet[7] = hops;
  return packet;
};

describe('packets of the host', () => {
  it.each([
    ['to another node go out', echoRequest(self.address, far.address), 'goes out'],
    ['from another node are refused', echoRequest(far.address, router.address), [1, 5, self.address, far.address]],
    ['from outside the overlay are dropped', echoRequest(lan, far.address), null],
    [
      'to ourselves have nobody to take them',
      echoRequest(self.address, self.subnet.bytes),
      [1, 3, self.address, self.address],
    ],
    ['to outside the overlay have no route', echoRequest(self.address, lan), [1, 0, self.address, self.address]],
    [
      'with no hop left end here',
      withHops(echoRequest(self.address, far.address), 1),
      [3, 0, self.address, self.address],
    ],
    ['cut short are dropped', echoRequest(self.address, far.address).subarray(0, 39), null],
    ['of IPv4 are dropped', Uint8Array.from([0x45, ...new Uint8Array(60)]), null],
  ])('%s', (_, packet, expected) => void expect(answer(packet)).toEqual(expected));

  it('of any bytes go out or not', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (any) => void checkHostPacket(any, self)));
  });
});

describe('what the host is told', () => {
  it('comes from the router that said it, or from itself', () => {
    const payload = echoRequest(self.address, far.address);
    const lost = { kind: noRoute, type: 'ipv6', destination: far.address, payload, router: null } as const;
    expect(told(errorForHost(lost))).toEqual([1, 0, self.address, self.address]);
    expect(told(errorForHost({ ...lost, router: router.subnet.bytes }))).toEqual([
      1,
      0,
      router.subnet.bytes,
      self.address,
    ]);
    expect(errorForHost({ ...lost, type: 'message' })).toBeNull();
  });
});
