import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFrame, encodeFrame, encodeLengthPrefixed, FrameSplitter } from './codec.ts';
import { isFail } from './fail.ts';

const limit = 1 << 20;
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fromHex = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));

/** Anything a frame may hold. */
const frameValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.string({ unit: 'binary' }).filter((s) => s.isWellFormed()),
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true }).filter((n) => !Object.is(n, -0)),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.uint8Array(),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('value'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
})).value;

const typed = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (!isFail(error, 'PROTOCOL') && !isFail(error, 'TOO_LARGE')) throw error;
  }
};

describe('frame codec', () => {
  it('writes the published bytes', () => {
    const vectors: [unknown, string][] = [
      [{ t: 'cancel', id: 1 }, '82a174a663616e63656ca2696401'],
      [{ t: 'end', id: 300 }, '82a174a3656e64a26964cd012c'],
      [Uint8Array.of(1, 2), 'c4020102'],
      [2 ** 40, 'cb4270000000000000'],
      [2n, 'cf0000000000000002'],
    ];
    for (const [value, bytes] of vectors) {
      expect(hex(encodeFrame(value, limit))).toBe(bytes);
      expect(decodeFrame(fromHex(bytes), limit)).toEqual(value);
    }
    expect(hex(Buffer.concat(encodeLengthPrefixed(null, limit)))).toBe('00000001c0');
  });

  it('reads everything it writes, however deep, and refuses to write the rest', () => {
    const depths = { written: 0, refused: 0 };
    for (let n = 0; n < 100; n++) {
      for (const wrap of [(v: unknown) => [v], (v: unknown) => ({ v }), (v: unknown) => [v, []]]) {
        let value: unknown = 1;
        for (let i = 0; i < n; i++) value = wrap(value);
        let bytes: Uint8Array;
        try {
          bytes = encodeFrame(value, limit);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          depths.refused = n;
          continue;
        }
        depths.written = n;
        expect(decodeFrame(bytes, limit)).toEqual(value);
      }
    }
    expect(depths).toEqual({ written: 64, refused: 99 });
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(frameValue, (value) => {
        expect(decodeFrame(encodeFrame(value, limit), limit)).toEqual(value);
      }),
    );
  });

  it('finds frames wherever a stream is cut', () => {
    fc.assert(
      fc.property(fc.array(frameValue, { maxLength: 6 }), fc.array(fc.nat(40)), (values, cuts) => {
        const stream = Buffer.concat(values.flatMap((value) => encodeLengthPrefixed(value, limit)));
        const splitter = new FrameSplitter(limit);
        const found: unknown[] = [];
        let at = 0;
        for (const cut of cuts) {
          found.push(...splitter.push(stream.subarray(at, at + cut)));
          at += cut;
        }
        found.push(...splitter.push(stream.subarray(at)));
        expect(found).toEqual(values);
      }),
    );
  });

  it('takes a frame in bytes one by one in about the time of one in a piece', () => {
    const frame = { bytes: new Uint8Array(300_000) };
    const stream = Buffer.concat(encodeLengthPrefixed(frame, limit));
    const cut = (size: number): number => {
      const splitter = new FrameSplitter(limit);
      const found: unknown[] = [];
      const began = performance.now();
      for (let at = 0; at < stream.length; at += size) found.push(...splitter.push(stream.subarray(at, at + size)));
      expect(found).toEqual([frame]);
      return performance.now() - began;
    };
    const best = (size: number) => Math.min(cut(size), cut(size), cut(size));
    // Three hundred thousand chunks against three thousand: a hundred times as many, and not ten thousand times the time.
    expect(best(1) / best(100)).toBeLessThan(1500);
  });

  it('keeps what it gave out apart from what comes after', () => {
    const splitter = new FrameSplitter(limit);
    const frames = [1, 2, 3].map((n) => ({ bytes: new Uint8Array(5000).fill(n) }));
    const stream = Buffer.concat(frames.flatMap((frame) => encodeLengthPrefixed(frame, limit)));
    const found: unknown[] = [];
    for (let at = 0; at < stream.length; at += 7) {
      found.push(...splitter.push(Uint8Array.from(stream.subarray(at, at + 7))));
    }
    expect(found).toEqual(frames);
  });

  it('takes any bytes for a value or a typed error', () => {
    const nearFrames = fc
      .tuple(frameValue, fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }))
      .map(([value, edits]) => {
        const bytes = encodeFrame(value, limit);
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return bytes;
      });
    const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), nearFrames);
    fc.assert(fc.property(bytes, (input) => typed(() => decodeFrame(input, limit))));
    fc.assert(fc.property(bytes, (input) => typed(() => [...new FrameSplitter(4096).push(input)])));
  });

  it('refuses what claims more than it holds, before making room for it', () => {
    const hostile = [
      'dd7fffffff', // an array of two thousand million
      'df7fffffff',
      `${'dd00ffffff'.repeat(50)}`,
      `${'91'.repeat(200)}c0`, // nested too deeply
      'c6ffffffff',
      'dbffffffff',
      'c101',
      'd6ff00000000', // a timestamp: no extensions here
      'c0c0',
      '',
      '81a95f5f70726f746f5f5fc0', // a member named __proto__
      '810102', // a name that is a number
      '81cd012c02', // the same, longer
      '82a161010203', // the second of two
      '81a16181c0c0', // within a map
      '81c4016102', // bytes
      '818002', // a map
    ];
    for (const bytes of hostile) expect(() => decodeFrame(fromHex(bytes), limit)).toThrow(/not a frame/);
  });

  it('holds to the size limit on both sides', () => {
    expect(() => encodeFrame(new Uint8Array(1000), 1000)).toThrow(/larger/);
    expect(() => encodeFrame('ä'.repeat(600), 1000)).toThrow(/larger/);
    expect(() => decodeFrame(new Uint8Array(1001), 1000)).toThrow(/larger/);
    expect(() => [...new FrameSplitter(1000).push(fromHex('000003e9'))]).toThrow(/larger/);
  });

  it('refuses values that no wire carries', () => {
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    for (const bad of [() => 1, Symbol('x'), new Date(0), new Map(), cycle, JSON.parse('{"__proto__":1}')]) {
      expect(() => encodeFrame(bad, limit)).toThrow(TypeError);
    }
  });
});
