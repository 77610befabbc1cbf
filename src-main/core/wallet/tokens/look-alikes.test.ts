import { describe, expect, it } from 'vitest';
import { skeleton, wellKnownLike } from './look-alikes.ts';

describe('symbols that could be taken for others', () => {
  it.each([
    ['TFT', 'TFT'],
    ['tft', 'TFT'],
    ['ТFТ', 'TFT'], // Cyrillic
    ['T\u200bFT', 'TFT'],
    ['U5DC', 'USDC'],
    ['USD₮', 'USDT'],
    ['ＵＳＤＣ', 'USDC'],
    ['USDC.', 'USDC'],
    ['DАI', 'DAI'],
  ])('%s is taken for %s', (symbol, other) => {
    expect(wellKnownLike(symbol)).toBe(other);
  });

  it.each(['CREDITS', 'ANN', 'HOURS', 'TFTX', ''])('%s is not', (symbol) => {
    expect(wellKnownLike(symbol)).toBeNull();
  });

  it('are the same to those that look the same, and others to others', () => {
    expect(skeleton('hours')).toBe(skeleton('Н0URЅ'));
    expect(skeleton('ANN')).not.toBe(skeleton('BEN'));
  });
});
