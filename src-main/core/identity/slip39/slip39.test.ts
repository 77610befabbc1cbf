import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromHex, toHex } from '#core/crypto/encoding.ts';
import { interpolate, invert, multiply } from './field.ts';
import { combineShares, decodeShare, makeShares, standingOf } from './index.ts';
import { checksum, checksumHolds } from './rs1024.ts';
import { encodeShare, type Share } from './share.ts';
import { recoverSecret, splitSecret } from './sharing.ts';
import { words } from './words.ts';

/** The official ones: what they are about, shares, the secret (empty: they must be refused). All with the passphrase TREZOR. */
const vectors = z
  .array(z.tuple([z.string(), z.array(z.string()), z.string()]))
  .parse(JSON.parse(readFileSync(new URL('./vectors.json', import.meta.url), 'utf8')));

/** Random bytes of a seed: the same each time. */
const seeded = (seed: number) => {
  let state = seed >>> 0;
  return (n: number): Uint8Array =>
    Uint8Array.from({ length: n }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
};
const split = (text: string): string[] => text.split(' ');

describe('the official vectors', () => {
  it('are all of them, and the word list is whole', () => {
    expect(vectors).toHaveLength(45);
    expect(new Set(words.map((word) => word.slice(0, 4))).size).toBe(1024);
    expect([...words].sort()).toEqual(words);
  });
  it.each(vectors)('%s', async (_, shares, secret) => {
    const combined = await combineShares(shares.map(split), 'TREZOR');
    expect(combined.ok ? toHex(combined.secret) : '').toBe(secret);
  });
});

describe('the field', () => {
  it('has inverses and is distributive', () => {
    for (let a = 1; a < 256; a++) expect(multiply(a, invert(a))).toBe(1);
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, (a, b, c) => {
        expect(multiply(a, b ^ c)).toBe(multiply(a, b) ^ multiply(a, c));
        expect(multiply(a, b)).toBe(multiply(b, a));
      }),
    );
    // FIPS 197, 4.2: {57} x {83} = {c1}.
    expect(multiply(0x57, 0x83)).toBe(0xc1);
  });
  it('puts a polynomial through points', () => {
    const line = [0, 1].map((x) => ({ x, y: Uint8Array.of(7 ^ multiply(3, x)) }));
    expect(interpolate(line, 200)).toEqual(Uint8Array.of(7 ^ multiply(3, 200)));
  });
});

describe('sharing', () => {
  const counts = fc.integer({ min: 2, max: 16 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      threshold: fc.integer({ min: 2, max: count }),
      seed: fc.nat(),
      secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    }),
  );
  it('gives the secret to any so many, in any order, and to fewer nothing that verifies', () => {
    fc.assert(
      fc.property(counts, ({ count, threshold, seed, secret }) => {
        const points = splitSecret(secret, threshold, count, seeded(seed));
        const order = [...points].sort((a, b) => ((a.x * 7 + seed) % 17) - ((b.x * 7 + seed) % 17));
        expect(recoverSecret(threshold, order.slice(0, threshold))).toEqual(secret);
        expect(recoverSecret(threshold, order)).toEqual(secret);
        const fewer = order.slice(0, threshold - 1);
        expect(recoverSecret(threshold, fewer)).toBeNull();
        // Taken as a set of so many fewer it is wrong, save by a chance of one in 2^32.
        if (threshold > 2) expect(recoverSecret(threshold - 1, fewer)).toBeNull();
      }),
      { numRuns: 60 },
    );
  });
  it('leaves every secret as likely as any other to whoever has one share too few', () => {
    // 2 of 2: for each value that one share may have, there is a polynomial to every secret.
    const share = { x: 0, y: Uint8Array.of(99) };
    const values = Array.from({ length: 256 }, (_, secret) => {
      return interpolate([share, { x: 255, y: Uint8Array.of(secret) }], 1)[0];
    });
    expect(new Set(values).size).toBe(256);
  });
  it('finds a share that was changed', () => {
    fc.assert(
      fc.property(counts, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ count, threshold, seed, secret }, at, by) => {
        const points = splitSecret(secret, threshold, count, seeded(seed));
        const bad = points[at % threshold];
        if (!bad) return;
        bad.y[at % 32] = (bad.y[at % 32] ?? 0) ^ by;
        expect(recoverSecret(threshold, points.slice(0, threshold))).toBeNull();
      }),
      { numRuns: 40 },
    );
  });
});

describe('words', () => {
  const share: fc.Arbitrary<Share> = fc
    .record({
      identifier: fc.integer({ min: 0, max: 0x7fff }),
      extendable: fc.boolean(),
      exponent: fc.integer({ min: 0, max: 15 }),
      groupCount: fc.integer({ min: 1, max: 16 }),
      groupIndex: fc.integer({ min: 0, max: 15 }),
      memberIndex: fc.integer({ min: 0, max: 15 }),
      memberThreshold: fc.integer({ min: 1, max: 16 }),
      value: fc.integer({ min: 8, max: 32 }).chain((n) => fc.uint8Array({ minLength: 2 * n, maxLength: 2 * n })),
      t: fc.nat(),
    })
    .map(({ t, ...rest }) => ({ ...rest, groupThreshold: 1 + (t % rest.groupCount) }));
  it('say what was encoded', () => {
    fc.assert(
      fc.property(share, (one) => {
        expect(decodeShare(encodeShare(one))).toEqual({ ok: true, share: one });
      }),
    );
  });
  it('with up to three wrong ones are refused', () => {
    const wrong = fc.uniqueArray(fc.record({ at: fc.nat({ max: 32 }), by: fc.integer({ min: 1, max: 1023 }) }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ at }) => at,
    });
    fc.assert(
      fc.property(share, wrong, (one, changes) => {
        const mnemonic = encodeShare(one);
        for (const { at, by } of changes) {
          const where = at % mnemonic.length;
          mnemonic[where] = words[(words.indexOf(mnemonic[where] ?? '') + by) % 1024] ?? '';
        }
        const outcome = decodeShare(mnemonic);
        const same = mnemonic.join() === encodeShare(one).join();
        // Which kind of share it is lies in the second word: with it the customization changes, and the promise of three is for one kind.
        if (!same && !changes.some(({ at }) => at % mnemonic.length === 1)) expect(outcome.ok).toBe(false);
      }),
    );
  });
  it('of any kind are a share or say why not', () => {
    const any = fc.array(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 9 })), { maxLength: 90 });
    fc.assert(
      fc.property(any, (typed) => {
        expect(typeof decodeShare(typed).ok).toBe('boolean');
      }),
    );
    // With a checksum that holds, to get behind it.
    const data = fc.array(fc.integer({ min: 0, max: 1023 }), { minLength: 2, maxLength: 70 });
    fc.assert(
      fc.property(data, (values) => {
        const extendable = (((values[1] ?? 0) >> 4) & 1) === 1;
        const whole = [...values, ...checksum(values, extendable)];
        expect(checksumHolds(whole, extendable)).toBe(true);
        const outcome = decodeShare(whole.map((i) => words[i] ?? ''));
        if (outcome.ok) expect(encodeShare(outcome.share)).toEqual(whole.map((i) => words[i]));
      }),
    );
  });
});

describe('sets of shares', () => {
  const secret = fromHex('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f') ?? new Uint8Array(0);
  const make = (seed: number) =>
    makeShares(secret, { groupThreshold: 1, groups: [{ threshold: 3, count: 5 }], exponent: 0 }, seeded(seed));

  it('of 32 bytes have 33 words, and any three of five give it back', async () => {
    const [shares = []] = await make(1);
    expect(shares.map((share) => share.length)).toEqual([33, 33, 33, 33, 33]);
    for (let a = 0; a < 5; a++) {
      for (let b = a + 1; b < 5; b++) {
        for (let c = b + 1; c < 5; c++) {
          const three = [a, c, b].map((i) => shares[i] ?? []);
          expect(await combineShares(three)).toEqual({ ok: true, secret });
          expect(await combineShares(three.slice(1))).toMatchObject({
            why: 'TOO_FEW',
            standing: { groups: [{ index: 0, threshold: 3, have: 2 }] },
          });
        }
      }
    }
    // The same one twice counts once.
    expect(await combineShares([0, 0, 1].map((i) => shares[i] ?? []))).toMatchObject({ why: 'TOO_FEW' });
  });

  it('are not mixed with those of another', async () => {
    const [one = []] = await make(1);
    const [other = []] = await make(2);
    expect(await combineShares([one[0] ?? [], one[1] ?? [], other[2] ?? []])).toEqual({ ok: false, why: 'MIXED' });
    expect(await combineShares([])).toEqual({ ok: false, why: 'MIXED' });
    expect(standingOf([])).toBeNull();
  });

  it('come in groups, and give another secret to another passphrase', async () => {
    const groups = [
      { threshold: 1, count: 1 },
      { threshold: 2, count: 3 },
      { threshold: 3, count: 4 },
    ];
    const options = { groupThreshold: 2, groups, passphrase: 'correct horse', exponent: 0, extendable: false };
    const [alone = [], family = [], friends = []] = await makeShares(secret, options, seeded(3));
    const some = [...alone, ...family.slice(1)];
    expect(await combineShares(some, 'correct horse')).toEqual({ ok: true, secret });
    expect(await combineShares([...family, ...friends.slice(1)], 'correct horse')).toEqual({ ok: true, secret });
    expect(await combineShares([...alone, ...friends.slice(2)], 'correct horse')).toMatchObject({ why: 'TOO_FEW' });
    const wrong = await combineShares(some, 'wrong horse');
    expect(wrong.ok && toHex(wrong.secret) !== toHex(secret)).toBe(true);
  });

  it('refuse what would keep a computer busy for minutes, and what no person means', async () => {
    const share = { identifier: 1, extendable: true, exponent: 15, groupIndex: 0, groupThreshold: 1, groupCount: 1 };
    const words15 = encodeShare({ ...share, memberIndex: 0, memberThreshold: 1, value: secret });
    expect(await combineShares([words15])).toEqual({ ok: false, why: 'TOO_COSTLY' });
    const twice = makeShares(secret, { groupThreshold: 1, groups: [{ threshold: 1, count: 2 }] }, seeded(1));
    await expect(twice).rejects.toThrow(RangeError);
  });
});
