import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyControl, bytes, u8 } from '../testing/arbitraries.ts';
import { encodeControl } from './control.ts';
import { createFrameReader } from './frame-reader.ts';
import { encodeDataPacket, packetLength } from './packet.ts';

const anyPacket: fc.Arbitrary<Uint8Array> = fc.oneof(
  anyControl.map(encodeControl),
  fc
    .record({ hopLimit: u8, source: bytes(16), destination: bytes(16), body: fc.uint8Array({ maxLength: 300 }) })
    .map(encodeDataPacket),
);

function collect() {
  const got: Uint8Array[] = [];
  const take = (b: Uint8Array, at: number, length: number): void => void got.push(b.slice(at, at + length));
  return { got, reader: createFrameReader({ data: take, control: take }) };
}

describe('the frame reader', () => {
  it('finds the same packets however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyPacket, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { minLength: 1, maxLength: 20 }),
        (packets, cuts) => {
          const stream = Uint8Array.from(packets.flatMap((packet) => [...packet]));
          const { got, reader } = collect();
          for (let at = 0, i = 0; at < stream.length; i++) {
            const end = Math.min(stream.length, at + (cuts[i % cuts.length] as number));
            // The bytes are ours only during the call: what follows must not depend on them.
            const piece = stream.slice(at, end);
            expect(reader.push(piece)).toBe(true);
            piece.fill(0xee);
            at = end;
          }
          expect(got).toEqual(packets);
          expect(reader.pending()).toBe(0);
        },
      ),
    );
  });

  it('reads byte by byte', () => {
    const { got, reader } = collect();
    const packet = encodeDataPacket({
      hopLimit: 3,
      source: new Uint8Array(16),
      destination: new Uint8Array(16),
      body: new Uint8Array(70),
    });
    for (const byte of packet) reader.push(Uint8Array.of(byte));
    expect(got).toEqual([packet]);
  });

  it('knows at once that the other side speaks something else, and reads no more', () => {
    for (const bad of [[2], [1, 2], [0x16, 3, 1], [0x47, 0x45, 0x54]]) {
      const { got, reader } = collect();
      expect(reader.push(Uint8Array.from(bad))).toBe(false);
      expect(reader.push(encodeControl({ type: 'hello', seqno: 0, interval: 0 }))).toBe(false);
      expect(got).toEqual([]);
    }
  });

  it('survives any bytes and never holds more than one packet', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), (pieces) => {
        const { reader } = collect();
        for (const piece of pieces) {
          // A head that is valid, so that the fuzz gets past it.
          reader.push(Uint8Array.from([1, (piece[0] ?? 0) & 1]));
          reader.push(piece);
          expect(reader.pending()).toBeLessThanOrEqual(65_575);
        }
      }),
    );
  });

  it('tells the length from the head alone', () => {
    fc.assert(fc.property(anyPacket, (packet) => void expect(packetLength(packet, 0, 8)).toBe(packet.length)));
  });
});
