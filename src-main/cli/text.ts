/*
 * Text from elsewhere (names of files, words of other programs) on its way to a terminal, which would obey the escape
 * sequences in it, and to a person, whom hidden and direction-changing characters would deceive.
 */

const replacement = '\ufffd';
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const deceiving = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Words of our own that may hold others' words: lines stay lines. */
export function clean(text: string): string {
  return text.toWellFormed().replaceAll(deceiving, (c) => (c === '\n' || c === '\t' ? c : replacement));
}

/** A value in its place: nothing in it begins a line or a column. */
export function oneLine(text: string): string {
  return text.toWellFormed().replaceAll(deceiving, replacement);
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const none = /\p{M}|[\u200c\u200d]/u;

/** Columns of a terminal that a character takes; near enough to line tables up (Unicode Standard Annex 11). */
function widthOfCharacter(c: string): number {
  if (none.test(c)) return 0;
  return wide.test(c) ? 2 : 1;
}

export function widthOf(text: string): number {
  let width = 0;
  for (const c of text) width += widthOfCharacter(c);
  return width;
}

/** At most `most` columns of it, the last of them an ellipsis where something is left out. */
export function cutTo(text: string, most: number): string {
  if (widthOf(text) <= most) return text;
  let cut = '';
  let width = 1;
  for (const c of text) {
    width += widthOfCharacter(c);
    if (width > most) break;
    cut += c;
  }
  return `${cut}…`;
}

/** In pieces of at most `most` columns; '' is one empty piece. */
export function wrapTo(text: string, most: number): string[] {
  const pieces: string[] = [];
  let piece = '';
  let width = 0;
  for (const c of text) {
    const own = widthOfCharacter(c);
    if (width + own > most) {
      pieces.push(piece);
      piece = '';
      width = 0;
    }
    piece += c;
    width += own;
  }
  return [...pieces, piece];
}

export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));
