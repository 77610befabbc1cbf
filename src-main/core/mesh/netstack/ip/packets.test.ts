import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish, sumOf } from './checksum.ts';
import { createBucket, icmpErrorFor } from './icmp-errors.ts';
import { decodeIcmp, decodeQuote, encodeIcmp } from './icmpv6.ts';
import { decodeIpv6, encodeIpv6, IPV6_HEADER, nextHeader, walkHeaders } from './ipv6.ts';
import { decodeUdp, encodeUdp } from './udp.ts';

const address = fc.uint8Array({ minLength: 16, maxLength: 16 });
const byte = fc.integer({ min: 0, max: 255 });
const port = fc.integer({ min: 0, max: 65_535 });
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

/** An IPv6 packet with the given chain behind the fixed header. */
function packet(first: number, rest: Uint8Array): Uint8Array {
  const out = new Uint8Array(IPV6_HEADER + rest.length);
  const [source, destination] = [new Uint8Array(16).fill(4), new Uint8Array(16).fill(5)];
  encodeIpv6(out, 0, {
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: rest.length,
    nextHeader: first,
    hopLimit: 64,
    source,
    destination,
  });
  out.set(rest, IPV6_HEADER);
  return out;
}

describe('the internet checksum', () => {
  it('is that of RFC 1071, section 3', () => {
    const bytes = hex('0001 f203 f4f5 f6f7');
    expect(finish(sumOf(bytes, 0, 8))).toBe(~0xddf2 & 0xffff);
  });

  it('is the same wherever the bytes lie and however they are parted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat({ max: 9 }), fc.nat({ max: 100 }), (bytes, shift, half) => {
        const moved = new Uint8Array(shift + bytes.length);
        moved.set(bytes, shift);
        const cut = Math.min(half * 2, bytes.length & ~1);
        const whole = finish(sumOf(bytes, 0, bytes.length));
        expect(finish(sumOf(moved, shift, bytes.length))).toBe(whole);
        expect(finish(sumOf(bytes, 0, cut) + sumOf(bytes, cut, bytes.length - cut))).toBe(whole);
        let plain = 0;
        bytes.forEach((b, i) => {
          plain += i % 2 === 0 ? b * 256 : b;
        });
        while (plain > 0xffff) plain = (plain & 0xffff) + (plain >>> 16);
        expect(whole).toBe(~plain & 0xffff);
      }),
    );
  });
});

describe('IPv6', () => {
  it('comes back as it was written', () => {
    const fields = fc.record({
      ...{ trafficClass: byte, flowLabel: fc.integer({ min: 0, max: 0xfffff }), payloadLength: port, nextHeader: byte },
      ...{ hopLimit: byte, source: address, destination: address },
    });
    fc.assert(
      fc.property(fields, (one) => {
        const out = new Uint8Array(IPV6_HEADER);
        encodeIpv6(out, 0, one);
        expect(decodeIpv6(out)).toEqual(one);
      }),
    );
  });

  it('extension headers are passed over to the upper layer, within bounds', () => {
    const tcp = new Uint8Array(20);
    const chain = Uint8Array.of(
      60,
      0,
      1,
      4,
      0,
      0,
      0,
      0,
      /* options */ 43,
      0,
      1,
      4,
      0,
      0,
      0,
      0,
      /* routing, none left */ 44,
      0,
      9,
      0,
      0,
      0,
      0,
      0,
      /* whole fragment */ 6,
      0,
      0,
      0,
      1,
      2,
      3,
      4,
    );
    const whole = packet(nextHeader.hopByHop, Uint8Array.from([...chain, ...tcp]));
    expect(walkHeaders(whole)).toEqual({ kind: 'upper', protocol: 6, start: 72, end: 92 });
    expect(walkHeaders(whole.subarray(0, 91))).toEqual({ kind: 'drop', why: 'length' });
  });

  it('what is not understood is named with its place', () => {
    expect(walkHeaders(packet(99, new Uint8Array(8)))).toMatchObject({ kind: 'problem', code: 1, pointer: 6 });
    const late = packet(60, Uint8Array.of(0, 0, 1, 4, 0, 0, 0, 0, 59, 0, 1, 4, 0, 0, 0, 0));
    expect(walkHeaders(late)).toMatchObject({ kind: 'problem', code: 1, pointer: 40 });
    const routed = packet(43, Uint8Array.of(59, 0, 0, 1, 0, 0, 0, 0));
    expect(walkHeaders(routed)).toMatchObject({ kind: 'problem', code: 0, pointer: 42 });
    const option = (type: number) => packet(60, Uint8Array.of(59, 0, type, 4, 0, 0, 0, 0));
    expect(walkHeaders(option(0x1e))).toMatchObject({ kind: 'upper', protocol: 59 });
    expect(walkHeaders(option(0x5e))).toEqual({ kind: 'drop', why: 'option' });
    expect(walkHeaders(option(0x9e))).toMatchObject({ kind: 'problem', code: 2, pointer: 42, evenToMulticast: true });
    expect(walkHeaders(option(0xde))).toMatchObject({ kind: 'problem', code: 2, evenToMulticast: false });
  });

  it('fragments and endless chains are dropped', () => {
    expect(walkHeaders(packet(44, Uint8Array.of(6, 0, 0, 1, 0, 0, 0, 0)))).toEqual({ kind: 'drop', why: 'fragment' });
    expect(walkHeaders(packet(44, Uint8Array.of(6, 0, 0, 8, 0, 0, 0, 0)))).toEqual({ kind: 'drop', why: 'fragment' });
    const many = new Uint8Array(8 * 1000);
    for (let i = 0; i < many.length; i += 8) many.set([60, 0, 1, 4], i);
    expect(walkHeaders(packet(60, many))).toEqual({ kind: 'drop', why: 'headers' });
  });

  it('any bytes give a place inside the packet or a reason', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(
          fc.constantFrom(0, 6, 43, 44, 60),
          fc.array(fc.constantFrom(0, 1, 2, 6, 43, 44, 58, 60, 194, 255), { maxLength: 120 }),
        )
        .map(([first, rest]) => packet(first, Uint8Array.from(rest))),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        const walk = walkHeaders(bytes);
        if (walk.kind === 'upper') {
          expect(walk.start).toBeLessThanOrEqual(walk.end);
          expect(walk.end).toBeLessThanOrEqual(bytes.length);
        } else if (walk.kind === 'problem') expect(walk.pointer).toBeLessThan(bytes.length);
        decodeIpv6(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});

describe('ICMPv6', () => {
  const message = fc.record({
    type: byte,
    code: byte,
    word: fc.integer({ min: 0, max: 0xffffffff }),
    body: fc.uint8Array({ maxLength: 100 }),
  });

  it('comes back as it was written, and not when a bit has changed', () => {
    fc.assert(
      fc.property(address, address, message, fc.nat(), (source, destination, one, flip) => {
        const bytes = encodeIcmp({ source, destination, hopLimit: 64 }, one);
        expect(decodeIcmp(bytes, IPV6_HEADER, bytes.length)).toEqual(one);
        const at = IPV6_HEADER + (flip % (bytes.length - IPV6_HEADER));
        bytes[at] = (bytes[at] ?? 0) ^ 4;
        expect(decodeIcmp(bytes, IPV6_HEADER, bytes.length)).toBeNull();
      }),
    );
  });

  it('quotes what fits in 1280 bytes, and reads its own quotes', () => {
    const long = packet(6, new Uint8Array(1360).fill(7));
    const error = icmpErrorFor(long, new Uint8Array(16).fill(5), { type: 1, code: 4 });
    expect(error?.length).toBe(1280);
    const read = error === null ? null : decodeIcmp(error, IPV6_HEADER, error.length);
    expect(decodeQuote(read?.body ?? new Uint8Array(0))).toMatchObject({
      protocol: 6,
      sourcePort: 0x0707,
      sequence: 0x07070707,
    });
  });

  it('never answers an error, a multicast, or nobody', () => {
    const me = new Uint8Array(16).fill(5);
    const error = encodeIcmp(
      { source: new Uint8Array(16).fill(4), destination: me, hopLimit: 64 },
      { type: 1, code: 0, word: 0, body: new Uint8Array(8) },
    );
    expect(icmpErrorFor(error, me, { type: 1, code: 4 })).toBeNull();
    const hidden = packet(60, Uint8Array.from([58, 0, 1, 4, 0, 0, 0, 0, ...error.subarray(40)]));
    expect(icmpErrorFor(hidden, me, { type: 1, code: 4 })).toBeNull();
    const many = packet(17, new Uint8Array(8));
    many[24] = 0xff;
    expect(icmpErrorFor(many, me, { type: 1, code: 4 })).toBeNull();
    expect(icmpErrorFor(many, me, { type: 2, code: 0, word: 1280 })).not.toBeNull();
    const nobody = packet(17, new Uint8Array(8));
    nobody.fill(0, 8, 24);
    expect(icmpErrorFor(nobody, me, { type: 1, code: 4 })).toBeNull();
  });

  it('any bytes are read or refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.nat({ max: 210 }),
        fc.nat({ max: 210 }),
        (bytes, start, end) => {
          decodeIcmp(bytes, start, end);
          decodeUdp(bytes, start, end);
          decodeQuote(bytes);
          icmpErrorFor(bytes, new Uint8Array(16), { type: 1, code: 0 });
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('errors come in a burst and then at a rate', () => {
    const bucket = createBucket(10, 5);
    expect(Array.from({ length: 20 }, () => bucket.take(0)).filter(Boolean)).toHaveLength(5);
    expect(Array.from({ length: 20 }, () => bucket.take(1000)).filter(Boolean)).toHaveLength(5);
    expect([bucket.take(1050), bucket.take(1100), bucket.take(1150)]).toEqual([false, true, false]);
    expect(bucket.take(0), 'a clock that goes back gives nothing').toBe(false);
  });
});

describe('UDP', () => {
  it('comes back as it was written, and not when a bit has changed', () => {
    const data = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(
        address,
        address,
        port,
        port,
        data,
        fc.nat(),
        (source, destination, sourcePort, destinationPort, bytes, flip) => {
          const out = encodeUdp({ source, destination, hopLimit: 9 }, { sourcePort, destinationPort, data: bytes });
          expect(decodeUdp(out, IPV6_HEADER, out.length)).toEqual({ sourcePort, destinationPort, data: bytes });
          const at = IPV6_HEADER + (flip % (out.length - IPV6_HEADER));
          out[at] = (out[at] ?? 0) ^ 16;
          expect(decodeUdp(out, IPV6_HEADER, out.length)).toBeNull();
        },
      ),
    );
  });

  it('is not without a checksum, nor longer than its packet', () => {
    const out = encodeUdp(
      { source: new Uint8Array(16), destination: new Uint8Array(16), hopLimit: 1 },
      { sourcePort: 1, destinationPort: 2, data: new Uint8Array(4) },
    );
    const bare = out.slice();
    bare.fill(0, IPV6_HEADER + 6, IPV6_HEADER + 8);
    expect(decodeUdp(bare, IPV6_HEADER, bare.length)).toBeNull();
    out[IPV6_HEADER + 5] = 200;
    expect(decodeUdp(out, IPV6_HEADER, out.length)).toBeNull();
    expect(() =>
      encodeUdp(
        { source: out, destination: out, hopLimit: 1 },
        { sourcePort: 1, destinationPort: 1, data: new Uint8Array(65_528) },
      ),
    ).toThrow(RangeError);
  });
});
