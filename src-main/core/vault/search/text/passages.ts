/** Characters of a passage: what is looked for, ranked and shown as one. Cut at the best break after the first of these. */
const least = 700;
const most = 1400;

/** Breaks from the best to the least: between paragraphs, lines, sentences, words. */
const breaks: readonly RegExp[] = [/\n\s*\n/g, /\n/g, /[.!?;。！？；]["”’)\]]?\s?/g, /\s/g];

/** The ends of the passages of a text, ascending; the last is the text's length. An empty text has none. */
export function passageEnds(text: string): number[] {
  const ends: number[] = [];
  let start = 0;
  while (text.length - start > most) {
    const end = start + least + breakIn(text.slice(start + least, start + most));
    ends.push(end);
    start = end;
  }
  if (start < text.length) ends.push(text.length);
  return ends;
}

/** Where to cut within a window: behind the last of the best kind of break in it. */
function breakIn(window: string): number {
  for (const kind of breaks) {
    let last = -1;
    for (const match of window.matchAll(kind)) last = match.index + match[0].length;
    if (last > 0) return last;
  }
  const { length } = window;
  // Not between the halves of one character.
  const half = window.charCodeAt(length - 1);
  return half >= 0xd800 && half <= 0xdbff ? length - 1 : length;
}
