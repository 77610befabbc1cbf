import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadFrame, createFrameReader, encodeFrame, type Frame, maxFrame } from './frames.ts';
import {
  type Answer,
  decodeAnswer,
  decodeQuestion,
  encodeAnswer,
  encodeQuestion,
  type Question,
  roomErrors,
  version,
} from './messages.ts';

const frames = (bytes: Uint8Array): Frame[] => [...createFrameReader().push(bytes)];
const name = fc
  .tuple(fc.constantFrom('c', 'p/00000', 'p/100000'), fc.stringMatching(/^[a-z0-9]{1,32}$/), fc.nat(63))
  .map(([directory, id, index]) => `${directory}/${id}.${String(index).padStart(2, '0')}`);
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const size = fc.maxSafeNat();
const some = fc.uint8Array({ minLength: 1, maxLength: 300 });

const question: fc.Arbitrary<Question> = fc.oneof(
  fc.record({ kind: fc.constant('open'), version: fc.constant(version), grant: bytes(16), secret: bytes(32) }),
  fc.record({
    kind: fc.constant('ask'),
    version: fc.constant(version),
    grant: bytes(16),
    verifier: bytes(32),
    bytes: size,
  }),
  fc.record({ kind: fc.constant('withdraw'), version: fc.constant(version), grant: bytes(16) }),
  fc.record({ kind: fc.constant('mine'), version: fc.constant(version) }),
  fc.record({ kind: fc.constantFrom('room', 'cancel', 'settle', 'mark') }),
  fc.record({ kind: fc.constant('put'), length: fc.nat(1024 ** 3), name }),
  fc.record({ kind: fc.constant('read'), offset: size, length: fc.nat(256 * 1024), name }),
  fc.record({ kind: fc.constantFrom('size', 'remove'), name }),
  fc.record({ kind: fc.constant('list'), directory: fc.constantFrom('c', 'p', 'p/00000') }),
  fc.record({ kind: fc.constantFrom('data', 'claim', 'unclaim'), bytes: some }),
) as fc.Arbitrary<Question>;
const answer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ kind: fc.constant('done') }),
  fc.record({ kind: fc.constant('error'), error: fc.constantFrom(...Object.keys(roomErrors)) }),
  fc.record({ kind: fc.constant('bytes'), bytes: some }),
  fc.record({ kind: fc.constant('length'), length: size }),
  fc.record({ kind: fc.constant('names'), more: fc.boolean(), names: fc.array(name) }),
  fc.record({ kind: fc.constant('room'), bytes: size, used: size, free: size, until: size }),
  fc.record({ kind: fc.constant('asked'), state: fc.constantFrom('agreed', 'waits', 'refused'), bytes: size }),
  fc.record({
    kind: fc.constant('mine'),
    offered: size,
    room: fc.option(fc.record({ grant: bytes(16), bytes: size })),
  }),
) as fc.Arbitrary<Answer>;
const request = fc.nat(0xffff_ffff);

describe('frames', () => {
  it('come out as they went in, however they are cut on the way', () => {
    const frame = fc.tuple(fc.nat(255), request, fc.uint8Array({ maxLength: 400 }));
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 200 })), (list, cuts) => {
        const all = Buffer.concat(list.map(([type, id, body]) => encodeFrame(type, id, body)));
        const reader = createFrameReader();
        const found: Frame[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const step = cuts[i % Math.max(1, cuts.length)] ?? 7;
          found.push(...reader.push(all.subarray(at, at + step)));
          at += step;
        }
        expect(found.map(({ type, request: id, body }) => [type, id, Buffer.from(body)])).toEqual(
          list.map(([type, id, body]) => [type, id, Buffer.from(body)]),
        );
        expect(reader.partial()).toBe(false);
      }),
    );
  });

  it('that are too long or too short are said so before anything is kept of them', () => {
    const head = (length: number): Uint8Array => {
      const out = new Uint8Array(4);
      new DataView(out.buffer).setUint32(0, length);
      return out;
    };
    for (const length of [0, 4, maxFrame + 1, 0xffff_ffff]) expect(() => frames(head(length))).toThrow(BadFrame);
    expect(frames(head(maxFrame))).toEqual([]);
  });
});

describe('messages', () => {
  it('come out as they went in', () => {
    fc.assert(
      fc.property(request, question, (id, one) => {
        const [frame] = frames(encodeQuestion(id, one));
        expect(frame?.request).toBe(id);
        expect(frame && decodeQuestion(frame)).toEqual(one);
      }),
    );
    fc.assert(
      fc.property(request, answer, (id, one) => {
        const [frame] = frames(encodeAnswer(id, one));
        expect(frame?.request).toBe(id);
        expect(frame && decodeAnswer(frame)).toEqual(one);
      }),
    );
  });

  it('that are any bytes are a message, which is written as they are, or nothing', () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      question.map((one) => encodeQuestion(0, one).slice(9)),
      fc.tuple(question, fc.nat(60), fc.nat(255)).map(([one, at, byte]) => {
        const out = encodeQuestion(0, one).slice(9);
        if (out.length > 0) out[at % out.length] = byte;
        return out;
      }),
    );
    fc.assert(
      fc.property(fc.nat(255), body, (type, any) => {
        const frame = { type, request: 7, body: any };
        const asked = decodeQuestion(frame);
        // Of another version only the version is understood.
        if (asked !== null && !('version' in asked && asked.version !== version)) {
          expect(Buffer.from(encodeQuestion(7, asked)).equals(encodeFrame(type, 7, any))).toBe(true);
        }
        const answered = decodeAnswer(frame);
        if (answered !== null) {
          expect(Buffer.from(encodeAnswer(7, answered)).equals(encodeFrame(type, 7, any))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['../x', 'c', 'c/../x', 'c/.x', 'p/a/b/c', 'd/x', 'c/X', 'c/a b', 'c/', '/c/x', 'c/x\0', 'c/x\n'])(
    'name no file outside, such as %j',
    (bad) => {
      for (const kind of ['size', 'remove'] as const) {
        const [frame] = frames(encodeQuestion(1, { kind, name: bad }));
        expect(frame && decodeQuestion(frame)).toBe(null);
      }
    },
  );
});
