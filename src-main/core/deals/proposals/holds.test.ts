import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeptEvent } from '../book/book.ts';
import type { Escrow } from '../chain/escrow.ts';
import { contradicts, faultNow, faultOfReceipt, outcomeOf } from './holds.ts';

const receipt = (from: bigint | number, until: bigint | number, up: bigint | number, traffic = 0) =>
  ({ kind: 'receipt', from: `${from}`, until: `${until}`, up: `${up}`, traffic: `${traffic}` }) as const;
const refund = (index: number, amount: number) => ({ kind: 'refund', index, amount: `${amount}` }) as const;
const settlement = (amount: number) => ({ kind: 'settlement', toProvider: `${amount}` }) as const;
const escrow = (change: Partial<Escrow>) =>
  ({ state: 'active', refunds: 0, earned: 100n, at: 1_000n, ...change }) as Escrow;
const event = (name: string, args: KeptEvent['args']) => ({ name, args }) as KeptEvent;

describe('what may be signed', () => {
  it('is no settlement before somebody objects, and never of more than is objected to', () => {
    for (const state of ['agreed', 'active', 'grace', 'ended', 'closed'] as const)
      expect(faultNow(settlement(1), escrow({ state }))).toMatch(/nobody objects/);
    expect(faultNow(settlement(100), escrow({ state: 'disputed' }))).toBeNull();
    expect(faultNow(settlement(101), escrow({ state: 'disputed' }))).toMatch(/more than/);
  });

  it('is the next refund only, of what was earned', () => {
    expect(faultNow(refund(2, 100), escrow({ refunds: 2 }))).toBeNull();
    for (const index of [1, 3]) expect(faultNow(refund(index, 1), escrow({ refunds: 2 }))).toMatch(/another refund/);
    expect(faultNow(refund(2, 101), escrow({ refunds: 2 }))).toMatch(/more than/);
  });

  it('is a receipt of time that is over', () => {
    expect(faultNow(receipt(0, 1_000, 1_000), escrow({}))).toBeNull();
    expect(faultNow(receipt(0, 1_001, 1), escrow({}))).toMatch(/not over/);
  });
});

describe('receipts', () => {
  const most = 2n ** 64n - 1n;
  it('with figures that cannot be are told apart, whatever the figures', () => {
    for (const bad of [receipt(0, 10, most), receipt(0, most, 0), receipt(most, 0, 0), receipt(5, 5, 0)])
      expect(faultOfReceipt(bad)).not.toBeNull();
    const figure = fc.bigInt(0n, most);
    fc.assert(
      fc.property(figure, figure, figure, (from, until, up) => {
        if (faultOfReceipt(receipt(from, until, up)) !== null) return;
        expect(up <= until - from).toBe(true);
        expect(Number.isNaN(new Date(Number(until) * 1_000).getTime())).toBe(false);
      }),
    );
  });

  it('contradict each other where some second is in both and they are not the same, whichever comes first', () => {
    const small = fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 4 }), fc.nat(1)).map(([from, long, up]) => ({
      ...{ from, until: from + long, up },
    }));
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [first, second] = [receipt(a.from, a.until, a.up), receipt(b.from, b.until, b.up)];
        const seconds = ({ from, until }: typeof a) => Array.from({ length: until - from }, (_, i) => from + i);
        const shared = seconds(a).some((second) => seconds(b).includes(second));
        const same = JSON.stringify(a) === JSON.stringify(b);
        expect(contradicts(first, second)).toBe(shared && !same);
        expect(contradicts(second, first)).toBe(shared && !same);
      }),
    );
  });
});

it('what became of a proposal is what the chain has, not what was proposed', () => {
  expect(outcomeOf(refund(0, 5), [])).toBeNull();
  expect(outcomeOf(refund(0, 5), [event('Refunded', { index: 0, amount: 5n })])).toBe('done');
  expect(outcomeOf(refund(0, 5), [event('Refunded', { index: 0, amount: 4n })])).toBe('over');
  expect(outcomeOf(refund(1, 5), [event('Refunded', { index: 0, amount: 5n })])).toBeNull();
  expect(outcomeOf(refund(1, 5), [event('Closed', { toProvider: 5n })])).toBe('over');
  expect(outcomeOf(settlement(5), [event('Closed', { toProvider: 5n })])).toBe('done');
  expect(outcomeOf(settlement(5), [event('Closed', { toProvider: 6n })])).toBe('over');
});
