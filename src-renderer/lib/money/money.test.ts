import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exactMoney, shortMoney } from './format.ts';
import { readTyped } from './typed.ts';

const money = (units: string, decimals = 18, symbol = 'ADA') => ({ units, decimals, symbol });

describe('amounts in words', () => {
  it('are exact where a floating-point number would not be', () => {
    expect(exactMoney(money('123456789012345678901234567'), 'en')).toBe('123,456,789.012345678901234567 ADA');
    expect(exactMoney(money('1200000', 6, 'TFT'), 'de')).toBe('1,2 TFT');
    expect(exactMoney(money('42', 0), 'en')).toBe('42 ADA');
  });

  it('are shortened towards nothing, never to more than there is', () => {
    expect(shortMoney(money('1999999999999999999'), 'en')).toBe('1.999999 ADA');
    expect(shortMoney(money('-1999999999999999999'), 'en')).toBe('-1.999999 ADA');
    expect(shortMoney(money('0'), 'en')).toBe('0 ADA');
    expect(shortMoney(money('1'), 'en')).toBe('< 0.000001 ADA');
  });
});

describe('amounts that were typed', () => {
  it('are read by the point of the language', () => {
    expect(readTyped('1.2', 6, 'en')).toEqual({ ok: true, units: 1_200_000n });
    expect(readTyped(' 1,2 ', 6, 'de')).toEqual({ ok: true, units: 1_200_000n });
  });

  it('are refused where they would mean another amount elsewhere', () => {
    for (const [text, locale] of [
      ['1,200', 'en'],
      ['1.200', 'de'],
      ['1 200', 'en'],
      ['1.2.3', 'en'],
      ["1'200", 'de-CH'],
    ] as const) {
      expect(readTyped(text, 18, locale), `${text} ${locale}`).toEqual({ ok: false, why: 'separators' });
    }
  });

  it('say what is wrong with them', () => {
    const why = (text: string) => readTyped(text, 2, 'en');
    expect(why('')).toEqual({ ok: false, why: 'empty' });
    expect(why('0.00')).toEqual({ ok: false, why: 'zero' });
    expect(why('0.001')).toEqual({ ok: false, why: 'fine' });
    expect(why('-1')).toEqual({ ok: false, why: 'none' });
    expect(why('1e3')).toEqual({ ok: false, why: 'none' });
    expect(why('ten')).toEqual({ ok: false, why: 'none' });
  });

  it('come back as they were shown', () => {
    const amounts = fc.bigInt({ min: 1n, max: 10n ** 30n });
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 30 }), fc.constantFrom('en', 'de'), (units, decimals, locale) => {
        const shown = exactMoney(money(String(units), decimals, ''), locale).trim();
        const typed = shown.replaceAll(locale === 'en' ? ',' : '.', '');
        expect(readTyped(typed, decimals, locale)).toEqual({ ok: true, units });
      }),
    );
  });
});
