import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#core/crypto/ids.ts';
import {
  type Command,
  decodeCommand,
  decodeResponse,
  encodeCommand,
  encodeResponse,
  frame,
  unframe,
} from './control.ts';
import {
  decodeFailure,
  decodeMetaData,
  encodeFailure,
  encodeMetaData,
  keyFromBytes,
  keyToBytes,
  type MetaData,
} from './metadata.ts';
import { metaHex, metaValue } from './testing/vectors.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const unhex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0);
const text = fc.string({ maxLength: 20 });

const metadata: fc.Arbitrary<MetaData> = fc.record({
  k: fc.nat(),
  parity: fc.nat(),
  checksum: bytes(16),
  key: bytes(32),
  shards: fc.array(
    fc.record({
      index: fc.nat(),
      checksum: bytes(16),
      keys: fc.array(
        fc.oneof(
          fc.record({ version: fc.constant(1 as const), id: fc.nat(0xffffffff) }),
          fc.record({ version: fc.constant(2 as const), id: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
        ),
        { maxLength: 4 },
      ),
      at: fc.record({
        address: fc.record({ ip: fc.oneof(bytes(4), bytes(16)), port: fc.nat(0xffff) }),
        namespace: fc.option(text),
        password: fc.option(text),
      }),
    }),
    { maxLength: 5 },
  ),
});

describe('the record of an object', () => {
  it('is byte for byte what bincode of Rust makes', () => {
    expect(toHex(encodeMetaData(metaValue))).toBe(metaHex);
    expect(decodeMetaData(unhex(metaHex))).toEqual(metaValue);
  });

  it('is read back as it was written', () => {
    fc.assert(
      fc.property(metadata, (m) => {
        expect(decodeMetaData(encodeMetaData(m))).toEqual(m);
      }),
    );
  });

  it('is refused when anything is wrong with it', () => {
    const good = unhex(metaHex);
    for (let i = 0; i < good.length; i++) expect(decodeMetaData(good.subarray(0, i))).toBeNull();
    expect(decodeMetaData(Uint8Array.of(...good, 0))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
        const read = decodeMetaData(any);
        if (read) expect(encodeMetaData(read)).toEqual(any);
      }),
    );
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
        const changed = good.slice();
        changed[at] = value;
        const read = decodeMetaData(changed);
        if (read) expect(encodeMetaData(read)).toEqual(changed);
      }),
      { numRuns: 2000 },
    );
  });

  it('names pieces as each version of 0-db does', () => {
    expect(toHex(keyToBytes({ version: 2, id: 0x0102n }))).toBe('0201000000000000');
    expect(toHex(keyToBytes({ version: 1, id: 7 }))).toBe('07000000');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 9 }), (any) => {
        const key = keyFromBytes(any);
        expect(key !== null).toBe(any.length === 4 || any.length === 8);
        if (key) expect(keyToBytes(key)).toEqual(any);
      }),
    );
  });

  it.each([
    ['07000000000000002f646174612f660000', { path: '/data/f', keyDirectory: null, deleteAfter: false }],
    [
      '07000000000000002f646174612f660102000000000000002f6b01',
      { path: '/data/f', keyDirectory: '/k', deleteAfter: true },
    ],
  ])('of a failure: %s', (hex, value) => {
    expect(toHex(encodeFailure(value))).toBe(hex);
    expect(decodeFailure(unhex(hex))).toEqual(value);
    expect(decodeFailure(unhex(hex).subarray(1))).toBeNull();
  });
});

describe('what zstor’s daemon is told', () => {
  const commands: [string, Command][] = [
    [
      '0000000004000000000000002f612f620102000000000000002f6b010001',
      { kind: 'store', file: '/a/b', keyDirectory: '/k', saveFailure: true, deleteAfter: false, blocking: true },
    ],
    ['0100000004000000000000002f612f62', { kind: 'retrieve', file: '/a/b' }],
    [
      '0200000000010a000000000000002f702f6d6574612f303000',
      { kind: 'rebuild', file: null, key: '/p/meta/00', metadata: null },
    ],
    ['0300000004000000000000002f612f62', { kind: 'check', file: '/a/b' }],
  ];
  it.each(commands)('%s', (hex, command) => {
    expect(toHex(encodeCommand(command))).toBe(hex);
    expect(decodeCommand(unhex(hex))).toEqual(command);
  });
  it.each([
    ['00000000', { kind: 'success' as const }],
    ['010000000400000000000000626f6f6d', { kind: 'error' as const, message: 'boom' }],
    ['0200000001010101010101010101010101010101', { kind: 'checksum' as const, checksum: new Uint8Array(16).fill(1) }],
  ])('answers %s', (hex, response) => {
    expect(toHex(encodeResponse(response))).toBe(hex);
    expect(decodeResponse(unhex(hex))).toEqual(response);
  });

  it('can be told a whole record, and refuses what is neither', () => {
    fc.assert(
      fc.property(metadata, fc.option(text), (m, file) => {
        const command: Command = { kind: 'rebuild', file, key: null, metadata: m };
        expect(decodeCommand(encodeCommand(command))).toEqual(command);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (any) => {
        const [command, response] = [decodeCommand(any), decodeResponse(any)];
        if (command) expect(encodeCommand(command)).toEqual(any);
        if (response) expect(encodeResponse(response)).toEqual(any);
      }),
    );
  });

  it('comes in frames', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.uint8Array({ maxLength: 9 }), (message, rest) => {
        const framed = frame(message);
        for (let i = 0; i < framed.length; i++) expect(unframe(framed.subarray(0, i))).toBeNull();
        expect(unframe(Uint8Array.of(...framed, ...rest))).toEqual({ message, rest });
      }),
      { numRuns: 30 },
    );
    expect(toHex(frame(Uint8Array.of(9)))).toBe('000109');
    expect(() => frame(new Uint8Array(65_536))).toThrow(RangeError);
  });
});
