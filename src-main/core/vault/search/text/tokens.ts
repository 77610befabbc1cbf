import { foldCodePoint, kindOf, kinds } from './fold.ts';

/** Longer words are known by their beginning: enough for a SHA-256 in hex. */
export const longestTerm = 64;

/** `last`: the last character of a run of a dense script, a term of its own so that one character is found wherever it stands. */
export type TokenKind = 'word' | 'pair' | 'last';

/**
 * Every term of a text in order, with where it stands (UTF-16 offsets, end exclusive). Words are runs of letters and digits; scripts
 * without spaces give overlapping pairs, then the last character. The order of terms is their position in the index.
 */
export function eachToken(
  text: string,
  take: (term: string, start: number, end: number, kind: TokenKind) => void,
): void {
  const { length } = text;
  let at = 0;
  while (at < length) {
    const code = text.charCodeAt(at);
    if (isPlain(code)) {
      const start = at;
      let upper = false;
      let c = code;
      while (isPlain(c)) {
        upper ||= c <= 90 && c >= 65;
        c = ++at < length ? text.charCodeAt(at) : 32;
      }
      // Nearly every word of nearly every text: nothing to look up. One that goes on in other letters starts over.
      if (c < 128) {
        const term = text.slice(start, Math.min(at, start + longestTerm));
        take(upper ? term.toLowerCase() : term, start, at, 'word');
        continue;
      }
      at = otherWord(text, start, take);
      continue;
    }
    if (code < 128) {
      at++;
      continue;
    }
    const codePoint = text.codePointAt(at) ?? 0;
    const kind = kindOf(codePoint);
    if (kind === kinds.word) at = otherWord(text, at, take);
    else if (kind === kinds.dense) at = denseRun(text, at, take);
    else at += codePoint > 0xffff ? 2 : 1;
  }
}

const isPlain = (c: number): boolean => (c >= 97 && c <= 122) || (c >= 48 && c <= 57) || (c >= 65 && c <= 90);

type Take = Parameters<typeof eachToken>[1];

/** A word that is not all ASCII. @returns where it ends */
function otherWord(text: string, start: number, take: Take): number {
  let at = start;
  let term = '';
  while (at < text.length) {
    const codePoint = text.codePointAt(at) ?? 0;
    const kind = kindOf(codePoint);
    if (kind !== kinds.word && kind !== kinds.mark) break;
    if (kind === kinds.word && term.length < longestTerm) term += foldCodePoint(codePoint);
    at += codePoint > 0xffff ? 2 : 1;
  }
  if (term.length > longestTerm) term = term.slice(0, longestTerm).toWellFormed();
  if (term !== '') take(term, start, at, 'word');
  return at;
}

function denseRun(text: string, start: number, take: Take): number {
  let at = start;
  let before = '';
  let beforeAt = start;
  let end = start;
  while (at < text.length) {
    const codePoint = text.codePointAt(at) ?? 0;
    const kind = kindOf(codePoint);
    if (kind !== kinds.dense && kind !== kinds.mark) break;
    const next = at + (codePoint > 0xffff ? 2 : 1);
    if (kind === kinds.dense) {
      const character = foldCodePoint(codePoint) || String.fromCodePoint(codePoint);
      if (before !== '') take(before + character, beforeAt, next, 'pair');
      before = character;
      beforeAt = at;
      end = next;
    }
    at = next;
  }
  if (before !== '') take(before, beforeAt, end, 'last');
  return at;
}

/** A term of a query and how far behind the first of its phrase it must stand. */
export interface QueryTerm {
  readonly term: string;
  readonly at: number;
  /** A single character of a dense script is looked for as the beginning of its pairs, too. */
  readonly prefix: boolean;
}

/** What to look for to find a text: the terms that {@link eachToken} gives, without the last characters that its pairs cover. */
export function queryTerms(text: string): QueryTerm[] {
  const terms: QueryTerm[] = [];
  let at = 0;
  let pairEnd = -1;
  eachToken(text.normalize('NFC'), (term, _start, end, kind) => {
    if (kind !== 'last' || end !== pairEnd) terms.push({ term, at, prefix: kind === 'last' });
    if (kind === 'pair') pairEnd = end;
    at++;
  });
  return terms;
}
