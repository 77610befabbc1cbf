import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressB } from '../testing/pair.ts';
import { PORT, RawPeer, rawSegment, stamps } from '../testing/raw-peer.ts';
import { createSegment, decodeSegment } from './segment.ts';

describe('the segment decoder', () => {
  it('reads or refuses any bytes', () => {
    const segment = createSegment();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 120 }),
        fc.nat({ max: 130 }),
        fc.nat({ max: 130 }),
        (bytes, start, end) => {
          decodeSegment(bytes, start, end, segment);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('reads or passes over any options', () => {
    const segment = createSegment();
    const options = fc.array(fc.oneof(fc.integer({ min: 0, max: 255 }), fc.constantFrom(0, 1, 2, 3, 4, 5, 8, 10, 34)), {
      maxLength: 40,
    });
    fc.assert(
      fc.property(options, fc.integer({ min: 0, max: 255 }), (list, flags) => {
        const packet = rawSegment({ seq: 1, flags, options: list });
        expect(decodeSegment(packet, 40, packet.length, segment)).toBe(true);
        expect(segment.sackCount).toBeLessThanOrEqual(4);
        expect(segment.scale).toBeLessThanOrEqual(14);
        expect(segment.dataAt).toBeLessThanOrEqual(packet.length);
      }),
      { numRuns: 3000 },
    );
  });

  it('gives back timestamps, blocks, size and scale as they were written', () => {
    const segment = createSegment();
    const packet = rawSegment({ seq: 1, flags: 2, options: [2, 4, 5, 0, 4, 2, 3, 3, 9, ...stamps(7, 8).slice(2)] });
    decodeSegment(packet, 40, packet.length, segment);
    expect(segment).toMatchObject({
      mss: 1280,
      scale: 9,
      sackPermitted: true,
      hasTimestamps: true,
      timestamp: 7,
      echo: 8,
    });
    const late = rawSegment({ seq: 1, flags: 16, options: [2, 4, 5, 0] });
    decodeSegment(late, 40, late.length, segment);
    expect(segment.mss, 'a size counts on SYN only').toBe(0);
  });
});

/** Segments near what a connection expects, with every field a little or quite wrong. */
const nearly = fc.record({
  seq: fc.integer({ min: -300, max: 300 }),
  ack: fc.integer({ min: -300, max: 3000 }),
  flags: fc.oneof(
    fc.constant(16),
    fc.constant(17),
    fc.integer({ min: 0, max: 63 }).filter((f) => (f & 4) === 0),
  ),
  window: fc.constantFrom(0, 1, 100, 65_535),
  length: fc.constantFrom(0, 0, 1, 7, 100, 1300),
  options: fc.oneof(
    fc.constant<number[]>([]),
    fc.constant(stamps(5, 5)),
    fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 }),
    fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 8, maxLength: 8 }).map((b) => [1, 1, 5, 10, ...b]),
  ),
  wait: fc.constantFrom(0, 0, 1, 50, 1000),
});

describe('a hostile peer', () => {
  it('cannot make a connection fault, hold more than its buffers, or hand over what the stream does not hold', () => {
    fc.assert(
      fc.property(fc.array(nearly, { maxLength: 60 }), fc.boolean(), (list, sack) => {
        const peer = new RawPeer({
          tcp: { receive: { initial: 16_384, most: 16_384 }, send: { initial: 16_384, most: 16_384 } },
        });
        const { iss, connection } = peer.open(1000, sack ? [1, 1, 4, 2] : []);
        connection.write(new Uint8Array(3000));
        let read = 0;
        for (const [i, one] of list.entries()) {
          const { received } = connection.tcb;
          // Each byte says its position, whatever segment brings it.
          const seq = received + one.seq;
          const data = Uint8Array.from({ length: one.length }, (_, k) => (seq + k) & 255);
          peer.send({ ...one, seq, ack: iss + one.ack, data });
          if (one.wait > 0) peer.clock.pass(one.wait);
          if (i % 5 === 0) {
            for (const byte of connection.read(50) ?? []) expect(byte).toBe((1001 + read++) & 255);
          }
          expect(connection.readable).toBeLessThanOrEqual(16_384);
          expect(connection.tcb.una).toBeLessThanOrEqual(connection.tcb.next);
          expect(connection.tcb.next).toBeLessThanOrEqual(connection.tcb.sentTo);
          expect(connection.tcb.cubic.window).toBeGreaterThan(0);
          expect(connection.tcb.board.pipe(connection.tcb.next)).toBeGreaterThanOrEqual(0);
        }
        // A few answers to each of its segments, not a storm.
        expect(peer.packets().length).toBeLessThan(40 + list.length * 6);
      }),
      { numRuns: 400 },
    );
  });

  it('cannot fault the stack with any bytes at all', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .tuple(fc.uint8Array({ minLength: 48, maxLength: 160 }), fc.constantFrom(0, 6, 17, 43, 44, 58, 60))
        .map(([bytes, next]) => {
          bytes[0] = 0x60;
          bytes[4] = 0;
          bytes[5] = bytes.length - 40;
          bytes[6] = next;
          bytes.set(addressB, 8);
          bytes.set(new RawPeer().stack.address, 24);
          return bytes;
        }),
    );
    const peer = new RawPeer();
    peer.stack.listen(PORT, () => {});
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 5 }), (packets) => {
        peer.stack.input(packets);
        peer.packets();
      }),
      { numRuns: 2000 },
    );
  });

  it('that sends a stream in single bytes and backwards costs no more memory than its bytes', () => {
    const peer = new RawPeer();
    const { iss, connection } = peer.open(1000);
    for (let at = 4000; at > 0; at--) {
      peer.send({ seq: 1000 + at, ack: iss + 1, flags: 16, data: Uint8Array.of(at & 255) });
    }
    expect(connection.readable).toBe(4000);
    expect(connection.read(5000)?.[3999]).toBe(4000 & 255);
  });
});
