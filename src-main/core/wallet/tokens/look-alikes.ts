/*
 * Whether a symbol could be taken for another. Anybody can give a token any symbol, in any letters.
 */

/** Symbols that people know from public chains, and that swindlers therefore use. */
const wellKnown = [
  'TFT',
  'ETH',
  'WETH',
  'BTC',
  'WBTC',
  'BNB',
  'WBNB',
  'USDC',
  'USDT',
  'DAI',
  'XDAI',
  'EURC',
  'STETH',
  'LINK',
  'UNI',
  'POL',
  'MATIC',
];

/** Letters of other scripts, and digits, that look like Latin capitals (Unicode TR39, as far as symbols are made of them). */
const looks: Readonly<Record<string, string>> = {
  ...{ '0': 'O', '1': 'I', '5': 'S', '8': 'B', $: 'S', '₮': 'T', '€': 'E', '₿': 'B', '|': 'I', L: 'I' },
  ...{
    А: 'A',
    В: 'B',
    С: 'C',
    Е: 'E',
    Ғ: 'F',
    Н: 'H',
    І: 'I',
    Ј: 'J',
    К: 'K',
    М: 'M',
    О: 'O',
    Р: 'P',
    Ѕ: 'S',
    Т: 'T',
    У: 'Y',
    Х: 'X',
    Ԁ: 'D',
    Ѡ: 'W',
  },
  ...{ Α: 'A', Β: 'B', Ε: 'E', Ζ: 'Z', Η: 'H', Ι: 'I', Κ: 'K', Μ: 'M', Ν: 'N', Ο: 'O', Ρ: 'P', Τ: 'T', Υ: 'Y', Χ: 'X' },
};

/** What a symbol looks like: the same for those that could be taken for each other. */
export function skeleton(symbol: string): string {
  const folded = symbol
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Cc}\p{Z}\p{Pd}._]/gu, '')
    .toUpperCase();
  return [...folded].map((letter) => looks[letter] ?? letter).join('');
}

const known = new Map(wellKnown.map((symbol) => [skeleton(symbol), symbol]));

/** The well-known symbol that this could be taken for; null for none. */
export const wellKnownLike = (symbol: string): string | null => known.get(skeleton(symbol)) ?? null;
