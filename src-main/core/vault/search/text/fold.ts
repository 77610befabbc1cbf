/**
 * How letters are compared: without case, accents and the width or form they are written in. One code point at a time, so that
 * where a word stands in the text stays known. Unicode's compatibility decomposition (UAX #15, NFKD) without the marks, and a
 * few letters that it leaves whole but that people leave out the strokes of.
 */
const strokes: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  ς: 'σ',
};

/** What a code point is to a word. */
export const kinds = { gap: 0, word: 1, dense: 2, mark: 3 } as const;
export type Kind = (typeof kinds)[keyof typeof kinds];

/** Written without spaces between words, or with endings grown to them: known by pairs of characters instead. */
const dense =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
const word = /[\p{L}\p{N}]/u;
/** Marks, and what is invisible inside words: soft hyphens, joiners, variation selectors. */
const mark = /[\p{M}\p{Cf}]/u;

function kindIn(character: string): Kind {
  if (mark.test(character)) return kinds.mark;
  if (!word.test(character)) return kinds.gap;
  return dense.test(character) ? kinds.dense : kinds.word;
}

function foldIn(character: string): string {
  // Hangul comes apart into letters, which would be words of their own.
  if (/\p{Script=Hangul}/u.test(character)) return character.normalize('NFKC');
  const bare = character.toLowerCase().normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();
  // A compatibility form may come apart with signs in it ("½" is "1⁄2").
  return strokes[bare] ?? bare.replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** By code point: asked for every letter of every file. Those beyond the first plane are rare. */
const knownKinds = new Uint8Array(0x10000).fill(255);
const knownFolds: (string | undefined)[] = [];

export function kindOf(codePoint: number): Kind {
  const known = codePoint < 0x10000 ? knownKinds[codePoint] : undefined;
  if (known !== undefined && known !== 255) return known as Kind;
  const kind = kindIn(String.fromCodePoint(codePoint));
  if (codePoint < 0x10000) knownKinds[codePoint] = kind;
  return kind;
}

export function foldCodePoint(codePoint: number): string {
  if (codePoint >= 0x10000) return foldIn(String.fromCodePoint(codePoint));
  let known = knownFolds[codePoint];
  if (known === undefined) {
    known = foldIn(String.fromCodePoint(codePoint));
    knownFolds[codePoint] = known;
  }
  return known;
}

/** A whole text folded, gaps as they are: for names, which are found by any part of them. */
export function foldText(text: string): string {
  // Most names are plain.
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase();
  let folded = '';
  for (const character of text.normalize('NFC')) {
    const codePoint = character.codePointAt(0) ?? 0;
    const kind = kindOf(codePoint);
    if (kind === kinds.gap) folded += character;
    else if (kind !== kinds.mark) folded += foldCodePoint(codePoint);
  }
  return folded;
}
