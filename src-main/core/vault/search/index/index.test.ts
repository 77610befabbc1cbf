import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '#core/crypto/random.ts';
import { queryTerms } from '../text/tokens.ts';
import { BlockCache } from './block-cache.ts';
import { createBuilder } from './builder.ts';
import {
  type DictionaryWriter as Dictionary,
  DictionaryWriter,
  groupTerms,
  readGroup,
  type Term,
} from './dictionary.ts';
import { evaluate } from './evaluate.ts';
import { mergeSource } from './merge.ts';
import { decodeMeta, decodeRoot, encodeMeta, encodeRoot, type SegmentMeta } from './meta.ts';
import { addPostings, decodePositions, decodePostings, encodePositions, encodePostings } from './postings.ts';
import { openSegment, type Segment } from './segment-reader.ts';
import { writeSegment } from './segment-writer.ts';
import { decodeSegmentHeader, segmentHeader } from './slots.ts';
import { ByteReader, ByteWriter, Damaged } from './varint.ts';

const key = systemRandom(32);
let directory: string;
let opened: Segment[];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'hypha-index-'));
  opened = [];
});
afterEach(() => {
  for (const segment of opened) segment.close();
  rmSync(directory, { recursive: true, force: true });
});

const contentOf = (n: number): Uint8Array => new Uint8Array(16).fill(n + 1);
let written = 0;
function open(path: string): Segment {
  const segment = openSegment(path, key, new BlockCache(1 << 20));
  opened.push(segment);
  return segment;
}
function segmentOf(texts: readonly string[], from = 0): { segment: Segment; path: string } {
  const builder = createBuilder();
  texts.forEach((text, i) => {
    builder.addText(contentOf(from + i), text);
    builder.addItem({ item: `i${from + i}`, stamp: i, outcome: 'text', content: 'x'.repeat(16) });
  });
  const path = join(directory, `${written++}.seg`);
  writeSegment(path, key, systemRandom(16), builder.source(from));
  return { segment: open(path), path };
}
/** Documents that have a phrase, by looking at the texts. */
const found = (segments: readonly Segment[], query: string, prefix = false) =>
  evaluate(segments, [{ terms: queryTerms(query), prefix }], [1], (_, error) => {
    throw error;
  }).map(({ mask }) => [...mask].flatMap((bits, doc) => (bits === 0 ? [] : [doc])));

/** A value or a {@link Damaged}: nothing else, whatever the bytes. */
function onlyDamaged(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(Damaged);
  }
}

describe('the codecs of the index', () => {
  it('numbers come back', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (numbers) => {
        const out = new ByteWriter();
        for (const n of numbers) out.varint(n);
        const reader = new ByteReader(out.view());
        expect(numbers.map(() => reader.varint())).toEqual(numbers);
        expect(reader.left).toBe(0);
      }),
    );
  });

  const postings = fc.uniqueArray(fc.nat({ max: 500 }), { minLength: 1 }).chain((passages) =>
    fc.tuple(
      fc.constant(passages.sort((a, b) => a - b)),
      fc.array(fc.uniqueArray(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 6 }), {
        minLength: passages.length,
        maxLength: passages.length,
      }),
    ),
  );

  it('postings and positions come back', () => {
    fc.assert(
      fc.property(postings, ([passages, where]) => {
        const sorted = where.map((list) => list.sort((a, b) => a - b));
        const counts = sorted.map((list) => list.length);
        const out = new ByteWriter();
        encodePostings(out, passages, counts);
        const back = decodePostings(out.view(), passages.length, 501);
        expect([[...back.passages], [...back.counts]]).toEqual([passages, counts]);
        const added = new Uint32Array(501);
        expect(addPostings(out.view(), passages.length, added)).toBe(passages.length);
        expect(passages.map((passage) => added[passage])).toEqual(counts);
        out.clear();
        encodePositions(out, counts, sorted.flat());
        expect([...decodePositions(out.view(), back.counts)]).toEqual(sorted.flat());
      }),
    );
  });

  it('terms come back, in groups', () => {
    const words = fc.uniqueArray(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }).map((s) => s.toWellFormed()),
      {
        minLength: 1,
        maxLength: 200,
      },
    );
    fc.assert(
      fc.property(words, (list) => {
        const sorted = list.filter((word) => word !== '').sort();
        const out = new ByteWriter();
        const writer: Dictionary = new DictionaryWriter(out);
        const starts: number[] = [];
        const terms = sorted.map(
          (term, i): Term => ({ term, df: i, postingsAt: i * 3, postings: 3, positionsAt: i * 5, positions: 5 }),
        );
        for (const term of terms) {
          const at = out.length;
          if (writer.add(term)) starts.push(at);
        }
        expect(starts.length).toBe(Math.ceil(sorted.length / groupTerms));
        const back = starts.flatMap((at, i) => [...readGroup(out.view().slice(at, starts[i + 1] ?? out.length))]);
        expect(back).toEqual(terms);
      }),
    );
  });

  const meta: SegmentMeta = {
    keys: new Uint8Array(32).fill(7),
    docPassages: Uint32Array.of(1, 2),
    passageTerms: Uint16Array.of(5, 0, 65535),
    pages: [
      { passages: 2, codec: 1, packed: 10, raw: 20 },
      { passages: 1, codec: 0, packed: 5, raw: 5 },
    ],
    groups: [
      { first: 'a', at: 0 },
      { first: 'b', at: 700 },
    ],
    items: [
      { item: 'one', stamp: 2 ** 47, outcome: 'text', content: '\x00\xff'.repeat(8) },
      { item: 'two', stamp: 0, outcome: 'too-large', content: '' },
    ],
    streams: [
      { length: 900, slots: [4] },
      { length: 0, slots: [] },
      { length: 9000, slots: [0, 2] },
      { length: 15, slots: [1] },
    ],
  };

  it('the meta and the root come back', () => {
    expect(decodeMeta(encodeMeta(meta).view(), 5)).toEqual(meta);
    const root = { sequence: 9, metaSlot: 3, metaLength: 8192, replaces: ['00'.repeat(16), 'ab'.repeat(16)] };
    const slot = new Uint8Array(8192);
    slot.set(encodeRoot(root).view());
    expect(decodeRoot(slot, 5)).toEqual(root);
  });

  it('take any bytes', () => {
    const good = encodeMeta(meta).view().slice();
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.nat({ max: good.length - 1 }),
        fc.nat(255),
        (bytes, at, byte) => {
          onlyDamaged(() => decodeMeta(bytes, 100));
          const changed = good.slice();
          changed[at] = byte;
          onlyDamaged(() => decodeMeta(changed, 5));
          onlyDamaged(() => decodeMeta(good.subarray(0, at), 5));
          onlyDamaged(() => decodeRoot(bytes, 100));
          onlyDamaged(() => [...readGroup(bytes)]);
          onlyDamaged(() => decodePostings(bytes, at, 1000));
          onlyDamaged(() => addPostings(bytes, byte, new Uint32Array(1000)));
          onlyDamaged(() => decodePositions(bytes, Uint32Array.of(byte, at)));
          onlyDamaged(() => decodeSegmentHeader(bytes));
        },
      ),
      { numRuns: 2000 },
    );
    expect(() => decodeSegmentHeader(segmentHeader(contentOf(0)).fill(1, 10, 11))).toThrow(Damaged);
  });
});

describe('a segment', () => {
  const word = fc.constantFrom('owl', 'fox', 'oak', 'elm', 'owlet', 'fig', '東京', '京都');
  const text = fc.array(word, { minLength: 1, maxLength: 400 }).map((words) => words.join(' '));

  it('finds what a look at the texts finds, also after merging, without what is of no use any more', () => {
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 5 }),
        fc.array(text, { minLength: 1, maxLength: 5 }),
        (a, b) => {
          const one = segmentOf(a).segment;
          const two = segmentOf(b, a.length).segment;
          const has = (texts: readonly string[], what: RegExp) =>
            texts.flatMap((t, doc) => (what.test(t) ? [doc] : []));
          const merged = join(directory, `${written++}.seg`);
          const live = (segment: Segment, dead: number) =>
            Uint8Array.from({ length: segment.docs }, (_, i) => (i === dead ? 0 : 1));
          const items = [...one.takeItems(), ...two.takeItems()];
          const inputs = [
            { segment: one, live: live(one, 0) },
            { segment: two, live: live(two, -1) },
          ];
          writeSegment(merged, key, systemRandom(16), mergeSource(inputs, items));
          const both = open(merged);
          expect(both.replaces).toEqual([one.id, two.id]);
          expect(both.takeItems()).toEqual(items);
          const left = [...a.slice(1), ...b];
          for (const [query, what] of [
            ['owl', /\bowl\b/],
            ['fox oak', /\bfox oak\b/],
            ['oak elm oak', /\boak elm oak\b/],
            ['京都', /京都/],
          ] as const) {
            expect(found([one, two], query)).toEqual([has(a, what), has(b, what)]);
            expect(found([both], query)).toEqual([has(left, what)]);
          }
          expect(found([both], 'ow', true)).toEqual([has(left, /\bow/)]);
          expect([...both.texts()].flat().join('')).toBe(left.join(''));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('finds phrases across passages, not across documents', () => {
    const long = `${'filler '.repeat(400)}alpha beta ${'filler '.repeat(400)}`;
    const { segment } = segmentOf([long, 'ends with gamma', 'delta begins']);
    expect(segment.passages).toBeGreaterThan(4);
    // Wherever the cut between passages falls.
    for (const before of [600, 650, 699, 700, 750])
      expect(found([segmentOf([`${'x '.repeat(before)}alpha beta`]).segment], 'x alpha beta')).toEqual([[0]]);
    expect(found([segment], 'gamma delta')).toEqual([[]]);
    expect(found([segment], 'alpha beta filler')).toEqual([[0]]);
  });

  it('puts what is about something before what mentions it', () => {
    const filler = 'lorem ipsum dolor sit amet consectetur adipiscing elit '.repeat(10);
    const { segment } = segmentOf([
      `${filler} heron ${filler}`,
      'heron heron nest of the heron',
      `${filler}`,
      `common words and heron common`,
    ]);
    const [{ score } = { score: new Float32Array() }] = evaluate(
      [segment],
      [{ terms: queryTerms('heron'), prefix: false }],
      [1],
      () => {},
    );
    const order = [...score.keys()].sort((x, y) => (score[y] ?? 0) - (score[x] ?? 0));
    expect(order).toEqual([1, 3, 0, 2]);
    expect(score[2]).toBe(0);
  });

  it('shows nothing of what is in it, and does not open under another key or with any bit changed', () => {
    const { segment, path } = segmentOf(['the canary sings kanarienvogel', 'another']);
    const bytes = readFileSync(path);
    for (const encoding of ['utf8', 'utf16le'] as const)
      for (const planted of ['canary', 'kanarienvogel', 'another'])
        expect(bytes.includes(Buffer.from(planted, encoding))).toBe(false);
    expect(bytes.includes(Buffer.from(contentOf(0)))).toBe(false);
    expect(() => openSegment(path, systemRandom(32), new BlockCache(1 << 20))).toThrow(Damaged);
    segment.close();
    opened.pop();
    for (let i = 0; i < 60; i++) {
      const at = Math.floor((i / 60) * bytes.length);
      const harmed = Buffer.from(bytes);
      harmed[at] = (harmed[at] ?? 0) ^ 4;
      writeFileSync(path, harmed);
      onlyDamaged(() => {
        const again = openSegment(path, key, new BlockCache(1 << 20));
        try {
          found([again], 'canary sings');
          for (const _ of again.texts());
        } finally {
          again.close();
        }
      });
    }
    for (const length of [0, 31, 32, 100, bytes.length - 1, bytes.length - 8208]) {
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => openSegment(path, key, new BlockCache(1 << 20))).toThrow(Damaged);
    }
  });
});
