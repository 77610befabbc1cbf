import fc from 'fast-check';
import { expect, it } from 'vitest';
import { toBase64url, toHex } from '#core/crypto/encoding.ts';
import { decodeAnswer, decodeQuestion, encodeAnswer, encodeQuestion } from './format/messages.ts';
import { readRecord, recordValue } from './format/record.ts';
import { agreedValue, intentValue, metaValue, readAgreed, readIntent, readMeta } from './format/rows.ts';
import { packed, readPacked } from './format/values.ts';
import { type Context, compareText, type DeviceRecord, isIn, joinContexts } from './model/records.ts';
import { createRegisters, recordsOf } from './model/registers.ts';
import { compareStamps, mostCount, mostMs, nextStamp } from './model/stamp.ts';
import { project } from './plan/project.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const id = bytes(16).map(toBase64url);
const content = bytes(32).map(toHex);
const seq = fc.integer({ min: 1, max: 2 ** 40 });
const at = fc.record({ ms: fc.integer({ min: 0, max: mostMs }), count: fc.integer({ min: 0, max: mostCount }) });
const context: fc.Arbitrary<Context> = fc
  .uniqueArray(fc.tuple(id, seq), { selector: ([author]) => author, maxLength: 5 })
  .map((list) => list.sort(([a], [b]) => compareText(a, b)));
const name = fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }).map((one) => {
  const safe = one.replace(/[/\0]/g, '_').toWellFormed();
  return safe === '.' || safe === '..' ? '_' : safe;
});
const front = { author: id, seq, at };
const size = fc.nat();
const record: fc.Arbitrary<DeviceRecord> = fc.oneof(
  fc.record({ kind: fc.constant('author' as const), ...front, device: fc.constant('device'), name }),
  fc.record({
    ...{ kind: fc.constant('place' as const), ...front, entry: id, parent: fc.option(id), name },
    type: fc.constantFrom('file' as const, 'folder' as const),
  }),
  fc.record({
    ...{ kind: fc.constant('content' as const), ...front, entry: id, content, size, modified: size, past: context },
  }),
  fc.record({
    ...{ kind: fc.constant('state' as const), ...front, entry: id, seen: context },
    state: fc.constantFrom('here' as const, 'binned' as const, 'gone' as const),
  }),
);

it('reads what it writes', () => {
  fc.assert(
    fc.property(record, (one) => {
      expect(readPacked(packed(recordValue(one)), readRecord, recordValue)).toEqual(one);
    }),
  );
  const question = fc.record({ life: fc.option(id), position: fc.nat(), vector: context });
  fc.assert(fc.property(question, (one) => void expect(decodeQuestion(encodeQuestion(one))).toEqual(one)));
  const answer = fc.record({
    ...{ life: id, from: fc.nat(1000), to: fc.integer({ min: 1000, max: 2000 }), vector: fc.option(context) },
    records: fc.array(record, { maxLength: 10 }),
  });
  fc.assert(fc.property(answer, (one) => void expect(decodeAnswer(encodeAnswer(one))).toEqual(one)));
  const agreed = fc.record({
    ...{ entry: id, item: id, parent: fc.option(id), name, binned: fc.boolean() },
    ...{ content: fc.option(content), seen: context },
  });
  fc.assert(
    fc.property(
      agreed,
      (one) => void expect(readPacked(packed(agreedValue(one)), readAgreed, agreedValue)).toEqual(one),
    ),
  );
  const meta = fc.record({ author: id, vector: context, clock: at, confirmed: fc.nat() });
  fc.assert(
    fc.property(meta, (one) => void expect(readPacked(packed(metaValue(one)), readMeta, metaValue)).toEqual(one)),
  );
  const intent = fc.record({ item: fc.constant('i'), entry: id, content: fc.option(content), seen: context });
  const read = (value: unknown) => readIntent('i', value);
  fc.assert(
    fc.property(intent, (one) => void expect(readPacked(packed(intentValue(one)), read, intentValue)).toEqual(one)),
  );
});

it('makes of any bytes a message or nothing, and of a message one spelling only', () => {
  const answer = fc.record({
    ...{ life: id, from: fc.nat(9), to: fc.integer({ min: 9, max: 99 }), vector: fc.option(context) },
    records: fc.array(record, { maxLength: 4 }),
  });
  fc.assert(
    fc.property(answer, fc.nat(), fc.nat(255), (one, where, what) => {
      const encoded = encodeAnswer(one);
      encoded[where % encoded.length] = what;
      const decoded = decodeAnswer(encoded);
      if (decoded) expect(encodeAnswer(decoded)).toEqual(encoded);
      expect(decodeAnswer(encoded.subarray(0, where % encoded.length))).toBe(null);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
      const question = decodeQuestion(any);
      if (question) expect(encodeQuestion(question)).toEqual(any);
      expect(decodeAnswer(any) === null || decodeAnswer(any) !== null).toBe(true);
    }),
  );
  // Deep nesting, lengths that are not there, names that lead elsewhere.
  expect(decodeAnswer(new Uint8Array(60_000).fill(0x91))).toBe(null);
  expect(decodeQuestion(Uint8Array.from([0xdd, 0xff, 0xff, 0xff, 0xff]))).toBe(null);
  for (const bad of ['..', '.', '', 'a/b', 'a\0b', '\ud800']) {
    const [one] = fc.sample(record, { numRuns: 200 }).filter(({ kind }) => kind === 'place');
    expect(readPacked(packed(recordValue({ ...one, name: bad } as DeviceRecord)), readRecord, recordValue)).toBe(null);
  }
});

/** Few of everything, so that writes meet. */
const few = (list: readonly string[]) => fc.constantFrom(...list);
const entries = ['e1', 'e2', 'e3', 'e4'];
const past = fc
  .tuple(fc.nat(6), fc.nat(6))
  .map(([a, b]): Context => [...(a ? [['a', a] as const] : []), ...(b ? [['b', b] as const] : [])]);
const small = fc.record({ ms: fc.nat(3), count: fc.nat(3) });
const writes: fc.Arbitrary<DeviceRecord[]> = fc
  .array(
    fc.oneof(
      fc.record({
        ...{ kind: fc.constant('place' as const), at: small, entry: few(entries), parent: fc.option(few(entries)) },
        ...{ type: fc.constantFrom('file' as const, 'folder' as const), name: few(['x', 'y']) },
      }),
      fc.record({
        ...{ kind: fc.constant('content' as const), at: small, entry: few(entries), content: few(['c1', 'c2', 'c3']) },
        ...{ size: fc.constant(1), modified: fc.constant(1), past },
      }),
      fc.record({
        ...{ kind: fc.constant('state' as const), at: small, entry: few(entries), seen: past },
        state: fc.constantFrom('here' as const, 'binned' as const, 'gone' as const),
      }),
    ),
    { maxLength: 14 },
  )
  .chain((list) => fc.tuple(fc.constant(list), fc.array(few(['a', 'b', 'c']), { minLength: 14, maxLength: 14 })))
  .map(([list, by]) => {
    const counts = new Map<string, number>();
    const before: DeviceRecord[] = [];
    // Who knows a content knows what that replaced: so writes are made (contextOf), and only so they merge.
    const closed = (entry: string, past: Context): Context =>
      before.reduceRight(
        (all, one) =>
          one.kind === 'content' && one.entry === entry && isIn(all, one) ? joinContexts(all, one.past) : all,
        past,
      );
    return list.map((one, i): DeviceRecord => {
      const author = by[i] ?? 'a';
      const seq = (counts.get(author) ?? 0) + 1;
      counts.set(author, seq);
      // Nobody knows writes that are not made yet.
      const known = (list: Context): Context =>
        list.filter(([who, upTo]) => upTo <= (counts.get(who) ?? 0) - (who === author ? 1 : 0));
      if (one.kind === 'content') {
        const made: DeviceRecord = { ...one, author, seq, past: closed(one.entry, known(one.past)) };
        before.push(made);
        return made;
      }
      if (one.kind === 'state') return { ...one, author, seq, seen: known(one.seen) };
      return { ...one, author, seq };
    });
  });

it('leaves the same of the same writes in any order and any number, and the same tree', () => {
  const state = (list: readonly DeviceRecord[]) => {
    const registers = createRegisters();
    for (const one of list) registers.apply(one);
    const left = [...registers.entries].map(([entry, all]) => [entry, recordsOf(all)] as const);
    return {
      left: left.sort(([a], [b]) => compareText(a, b)),
      tree: [...project(registers).shown.values()].sort((a, b) => compareText(a.entry, b.entry)),
    };
  };
  fc.assert(
    fc.property(
      writes.chain((list) =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: 2 * list.length })),
      ),
      ([list, mixed]) => void expect(state(mixed)).toEqual(state(list)),
    ),
    { numRuns: 500 },
  );
});

it('shows a tree: everything lies in a folder that is shown, and no two of one folder have one name', () => {
  fc.assert(
    fc.property(writes, (list) => {
      const registers = createRegisters();
      for (const one of list) registers.apply(one);
      const { shown, binned, twinOf } = project(registers);
      const names = new Set<string>();
      for (const { entry, parent, name, type, content } of shown.values()) {
        expect(names.has(`${parent} ${name}`)).toBe(false);
        names.add(`${parent} ${name}`);
        expect(content === null).toBe(type === 'folder');
        if (parent !== null) expect(shown.get(parent)?.type).toBe('folder');
        expect(binned.has(entry) || twinOf.has(entry)).toBe(false);
        let depth = 0;
        for (let at = parent; at !== null; at = shown.get(at)?.parent ?? null) expect(depth++).toBeLessThan(10);
      }
    }),
    { numRuns: 1000 },
  );
});

it('has a clock that only goes forward, whatever the wall says', () => {
  fc.assert(
    fc.property(at, fc.oneof(fc.integer(), fc.double({ noNaN: true })), (last, now) => {
      expect(compareStamps(nextStamp(last, now), last)).toBeGreaterThan(0);
    }),
  );
});
