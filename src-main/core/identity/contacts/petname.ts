import { domainToASCII } from 'node:url';

/*
 * What I call somebody. Two contacts never have names that could be taken for one another, and each name has a label that
 * can stand in a host name (RFC 1123: letters, digits, hyphens, 63 at most): `Jörg Müller` is reached as `jorg-muller.hypha`.
 */

export const labelSchema = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Names that mean something else below `.hypha`. */
const reserved = new Set(['me', 'localhost', 'hypha', 'local', 'www', 'ns', 'mail']);

export function isLabel(text: string): boolean {
  // `xn--` only as punycode has it, which this is read back with.
  if (!labelSchema.test(text) || reserved.has(text)) return false;
  return text.slice(2, 4) !== '--' || (text.startsWith('xn--') && domainToASCII(text) === text);
}

/** Latin letters that Unicode does not take apart. */
const plain: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ĸ: 'k',
  ŋ: 'n',
  ŧ: 't',
};

/** A label for a name; for scripts other than Latin its punycode. `contact` when nothing of it can stand in a host name. */
export function labelFor(name: string): string {
  const spelled = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^\p{ASCII}]/gu, (letter) => plain[letter] ?? letter);
  const words = tidy(spelled.replace(/[^\p{L}\p{N}]+/gu, '-'));
  const label = /^\p{ASCII}*$/u.test(words)
    ? words
    : domainToASCII(tidy(name.toLowerCase().replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')));
  const short = label.length <= 63 ? label : tidy(label.startsWith('xn--') ? '' : label.slice(0, 63));
  return isLabel(short) ? short : 'contact';
}

function tidy(text: string): string {
  return text.replace(/-{2,}/g, '-').replace(/^-+|-+$/g, '');
}

/** `wanted`, or with the first number from 2 on that makes it free. */
export function freeLabel(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted) && isLabel(wanted)) return wanted;
  for (let n = 2; ; n++) {
    const label = `${tidy((wanted.startsWith('xn--') ? 'contact' : wanted).slice(0, 63 - 1 - String(n).length))}-${n}`;
    if (!taken.has(label)) return label;
  }
}

/**
 * Letters of other scripts that look like Latin ones (from the confusables of Unicode Technical Standard 39, the pairs that
 * alphabets of living languages have). Read after lower-casing.
 */
const lookalikes: Readonly<Record<string, string>> = {
  а: 'a',
  в: 'b',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  һ: 'h',
  н: 'h',
  і: 'i',
  ї: 'i',
  ј: 'j',
  к: 'k',
  ӏ: 'l',
  м: 'm',
  о: 'o',
  р: 'p',
  ԛ: 'q',
  ѕ: 's',
  т: 't',
  у: 'y',
  х: 'x',
  ѵ: 'v',
  ԝ: 'w',
  α: 'a',
  β: 'b',
  ε: 'e',
  η: 'n',
  ι: 'i',
  κ: 'k',
  μ: 'm',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ζ: 'z',
  '0': 'o',
  '1': 'l',
};

/** What a name looks like: equal for names that a person could take for one another. */
export function looksLike(name: string): string {
  const whole = name.normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  // A name of signs alone is told apart by its signs.
  const letters = whole.replace(/[^\p{L}\p{N}]+/gu, '') || whole;
  return Array.from(letters, (letter) => lookalikes[letter] ?? plain[letter] ?? letter)
    .join('')
    .replace(/i/g, 'l')
    .replace(/rn/g, 'm');
}

/** A name nobody has yet: `wanted`, or with a number behind it. At most 64 characters, as names are. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(looksLike(wanted))) return wanted;
  for (let n = 2; ; n++) {
    // Cut between characters: half of one is replaced, and the sign for that goes.
    const name = `${wanted
      .slice(0, 58)
      .toWellFormed()
      .replace(/\ufffd$/, '')
      .trim()} (${n})`;
    if (!taken.has(looksLike(name))) return name;
  }
}
