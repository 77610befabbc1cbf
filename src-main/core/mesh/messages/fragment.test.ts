import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blake3 } from '#core/crypto/blake3.ts';
import { utf8 } from '#core/crypto/bytes.ts';
import { toHex } from '#core/crypto/ids.ts';
import { hex } from '#core/testing/hex.ts';
import { bytes } from '../testing/arbitraries.ts';
import { message as vectors } from '../testing/vectors.ts';
import { chunkAt, chunkCount } from './chunks.ts';
import { decodeFragment, encodeFragment, type Fragment } from './fragment.ts';

const id = '0123456789abcdef';
const data = utf8('hi there');
const digest = blake3(data);

const published: [string, string, Fragment][] = [
  ['INIT', vectors.init, { kind: 'init', id, reply: false, length: 8, topic: utf8('example.topic') }],
  ['INIT|ACK', vectors.initAck, { kind: 'init-ack', id, reply: false, length: 8, topicLength: 13 }],
  ['CHUNK', vectors.chunk, { kind: 'chunk', id, index: 0, offset: 0, data }],
  ['CHUNK|ACK', vectors.chunkAck, { kind: 'chunk-ack', id, index: 0, offset: 0, size: 8 }],
  ['DONE', vectors.done, { kind: 'done', id, chunks: 1, digest }],
  ['DONE|ACK', vectors.doneAck, { kind: 'done-ack', id, chunks: 1, digest }],
  ['READ', vectors.read, { kind: 'read', id }],
  ['ABORTED', vectors.aborted, { kind: 'aborted', id }],
];

const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const anyId = bytes(8).map(toHex);
const anyFragment: fc.Arbitrary<Fragment> = fc.oneof(
  fc.record({
    kind: fc.constant('init' as const),
    id: anyId,
    reply: fc.boolean(),
    length: count,
    topic: fc.uint8Array({ maxLength: 255 }),
  }),
  fc.record({
    kind: fc.constant('init-ack' as const),
    id: anyId,
    reply: fc.boolean(),
    length: count,
    topicLength: fc.nat(255),
  }),
  fc.record({
    kind: fc.constant('chunk' as const),
    id: anyId,
    index: count,
    offset: count,
    data: fc.uint8Array({ maxLength: 100 }),
  }),
  fc.record({ kind: fc.constant('chunk-ack' as const), id: anyId, index: count, offset: count, size: count }),
  fc.record({ kind: fc.constant('done' as const), id: anyId, chunks: count, digest: bytes(32) }),
  fc.record({ kind: fc.constant('done-ack' as const), id: anyId, chunks: count, digest: bytes(32) }),
  fc.record({ kind: fc.constantFrom('read' as const, 'aborted' as const), id: anyId }),
);

describe('message fragments', () => {
  it.each(published)('agree with the published %s', (_, encoded, fragment) => {
    expect(toHex(encodeFragment(fragment))).toBe(encoded);
    expect(decodeFragment(hex(encoded))).toEqual(fragment);
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(anyFragment, (fragment) => void expect(decodeFragment(encodeFragment(fragment))).toEqual(fragment)),
    );
  });

  it('of any bytes are one or none, and what is read can be written', () => {
    const flags = fc.constantFrom(0x80, 0x81, 0x84, 0x10, 0x11, 0x40, 0x41, 0x08, 0x20, 0xff, 0x00);
    fc.assert(
      fc.property(bytes(8), flags, fc.uint8Array({ maxLength: 80 }), (head, flag, rest) => {
        const fragment = decodeFragment(Uint8Array.from([...head, flag, ...rest]));
        if (fragment !== null) expect(decodeFragment(encodeFragment(fragment))).toEqual(fragment);
      }),
      { numRuns: 2000 },
    );
  });

  it('cut short are none', () => {
    for (const [name, encoded] of published) {
      const whole = hex(encoded);
      for (let n = 0; n < whole.length; n++) expect(decodeFragment(whole.subarray(0, n)), `${name} ${n}`).toBeNull();
    }
  });
});

describe('chunks', () => {
  it('of every length pass what the daemon checks, and follow each other', () => {
    const lengths = [...Array.from({ length: 12_000 }, (_, i) => i), 199_999, 200_000, 1_000_000, 64 * 1024 * 1024];
    for (const length of lengths) {
      const chunks = chunkCount(length);
      expect(chunks).toBe(Math.ceil(length / 1300));
      let at = 0;
      for (let index = 0; index < chunks; index++) {
        const { offset, size } = chunkAt(length, index);
        const refused = size < 250 && index !== Math.ceil(length / 250) - 1;
        if (offset !== at || size > 1300 || size === 0 || refused) throw new Error(`length ${length}, chunk ${index}`);
        at += size;
      }
      if (at !== length) throw new Error(`length ${length} ends at ${at}`);
    }
  });
});
