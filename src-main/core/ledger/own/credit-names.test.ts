import { describe, expect, it } from 'vitest';
import { nameFor, refusePublicNames } from './credit-names.ts';

const refused = (name: string, symbol = 'BREAD'): boolean => {
  try {
    refusePublicNames(name, symbol);
    return false;
  } catch (error) {
    expect(error).toMatchObject({ code: 'NAME_RESERVED' });
    return true;
  }
};

describe('names of credits', () => {
  it.each(['Loaves', 'Hours of gardening', 'Bread and more'])('may be %s', (name) => {
    expect(refused(name)).toBe(false);
  });

  it.each(['Tether', 'my USDC', 'T F T', 'Bitсoin', 'ADA', 'Ada coin', 'E T H', 'Credits in TFT', 'U5DT'])(
    'are never those of money that others issue: %s',
    (name) => {
      expect(refused(name)).toBe(true);
    },
  );

  it.each(['TFT', 'USDX', 'ВТС', 'ETH', '7FT', 'MYUSD'])('nor do they bear its symbol: %s', (symbol) => {
    expect(refused('Loaves', symbol)).toBe(true);
  });

  it.each(['Ada', 'Dai', 'Ann', 'Zoë Müller', null, 'Ein sehr langer Name der nicht passt'])(
    'can be made of any person’s, %s',
    (person) => {
      const name = nameFor(person);
      expect(name.startsWith('Credits issued by ')).toBe(true);
      expect(Buffer.byteLength(name)).toBeLessThanOrEqual(31);
      expect(refused(name)).toBe(false);
    },
  );

  it.each(['Tether', 'USDC', 'Bitcoin', 'T F T'])('and are not lent to %s by saying who promises', (person) => {
    expect(refused(nameFor(person))).toBe(true);
  });
});
