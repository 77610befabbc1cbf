import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '#core/testing/fake-host.ts';
import { crcSource } from './build-crc.ts';
import { crcOf, crcOfParts } from './crc.ts';
import { decodeCursor, decodePosition, encodeCursor, encodePosition } from './cursor.ts';
import { decodeDescriptor, encodeDescriptor } from './descriptor.ts';
import {
  dataRecordBytes,
  decodeDataRecord,
  decodeIndexHeader,
  decodeIndexRecord,
  encodeDataHeader,
  encodeDataRecord,
  encodeIndexHeader,
  encodeIndexRecord,
  indexRecordBytes,
  isDataHeader,
} from './records.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const u8 = fc.integer({ min: 0, max: 255 });
const key = fc.uint8Array({ maxLength: 255 });
const latin = (maxLength: number) => fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));

const indexRecord = fc.record({
  key,
  dataOffset: u32,
  length: u32,
  previous: u32,
  flags: u8,
  dataFile: u32,
  timestamp: u32,
  crc: u32,
  parentFile: u32,
  parentOffset: u32,
});
const dataRecord = fc.record({ keyLength: u8, length: u32, previous: u32, crc: u32, flags: u8, timestamp: u32 });
const descriptor = fc.record({
  name: latin(128),
  password: fc.option(latin(255).filter((text) => text.length > 0)),
  maxsize: fc.maxSafeNat(),
  isPublic: fc.boolean(),
  worm: fc.boolean(),
  lock: fc.constantFrom('open' as const, 'locked' as const, 'frozen' as const),
});

describe("0-db's checksum", () => {
  it('is compiled from what is in assets', { timeout: 60_000 }, async () => {
    const committed = readFileSync(new URL('./crc-bytes.ts', import.meta.url), 'utf8');
    expect(await crcSource()).toBe(committed);
  });

  it('gives the published values', () => {
    // Specification 1.7, taken from a running 0-db.
    for (const [text, crc] of Object.entries({
      '1': 0xc288cab2,
      '2': 0xd1d83946,
      world: 0x74d8f77b,
      v1b: 0x54239931,
    })) {
      expect(crcOf(Buffer.from(text))).toBe(crc);
    }
    expect(crcOf(new Uint8Array(0))).toBe(0);
  });

  it('is the same in pieces, at any place in memory, as bit by bit', () => {
    const slow = (bytes: Uint8Array): number => {
      let c = 0;
      for (const byte of bytes) {
        c ^= byte;
        for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1;
      }
      return c >>> 0;
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.nat(300), fc.nat(7), (bytes, cut, shift) => {
        const moved = new Uint8Array(bytes.length + shift).subarray(shift);
        moved.set(bytes);
        expect(crcOf(moved)).toBe(slow(bytes));
        expect(crcOfParts([moved.subarray(0, cut), moved.subarray(cut)])).toBe(slow(bytes));
      }),
    );
  });

  it('is the same for long values, at every length around those taken at once', () => {
    const bytes = Buffer.from(seededRandom(5)(600_000));
    const slow = (some: Uint8Array): number => {
      let c = 0;
      for (let at = 0; at < some.length; at += 50) c = crcOf(some.subarray(at, at + 50), c);
      return c;
    };
    for (const length of [
      65, 1023, 1024, 1025, 1039, 1330, 24_575, 24_576, 24_577, 38_042, 38_059, 131_071, 131_072, 131_073, 155_647,
      600_000,
    ]) {
      expect(crcOf(bytes.subarray(0, length))).toBe(slow(bytes.subarray(0, length)));
    }
  });
});

describe("0-db's files", () => {
  it('records are read as they were written', () => {
    fc.assert(
      fc.property(indexRecord, (record) => {
        const bytes = encodeIndexRecord(record);
        expect(bytes.length).toBe(indexRecordBytes + record.key.length);
        expect(decodeIndexRecord(bytes)).toEqual(record);
        expect(decodeIndexRecord(bytes.subarray(0, -1))).toBe(null);
      }),
    );
    fc.assert(
      fc.property(dataRecord, (record) => {
        expect(decodeDataRecord(encodeDataRecord(record))).toEqual(record);
        expect(decodeDataRecord(encodeDataRecord(record).subarray(0, dataRecordBytes - 1))).toBe(null);
      }),
    );
    fc.assert(
      fc.property(descriptor, (value) => {
        expect(decodeDescriptor(encodeDescriptor(value))).toEqual(value);
      }),
    );
  });

  it('places are read as they were written', () => {
    const cursor = fc.record({ keyLength: u8, file: u32, length: u32, offset: u32, crc: u32 });
    fc.assert(
      fc.property(cursor, (value) => {
        expect(decodeCursor(encodeCursor(value))).toEqual(value);
      }),
    );
    const position = fc.record({ file: u32, offset: u32 });
    fc.assert(
      fc.property(position, (value) => {
        expect(decodePosition(encodePosition(value))).toEqual(value);
      }),
    );
  });

  it('headers are those of a real 0-db', () => {
    // Hex dumps of files made by 0-db 2.0.7.
    expect(Buffer.from(encodeIndexHeader(2, 'seq')).toString('hex')).toBe(
      '494458300400000000000000000000000000000000000000020000000' + '1',
    );
    expect(Buffer.from(encodeDataHeader(1)).toString('hex')).toBe(
      '44415430030000000000000000000000000000000000000001000000',
    );
    expect(decodeIndexHeader(encodeIndexHeader(2, 'seq'), 2)).toBe('seq');
    expect(decodeIndexHeader(encodeIndexHeader(2, 'user'), 3)).toBe(null);
    expect(isDataHeader(encodeDataHeader(1), 1)).toBe(true);
    expect(isDataHeader(encodeDataHeader(1), 0)).toBe(false);
  });

  it('any bytes are a value or none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(3), (bytes, file) => {
        decodeIndexHeader(bytes, file);
        isDataHeader(bytes, file);
        decodeIndexRecord(bytes);
        decodeDataRecord(bytes);
        decodeDescriptor(bytes);
        decodeCursor(bytes);
        decodePosition(bytes);
      }),
    );
  });
});
