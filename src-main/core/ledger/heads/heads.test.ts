import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '#core/store/database.ts';
import { silentLog } from '#core/testing/silent-log.ts';
import { contradict, decodeHead, encodeHead, type Head, headBytes, type SignedHead, statementOf } from './head.ts';
import { createSeenHeads, seenHeadsMigration } from './seen.ts';

const bytes = (n: number) => fc.uint8Array({ minLength: n, maxLength: n });
const anyHead: fc.Arbitrary<Head> = fc.record({
  chainId: fc.bigInt(0n, (1n << 64n) - 1n),
  genesis: bytes(32),
  incarnation: fc.nat(0xffff_ffff),
  number: fc.nat(2 ** 48 - 1),
  hash: bytes(32),
  state: bytes(32),
  at: fc.nat(2 ** 48 - 1),
});

const fill = (value: number) => new Uint8Array(32).fill(value);
const head = (change: Partial<Head> = {}): Head => ({
  chainId: 7n,
  genesis: fill(1),
  incarnation: 0,
  number: 5,
  hash: fill(5),
  state: fill(55),
  at: 1_800_000_000,
  ...change,
});
/** Stands for the signing keys of one person, which have tests of their own: the first bytes of what is signed, and a mark. */
const sign = (one: Head, mark = 1): SignedHead => {
  const signature = new Uint8Array(headBytes - statementOf(one).length).fill(mark);
  signature.set(statementOf(one).subarray(0, 121), 1);
  return { head: one, signature };
};
const verify = (statement: Uint8Array, signature: Uint8Array): boolean =>
  signature[0] === 1 && Buffer.from(signature.subarray(1, 122)).equals(statement);

describe('a head', () => {
  it('reads back, and only in its one spelling', () => {
    fc.assert(
      fc.property(anyHead, bytes(64 + 3_309), (one, signature) => {
        const encoded = encodeHead({ head: one, signature });
        expect(encoded).toHaveLength(headBytes);
        const read = decodeHead(encoded);
        expect(read).toEqual({ head: one, signature });
        expect(read && encodeHead(read)).toEqual(encoded);
      }),
      { numRuns: 50 },
    );
  });

  it('is nothing when the bytes are anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: headBytes + 2 }), (any) => {
        const read = decodeHead(any);
        expect(read === null || any.length === headBytes).toBe(true);
      }),
    );
  });

  it('contradicts another about one block of one incarnation, and nothing else', () => {
    expect(contradict(head(), head())).toBe(false);
    expect(contradict(head(), head({ hash: fill(6) }))).toBe(true);
    expect(contradict(head(), head({ state: fill(6) }))).toBe(true);
    expect(contradict(head(), head({ number: 6, hash: fill(6) }))).toBe(false);
    expect(contradict(head(), head({ incarnation: 1, hash: fill(6) }))).toBe(false);
    expect(contradict(head(), head({ chainId: 8n, hash: fill(6) }))).toBe(false);
    expect(contradict(head(), head({ genesis: fill(9), hash: fill(6) }))).toBe(false);
  });
});

describe('heads that somebody was shown', () => {
  let database: Database;
  beforeEach(() => {
    database = openDatabase({ path: ':memory:', migrations: [seenHeadsMigration], log: silentLog });
  });
  afterEach(() => database.close());
  const seen = () => createSeenHeads(database);

  it('are good while they go on, in whatever order they come', () => {
    for (const number of [5, 9, 6, 5]) {
      expect(seen().take('ann', sign(head({ number, hash: fill(number) })), verify)).toEqual({ is: 'good' });
    }
    expect(seen().lie('ann', head())).toBeNull();
  });

  it('show a lie to anybody, for ever, however late the second story comes', () => {
    const first = sign(head());
    const second = sign(head({ hash: fill(66) }));
    seen().take('ann', first, verify);
    seen().take('ann', sign(head({ number: 90, hash: fill(90) })), verify);
    expect(seen().take('ann', second, verify)).toEqual({ is: 'lie', proof: [first, second] });
    expect(seen().take('ann', sign(head({ number: 91 })), verify)).toEqual({ is: 'lie', proof: [first, second] });
    const [one, other] = seen().lie('ann', head()) ?? [];
    // What is kept is all that a third person needs.
    expect(one && other && contradict(one.head, other.head)).toBe(true);
    expect([one, other].every((each) => each && verify(statementOf(each.head), each.signature))).toBe(true);
    // Another person's ledger, even of the same numbers, is not touched by it.
    expect(seen().take('ben', second, verify)).toEqual({ is: 'good' });
  });

  it('are refused when the operator did not sign them, and prove nothing then', () => {
    seen().take('ann', sign(head()), verify);
    expect(seen().take('ann', sign(head({ hash: fill(66) }), 2), verify)).toEqual({ is: 'forged' });
    expect(seen().lie('ann', head())).toBeNull();
  });

  it('rest after a ledger was put back, until the person accepts that', () => {
    seen().take('ann', sign(head()), verify);
    const back = head({ incarnation: 1, number: 3, hash: fill(33) });
    expect(seen().take('ann', sign(back), verify)).toEqual({ is: 'another incarnation', known: 0, shown: 1 });
    expect(seen().take('ann', sign(back), verify)).toMatchObject({ is: 'another incarnation' });
    seen().accept('ann', back);
    expect(seen().take('ann', sign(back), verify)).toEqual({ is: 'good' });
    expect(seen().take('ann', sign(head({ number: 6 })), verify)).toEqual({ is: 'old' });
    seen().accept('ann', head());
    expect(seen().take('ann', sign(back), verify)).toEqual({ is: 'good' });
  });

  it('are kept to a bound, from both ends', () => {
    const heads = seen();
    const of = (number: number) => head({ number, hash: fill(number % 250) });
    const put = database.db.prepare('INSERT INTO seen_head VALUES (?, ?, 0, ?, ?)');
    const ledger = Buffer.concat([Buffer.from('0000000000000007', 'hex'), fill(1)]);
    for (let number = 1; number <= 10_000; number += 1) put.run('ann', ledger, number, encodeHead(sign(of(number))));
    heads.take('ann', sign(of(10_001)), verify);
    expect(database.db.prepare('SELECT count(*) AS n FROM seen_head').get()).toEqual({ n: 10_000 });
    expect(heads.take('ann', sign(head({ number: 1, hash: fill(77) })), verify)).toMatchObject({ is: 'lie' });
  });
});
