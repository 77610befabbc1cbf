import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ledgerLabel, normalLabel, splitName } from './label.ts';

describe('a label', () => {
  it('has one spelling, whatever was typed', () => {
    for (const [typed, label] of [
      ['Ann', 'ann'],
      [' ANN ', 'ann'],
      ['Jörg', 'jörg'],
      ['Jo\u0308rg', 'jörg'],
      ['ＡＮＮ', 'ann'],
      ['ελλάδα', 'ελλάδα'],
      ['東京', '東京'],
    ] as const) {
      expect(normalLabel(typed)).toEqual({ ok: true, label });
    }
  });

  it('is refused where another could be meant, or the contract would not take it', () => {
    expect(normalLabel('аnn'), 'a Cyrillic а among Latin letters').toEqual({ ok: false, why: 'not a name' });
    expect(normalLabel('раура1'), 'Cyrillic all through, and looks Latin').toMatchObject({ ok: false });
    expect(normalLabel('an\u202en')).toEqual({ ok: false, why: 'not a name' });
    expect(normalLabel('ann.eth')).toEqual({ ok: false, why: 'a point' });
    expect(normalLabel('an')).toEqual({ ok: false, why: 'short' });
    expect(normalLabel('a'.repeat(64))).toEqual({ ok: false, why: 'long' });
    expect(normalLabel('東'.repeat(22))).toEqual({ ok: false, why: 'long' });
    for (const typed of ['-ann', 'ann-', '_ann', 'an$n'])
      expect(normalLabel(typed)).toEqual({ ok: false, why: 'signs' });
    expect(normalLabel('xn--ann')).toMatchObject({ ok: false });
    expect(normalLabel('')).toMatchObject({ ok: false });
  });

  it('is its own normal form, whatever it came from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 70 }), (typed) => {
        const once = normalLabel(typed);
        if (once.ok) expect(normalLabel(once.label)).toEqual(once);
      }),
    );
  });
});

describe('the ledger of a name', () => {
  it('is what the person calls it, in a form that stands behind a point', () => {
    expect(ledgerLabel('Tom’s ledger')).toBe('toms-ledger');
    expect(ledgerLabel('Jörgs Währung')).toBe('jorgs-wahrung');
    expect(ledgerLabel('…')).toBe('');
    expect(splitName(' ann.toms-ledger ')).toEqual({ name: 'ann', ledger: 'toms-ledger' });
    expect(splitName('ann')).toEqual({ name: 'ann', ledger: null });
  });
});
