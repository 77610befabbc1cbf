import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeIcmp } from '../ip/icmpv6.ts';
import { encodeUdp } from '../ip/udp.ts';
import { address } from '../testing/pair.ts';
import { encodeFrame } from './frame.ts';
import { GuestCable } from './guest-cable.ts';
import { neighborly, neighborSolicitation, routerAdvertisement } from './neighbor.ts';
import { encodeStreamFrame, FRAME_LIMIT, StreamFramer } from './stream-framing.ts';

const router = { mac: Uint8Array.of(2, 0, 0, 0, 0, 1), address: address('fe80::1'), mtu: 1400 };
const guest = address('fe80::2');
const guestMac = Uint8Array.of(2, 0, 0, 0, 0, 2);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A message of neighbor discovery from the guest. */
function ndp(type: number, body: Uint8Array, over: { source?: Uint8Array; hopLimit?: number } = {}): Uint8Array {
  const envelope = { source: over.source ?? guest, destination: address('ff02::2'), hopLimit: over.hopLimit ?? 255 };
  return encodeIcmp(envelope, { type, code: 0, word: 0, body });
}

describe('QEMU’s stream', () => {
  it('gives frames back however the stream is cut', () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 20 });
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 40 }), (list, cuts) => {
        const stream = Buffer.concat(list.map(encodeStreamFrame));
        const framer = new StreamFramer();
        const got: string[] = [];
        for (let at = 0, i = 0; at < stream.length; i++) {
          const step = cuts[i % cuts.length] ?? 1;
          for (const frame of framer.push(stream.subarray(at, at + step)) ?? []) got.push(hex(frame));
          at += step;
        }
        expect(got).toEqual(list.map(hex));
      }),
    );
  });

  it('out of step is noticed', () => {
    expect(new StreamFramer().push(Uint8Array.of(0, 1, 0x11, 0x71))).toBeNull();
    expect(new StreamFramer().push(Uint8Array.of(0, 1, 0x11, 0x70))).toEqual([]);
    expect(FRAME_LIMIT).toBe(0x11170);
  });
});

describe('neighbor discovery', () => {
  it('is answered for the router and for nobody else', () => {
    const mine = Uint8Array.from([...router.address, 1, 1, ...guestMac]);
    const answer = neighborly(router, ndp(135, mine));
    expect(answer.kind).toBe('answer');
    if (answer.kind === 'answer') {
      expect(hex(answer.packet.subarray(8, 24))).toBe(hex(router.address));
      expect(hex(answer.packet.subarray(24, 40))).toBe(hex(guest));
      expect([answer.packet[7], answer.packet[40], answer.packet[44]]).toEqual([255, 136, 0xe0]);
      expect(hex(answer.packet.subarray(-8))).toBe(`0201${hex(router.mac)}`);
    }
    const other = Uint8Array.from([...address('fe80::9'), 1, 1, ...guestMac]);
    expect(neighborly(router, ndp(135, other))).toEqual({ kind: 'ignore' });
    expect(neighborly(router, ndp(133, new Uint8Array(0))).kind).toBe('answer');
  });

  it('a search for duplicates is a claim, and is not answered even for the router’s own address', () => {
    const wanted = address('500::7');
    const source = address('::');
    expect(neighborly(router, ndp(135, wanted, { source }))).toEqual({ kind: 'claims', address: wanted });
  });

  it('that came over a router, or is no whole message, or plays router itself is ignored', () => {
    const body = Uint8Array.from([...router.address, 1, 1, ...guestMac]);
    expect(neighborly(router, ndp(135, body, { hopLimit: 64 }))).toEqual({ kind: 'ignore' });
    expect(neighborly(router, ndp(135, body.subarray(0, 10)))).toEqual({ kind: 'ignore' });
    const broken = ndp(135, body);
    broken[60] = (broken[60] ?? 0) ^ 1;
    expect(neighborly(router, broken)).toEqual({ kind: 'ignore' });
    for (const type of [134, 137])
      expect(neighborly(router, ndp(type, new Uint8Array(32)))).toEqual({ kind: 'ignore' });
  });

  it('advertises MTU, MAC and, where asked, a prefix to make an address from but not to reach others by', () => {
    const packet = routerAdvertisement(router, address('400:1:2:3::'));
    expect([packet[40], packet[44], packet[46], packet[47]]).toEqual([134, 0x40, 0, 0]);
    expect(hex(packet.subarray(56, 64))).toBe('0501000000000578');
    expect(hex(packet.subarray(72))).toBe(`03044040ffffffffffffffff00000000${hex(address('400:1:2:3::'))}`);
    expect(routerAdvertisement(router, null).length).toBe(72);
    expect(neighborSolicitation(router, guest)[40]).toBe(135);
  });
});

describe('the cable', () => {
  function plug() {
    const written: Uint8Array[] = [];
    const got: Uint8Array[] = [];
    const cable = new GuestCable({
      router,
      guestMac,
      write: (b) => written.push(b),
      onPackets: (list) => got.push(...list.map((p) => p.slice())),
    });
    const frame = (packet: Uint8Array, padding = 0) =>
      encodeStreamFrame(Uint8Array.from([...encodeFrame(router.mac, guestMac, packet), ...new Uint8Array(padding)]));
    return { cable, written, got, frame };
  }
  const datagram = (to: string) =>
    encodeUdp(
      { source: address('500::7'), destination: address(to), hopLimit: 64 },
      { sourcePort: 1, destinationPort: 2, data: Uint8Array.of(1) },
    );

  it('hands up packets without their frames and padding, and keeps the link’s chatter', () => {
    const { cable, written, got, frame } = plug();
    expect(cable.input(frame(datagram('400::1'), 11))).toBe(true);
    expect(got).toEqual([datagram('400::1')]);
    cable.input(frame(datagram('ff02::fb')));
    cable.input(frame(datagram('fe80::1')));
    cable.input(encodeStreamFrame(Uint8Array.from([...guestMac, ...router.mac, 8, 0, ...new Uint8Array(60)])));
    expect(got).toHaveLength(1);
    cable.input(frame(ndp(133, new Uint8Array(0))));
    expect(hex(written[0] ?? new Uint8Array(0)).slice(8, 20)).toBe(hex(guestMac));
  });

  it('bears any bytes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 120 }), { maxLength: 6 }), fc.boolean(), (list, framed) => {
        const { cable, frame } = plug();
        for (const bytes of list) cable.input(framed ? frame(bytes) : bytes);
      }),
      { numRuns: 500 },
    );
  });
});
