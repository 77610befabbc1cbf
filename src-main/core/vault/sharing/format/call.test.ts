import { encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '#core/crypto/ids.ts';
import { seededRandom } from '#core/testing/fake-host.ts';
import type { ItemId } from '#shared/model/ids.ts';
import { arrivalSchema, givenSchema, openRecord, recordKey, sealRecord } from '../records.ts';
import { type Answer, type Asking, decodeAnswer, decodeAsking, encodeAnswer, encodeAsking } from './asking.ts';
import { callKeys, lookAtQuestion, openAnswer, openQuestion, sealAnswer, sealQuestion } from './call.ts';

const share = 'AAECAwQFBgcICQoLDA0ODw';
const keys = callKeys(new Uint8Array(32).fill(7), share);
const others = callKeys(new Uint8Array(32).fill(8), share);
const plain = Uint8Array.of(1, 2, 3);
const question = sealQuestion(keys, share, 5, plain, seededRandom(1));

const id = fc.stringMatching(/^[A-Za-z0-9_-]{22}$/).map((text) => text as ItemId);
const name = fc.stringMatching(/^[a-zA-Z0-9 äß–]{1,40}$/).map((text) => text.normalize('NFC'));
const count = fc.nat({ max: 2 ** 40 });
const entry = fc.record({
  id,
  kind: fc.constantFrom('file' as const, 'folder' as const),
  name,
  size: count,
  modified: count,
  mime: fc.constantFrom('', 'text/plain'),
});
const askings: fc.Arbitrary<Asking> = fc.oneof(
  fc.record({ ask: fc.constant('look' as const), item: fc.option(id), after: fc.option(name) }),
  fc.record({
    ask: fc.constant('read' as const),
    item: id,
    offset: count,
    length: fc.integer({ min: 1, max: 1 << 20 }),
  }),
  fc.record({
    ...{ ask: fc.constant('send' as const), upload: id, replaces: fc.option(id), into: fc.option(id) },
    ...{ name, size: count, modified: count },
  }),
  fc.record({
    ask: fc.constant('piece' as const),
    upload: id,
    offset: count,
    bytes: fc.uint8Array({ maxLength: 500 }),
  }),
  fc.record({ ask: fc.constantFrom('done' as const, 'stop' as const), upload: id }),
);
const answers: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({
    ...{ say: fc.constant('looked' as const), item: entry, path: fc.array(fc.record({ id, name }), { maxLength: 4 }) },
    ...{ entries: fc.array(entry, { maxLength: 6 }), total: fc.nat(), more: fc.boolean() },
  }),
  fc.record({ say: fc.constant('bytes' as const), bytes: fc.uint8Array({ maxLength: 500 }) }),
  fc.record({ say: fc.constant('received' as const), received: count }),
  fc.record({
    say: fc.constant('arrived' as const),
    item: entry,
    how: fc.constantFrom('new' as const, 'beside' as const),
  }),
  fc.record({ say: fc.constant('stopped' as const) }),
  fc.record({ say: fc.constant('no' as const), code: fc.constantFrom('NOT_FOUND' as const, 'BUSY' as const) }),
);

describe('a question and its answer', () => {
  it('have the bytes that docs/formats/sharing.md gives', () => {
    expect(toHex(question)).toBe(
      '01000102030405060708090a0b0c0d0e0f0000000591dc089097e0daf4454fe603f84cda4a1dd10b3f13db49055c55bd18a31390',
    );
    expect(toHex(sealAnswer(keys, question, plain, seededRandom(2)))).toBe(
      '017ffacefd7b3f92de38887598569388a215f503296e6c9796ffa4a844ad4dd7',
    );
  });

  it('come back as they were', () => {
    fc.assert(
      fc.property(askings, (asking) => {
        const sealed = sealQuestion(keys, share, 0xffff_ffff, encodeAsking(asking), seededRandom(3));
        expect(lookAtQuestion(sealed)).toEqual({ share, generation: 0xffff_ffff });
        expect(decodeAsking(openQuestion(keys, sealed) ?? plain)).toEqual(asking);
      }),
    );
    fc.assert(
      fc.property(answers, (answer) => {
        const sealed = sealAnswer(keys, question, encodeAnswer(answer), seededRandom(3));
        expect(decodeAnswer(openAnswer(keys, question, sealed) ?? plain)).toEqual(answer);
      }),
    );
  });

  it('are nothing under another key, for another question, or changed', () => {
    expect(openQuestion(others, question)).toBeNull();
    const answer = sealAnswer(keys, question, plain, seededRandom(4));
    const again = sealQuestion(keys, share, 5, plain, seededRandom(5));
    expect(openAnswer(keys, again, answer)).toBeNull();
    expect(openAnswer(others, question, answer)).toBeNull();
    // A question is no answer, nor the other way about.
    expect(openAnswer(keys, question, question)).toBeNull();
    expect(openQuestion(keys, answer)).toBeNull();
    fc.assert(
      fc.property(fc.nat(question.length - 1), fc.nat(7), (at, bit) => {
        const other = question.slice();
        other[at] = (other[at] ?? 0) ^ (1 << bit);
        expect(openQuestion(keys, other)).toBeNull();
      }),
    );
  });

  it('are a value or nothing, whatever bytes come', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        lookAtQuestion(bytes);
        expect(openQuestion(keys, bytes)).toBeNull();
        expect(openAnswer(keys, question, bytes)).toBeNull();
        for (const decoded of [decodeAsking(bytes), decodeAnswer(bytes)]) {
          if (decoded !== null) expect('ask' in decoded || 'say' in decoded).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.anything({ withBigInt: false }), (value) => {
        let bytes: Uint8Array;
        try {
          bytes = encode(value);
        } catch {
          return;
        }
        decodeAsking(bytes);
        decodeAnswer(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it('have one spelling', () => {
    // The same map with its keys in another order, and with one more.
    expect(decodeAsking(encode({ upload: share, ask: 'done' }))).toBeNull();
    expect(decodeAsking(encode({ ask: 'done', upload: share }))).toEqual({ ask: 'done', upload: share });
    expect(decodeAsking(encode({ ask: 'done', more: 1, upload: share }))).toBeNull();
    expect(decodeAsking(Uint8Array.from([...encodeAsking({ ask: 'done', upload: share }), 0]))).toBeNull();
  });

  it('names no paths and no names that are none', () => {
    const send = { ask: 'send', into: null, modified: 1, replaces: null, size: 1, upload: share } as const;
    for (const bad of ['..', '.', 'a/b', '../x', '', 'a\0b', 'x'.repeat(256)]) {
      const { ask, into, modified, replaces, size, upload } = send;
      expect(decodeAsking(encode({ ask, into, modified, name: bad, replaces, size, upload })), bad).toBeNull();
    }
    expect(decodeAsking(encode({ after: null, ask: 'look', item: '../../private' }))).toBeNull();
  });
});

describe('a record', () => {
  const key = recordKey(new Uint8Array(32).fill(1));
  const arrival = arrivalSchema.parse({
    ...{ v: 1, share, contact: 'c', item: 'i', name: 'n', size: 3, how: 'new', at: 4 },
  });

  it('opens as itself under its own key, kind and id, and not otherwise', () => {
    const sealed = sealRecord(key, 'arrival', '1', arrival, seededRandom(1));
    expect(openRecord(key, 'arrival', '1', sealed)).toEqual(arrival);
    expect(openRecord(key, 'arrival', '2', sealed)).toBeNull();
    expect(openRecord(key, 'given', '1', sealed)).toBeNull();
    expect(openRecord(recordKey(new Uint8Array(32)), 'arrival', '1', sealed)).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(openRecord(key, 'taken', '1', bytes)).toBeNull();
      }),
    );
    expect(givenSchema.safeParse(arrival).success).toBe(false);
  });
});
