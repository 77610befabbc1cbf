import { concatBytes, utf8 } from '#core/crypto/bytes.ts';

/** A word of a command; numbers are written in decimal, bytes in several pieces are one word. */
export type Word = string | number | Uint8Array | readonly Uint8Array[];

/** Bytes of a word; of text about so many. */
export const wordLength = (word: Word): number =>
  word instanceof Uint8Array ? word.length : Array.isArray(word) ? lengthOf(word) : 16;

/** From here on a word goes out as it is, not copied; what is shorter is gathered. */
const apart = 4096;
const crlf = utf8('\r\n');

/**
 * A command as RESP2 writes it, `*<words>\r\n` and for each word `$<bytes>\r\n<bytes>\r\n`, in segments to be sent one after
 * the other. Long words are segments of their own over the caller's memory.
 */
export function encodeCommand(words: readonly Word[]): Uint8Array[] {
  const segments: Uint8Array[] = [];
  let gathered: Uint8Array[] = [utf8(`*${words.length}\r\n`)];
  const close = (): void => {
    if (gathered.length > 0)
      segments.push(gathered.length === 1 && gathered[0] ? gathered[0] : concatBytes(...gathered));
    gathered = [];
  };
  for (const word of words) {
    const pieces = piecesOf(word);
    gathered.push(utf8(`$${lengthOf(pieces)}\r\n`));
    for (const piece of pieces) {
      if (piece.length < apart) gathered.push(piece);
      else {
        close();
        segments.push(piece);
      }
    }
    gathered.push(crlf);
  }
  close();
  return segments;
}

function piecesOf(word: Word): readonly Uint8Array[] {
  if (word instanceof Uint8Array) return [word];
  return typeof word === 'object' ? word : [utf8(String(word))];
}

const lengthOf = (pieces: readonly Uint8Array[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);
