import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { hex } from '#core/testing/hex.ts';
import { addressOf } from '../identity/address.ts';
import { anyControl, anyRouterId, bytes, u8, u16 } from '../testing/arbitraries.ts';
import * as vectors from '../testing/vectors.ts';
import { decodeBeacon, encodeBeacon } from './beacon.ts';
import { type ControlMessage, decodeControl, encodeControl } from './control.ts';
import { decodeDataPacket, encodeDataPacket } from './packet.ts';
import { contains, prefixOf, subnetOf } from './prefix.ts';
import { routerIdOf, routerIdText } from './router-id.ts';
import { decodeUserData, putUserHeader } from './user-data.ts';

const prefix = subnetOf(addressOf(hex(vectors.nodes[0].publicKey)));
const a = routerIdOf(vectors.routerIdA);
const b = routerIdOf(vectors.routerIdB);
const interval = 30_000;

const published: [string, string, ControlMessage][] = [
  ['Hello', vectors.control.hello, { type: 'hello', seqno: 0, interval: 2000 }],
  ['IHU', vectors.control.ihu, { type: 'ihu', rxCost: 1010, interval: 6000 }],
  ['own Update', vectors.control.updateOwn, { type: 'update', prefix, interval, seqno: 0, metric: 0, routerId: a }],
  [
    'relayed Update',
    vectors.control.updateRelayed,
    { type: 'update', prefix, interval, seqno: 0, metric: 1010, routerId: a },
  ],
  [
    'retraction',
    vectors.control.retraction,
    { type: 'update', prefix, interval, seqno: 0, metric: 0xffff, routerId: b },
  ],
  ['RouteRequest', vectors.control.routeRequest, { type: 'route-request', generation: 0, prefix }],
  ['RouteRequest for all', vectors.control.routeRequestAll, { type: 'route-request', generation: 0, prefix: null }],
  ['SeqnoRequest', vectors.control.seqnoRequest, { type: 'seqno-request', prefix, seqno: 1, hops: 64, routerId: a }],
];

describe('control packets', () => {
  it.each(published)('agree with the published %s', (_, encoded, message) => {
    expect(toHex(encodeControl(message))).toBe(encoded);
    expect(decodeControl(hex(encoded))).toEqual([message]);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(anyControl, (message) => void expect(decodeControl(encodeControl(message))).toEqual([message])),
    );
  });

  it('may hold several messages and unknown ones between them, of which the known are read', () => {
    fc.assert(
      fc.property(fc.array(anyControl, { maxLength: 6 }), fc.uint8Array({ maxLength: 40 }), (messages, junk) => {
        const unknown = Uint8Array.from([200, junk.length, ...junk]);
        const body = messages.flatMap((message) => [...encodeControl(message).subarray(8), ...unknown]);
        const packet = Uint8Array.from([1, 1, 0, 0, 42, 3, body.length >> 8, body.length & 255, ...body]);
        expect(decodeControl(packet)).toEqual(messages);
      }),
    );
  });

  it('lose surplus bytes of a body, not the message', () => {
    const longer = hex('010100002a03000a 0408 8000000707d0 abcd');
    expect(decodeControl(longer)).toEqual([{ type: 'hello', seqno: 7, interval: 2000 }]);
  });

  it.each([
    ['a hop count of 0', '010100002a0300380a3602400001000000'],
    ['an IPv4 prefix', '010100002a030009090700012001020304'],
    ['a prefix longer than 128 bits', '010100002a03001609140002810000000000000000000000000000000000'],
    ['a body cut short', '010100002a03000d090b000240043093'],
    ['another Babel version', '010100002a02000804068000000007d0'],
    ['another magic', '010100002b03000804068000000007d0'],
    ['an empty body', '010100002a030000'],
  ])('with %s hold nothing', (_, encoded) => void expect(decodeControl(hex(encoded))).toEqual([]));
});

describe('data packets', () => {
  it('agree with the published one', () => {
    const framed = hex(vectors.ipPacketFramed);
    const packet = decodeDataPacket(framed);
    expect(packet?.hopLimit).toBe(63);
    expect(toHex(packet?.body ?? new Uint8Array())).toBe(vectors.ipPacketSealed);
    expect(packet && toHex(encodeDataPacket(packet))).toBe(vectors.ipPacketFramed);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(
        u8,
        bytes(16),
        bytes(16),
        fc.uint8Array({ maxLength: 2000 }),
        (hopLimit, source, destination, body) =>
          void expect(decodeDataPacket(encodeDataPacket({ hopLimit, source, destination, body }))).toEqual({
            hopLimit,
            source,
            destination,
            body,
          }),
      ),
    );
    const largest = {
      hopLimit: 1,
      source: new Uint8Array(16),
      destination: new Uint8Array(16),
      body: new Uint8Array(65_535),
    };
    expect(decodeDataPacket(encodeDataPacket(largest))?.body.length).toBe(65_535);
    expect(() => encodeDataPacket({ ...largest, body: new Uint8Array(65_536) })).toThrow(RangeError);
    expect(() => encodeDataPacket({ ...largest, source: new Uint8Array(4) })).toThrow(RangeError);
  });
});

describe('prefixes', () => {
  it('are equal when their bits are', () => {
    fc.assert(
      fc.property(bytes(16), bytes(16), fc.nat(128), (one, other, length) => {
        const p = prefixOf(one, length);
        expect(contains(p, one)).toBe(true);
        expect(contains(p, other)).toBe(prefixOf(other, length).key === p.key);
        expect(prefixOf(p.bytes, length)).toEqual(p);
      }),
    );
  });
});

describe('router ids', () => {
  it('read as the daemon writes them', () => {
    expect(routerIdText(a)).toBe(`${vectors.nodes[0].publicKey}-0000-a1a2a3a4a5a6`);
  });
});

describe('beacons', () => {
  it('agree with the published one and come back as they were', () => {
    expect(toHex(encodeBeacon({ port: 9651, routerId: a }))).toBe(vectors.control.beacon);
    fc.assert(
      fc.property(
        u16,
        anyRouterId,
        (port, routerId) => void expect(decodeBeacon(encodeBeacon({ port, routerId }))).toEqual({ port, routerId }),
      ),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (any) => void expect(decodeBeacon(any)).toBeNull()));
  });
});

describe('user data', () => {
  it('names its type, and drops other versions and types', () => {
    for (const type of ['ipv6', 'message', 'icmp'] as const) {
      const plain = new Uint8Array(7).fill(9);
      putUserHeader(plain, 0, type);
      expect(decodeUserData(plain)).toEqual({ type, payload: Uint8Array.of(9, 9, 9) });
    }
    for (const bad of ['', '010000', '00000000', '02000000', '01030000']) expect(decodeUserData(hex(bad))).toBeNull();
  });
});
