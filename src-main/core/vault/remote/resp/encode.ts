import { utf8 } from '#core/crypto/bytes.ts';

/** A word of a command; numbers are written in decimal. */
export type Word = string | number | Uint8Array;

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
    if (gathered.length > 0) segments.push(gathered.length === 1 && gathered[0] ? gathered[0] : join(gathered));
    gathered = [];
  };
  for (const word of words) {
    const bytes = typeof word === 'object' ? word : utf8(String(word));
    gathered.push(utf8(`$${bytes.length}\r\n`));
    if (bytes.length < apart) gathered.push(bytes);
    else {
      close();
      segments.push(bytes);
    }
    gathered.push(crlf);
  }
  close();
  return segments;
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
