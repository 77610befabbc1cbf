import { fail } from '#shared/rpc/fail.ts';

/*
 * Credits are one person's promise. They never bear the name or symbol of money that others issue, nor one that could be taken for it: whoever is
 * paid in them would believe to have been paid in that.
 */

/** Symbols of public money and tokens, and what ties to them. */
const symbols =
  'TFT TFTA BTC XBT WBTC TBTC CBBTC RENBTC ETH WETH STETH WSTETH RETH CBETH ETC USDT USDC USDE USDS DAI SDAI FRAX LUSD GUSD PYUSD TUSD BUSD FDUSD EURC EURS EURT BNB WBNB SOL XRP ADA DOGE TRX TON DOT XDAI GNO POL MATIC AVAX ARB OP LINK UNI AAVE MKR CRV LTC BCH XLM XMR ATOM NEAR FIL ICP SHIB PEPE XAUT PAXG USD EUR GBP CHF JPY CNY INR AED CAD AUD'.split(
    ' ',
  );
/** Parts that stand for money wherever they stand in a symbol. */
const roots = ['USD', 'EUR', 'BTC', 'TFT'];
/** Words of names. */
const words =
  'threefold tft bitcoin btc ether ethereum eth tether usdt usdc dai euro dollar euros dollars usd eur binance bnb solana ripple litecoin dogecoin monero polygon gnosis xdai stablecoin'.split(
    ' ',
  );

/** Digits and letters that are taken for one another, as one letter of each group. */
const alike: Readonly<Record<string, string>> = {
  ...{
    '0': 'o',
    '1': 'l',
    i: 'l',
    '|': 'l',
    '3': 'e',
    '5': 's',
    '7': 't',
    '8': 'b',
    '2': 'z',
    '9': 'g',
    q: 'o',
    v: 'u',
  },
  // Letters of Greek and Cyrillic with the shape of Latin ones (Unicode UTS 39, confusables).
  ...{
    а: 'a',
    в: 'b',
    е: 'e',
    к: 'k',
    м: 'm',
    н: 'h',
    о: 'o',
    р: 'p',
    с: 'c',
    т: 't',
    у: 'y',
    х: 'x',
    ѕ: 's',
    і: 'l',
    ј: 'j',
    ԁ: 'd',
  },
  ...{ α: 'a', β: 'b', ε: 'e', ζ: 'z', η: 'h', ι: 'l', κ: 'k', μ: 'm', ν: 'u', ο: 'o', ρ: 'p', τ: 't', υ: 'u', χ: 'x' },
};

/** What is left of a text when everything that looks alike is the same. */
const shape = (text: string): string =>
  [...text.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '')]
    .map((letter) => alike[letter] ?? letter)
    .join('')
    .replace(/[^\p{L}\p{N}\s]/gu, '');

const symbolShapes = new Set(symbols.map(shape));
const rootShapes = roots.map(shape);
const wordShapes = new Set([...words, ...symbols].map(shape));
/** As {@link wordShapes}, without symbols that are first names too. */
const firstNames = new Set(['ada', 'dai', 'sol', 'link', 'uni'].map(shape));
const nameShapes = new Set([...wordShapes].filter((one) => !firstNames.has(one)));

const says = 'Credits issued by ';
/** What the contract keeps of a name without another slot (ERC-5267). */
const nameBytes = 31;

/** What credits are called unless the person says otherwise: whose promise they are. */
export function nameFor(person: string | null): string {
  let name = `${says}${person ?? 'me'}`;
  while (Buffer.byteLength(name) > nameBytes) name = [...name].slice(0, -1).join('').trimEnd();
  return name;
}

/** @throws Fail NAME_RESERVED */
export function refusePublicNames(name: string, symbol: string): void {
  const wanted = shape(symbol).replace(/\s/g, '');
  if (symbolShapes.has(wanted) || rootShapes.some((root) => wanted.includes(root))) throw reserved(symbol);
  // Somebody may be called Ada or Dai: behind who promises, a first name is one.
  const whose = name.startsWith(says) ? name.slice(says.length) : null;
  const taken = whose === null ? wordShapes : nameShapes;
  const found = (whose ?? name).split(/[\s/]+/u).find((word) => taken.has(shape(word)));
  if (found !== undefined) throw reserved(found);
  // Spelled with gaps it is read as one word all the same.
  if (taken.has(shape(whose ?? name).replace(/\s/g, ''))) throw reserved(name);
}

const reserved = (what: string) =>
  fail('NAME_RESERVED', `“${what}” is, or looks like, the name of money that others issue.`, {
    meaning: 'Nothing was made. Credits are your own promise, and must not be taken for anything else.',
    next: 'Choose another name and symbol, for example your own name.',
  });
