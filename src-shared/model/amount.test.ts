import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatAmount, parseAmount } from './amount.ts';

const anyAmount = fc.bigInt(0n, (1n << 256n) - 1n);
const anyDecimals = fc.integer({ min: 0, max: 77 });

describe('amounts', () => {
  it('read back what they show, to the last unit', () => {
    fc.assert(
      fc.property(anyAmount, anyDecimals, (amount, decimals) => {
        expect(parseAmount(formatAmount(amount, decimals), decimals)).toBe(amount);
      }),
    );
  });

  it.each([
    [1_200_000n, 6, '1.2'],
    [1n, 6, '0.000001'],
    [0n, 18, '0'],
    [-3_500n, 3, '-3.5'],
    [42n, 0, '42'],
  ])('shows %s of %s decimals as %s', (amount, decimals, text) => {
    expect(formatAmount(amount, decimals)).toBe(text);
  });

  it.each([
    ['1.20', 6, 1_200_000n],
    [' 7 ', 2, 700n],
    ['0.10', 1, 1n],
  ])('reads %s', (text, decimals, amount) => {
    expect(parseAmount(text, decimals)).toBe(amount);
  });

  it.each(['', '.5', '1.', '1,2', '-1', '+1', '1e3', '0x10', '1.234', `${1n << 256n}`, '1 000', '٣'])(
    'does not guess what %s means',
    (text) => {
      expect(parseAmount(text, 2)).toBeNull();
    },
  );
});
