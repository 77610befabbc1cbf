import type { Stream } from './stream.ts';

export interface TextSource {
  /** About `length` bytes of prose-like text: words of Zipf frequency, sentences, lines. */
  text(length: number): Buffer;
}

const syllables = [
  'ka',
  'lo',
  'mi',
  'ten',
  'ra',
  'so',
  'vel',
  'in',
  'dor',
  'pe',
  'un',
  'sta',
  'qui',
  'er',
  'mo',
  'na',
] as const;

/** Text over a made-up vocabulary of 4,096 words; it compresses about as well as prose does (to roughly two fifths). */
export function textSource(stream: Stream): TextSource {
  const words = Array.from({ length: 4096 }, () => {
    const parts = Array.from({ length: stream.between(1, 4) }, () => stream.pick(syllables));
    return Buffer.from(`${parts.join('')} `);
  });
  return {
    text(length) {
      const out = Buffer.alloc(length, 0x0a);
      let at = 0;
      let column = 0;
      while (at < length) {
        // Rank by a log-uniform draw: the first words come often, the last ones rarely, as in language.
        const word = words[stream.logBetween(1, words.length) - 1];
        if (word === undefined) break;
        at += word.copy(out, at);
        column += word.length;
        if (column > 90 && at < length) {
          out[at - 1] = 0x0a;
          column = 0;
        }
      }
      return out;
    },
  };
}
