import { checksum, checksumHolds, checksumWords } from './rs1024.ts';
import { indexOfWord, words } from './words.ts';

/** One share, as its words say it. Indices count from 0. */
export interface Share {
  /** 15 bits, the same in all shares of one set. */
  readonly identifier: number;
  readonly extendable: boolean;
  /** 0 to 15: how often PBKDF2 runs. */
  readonly exponent: number;
  readonly groupIndex: number;
  readonly groupThreshold: number;
  readonly groupCount: number;
  readonly memberIndex: number;
  readonly memberThreshold: number;
  /** An even number of bytes, at least 16. */
  readonly value: Uint8Array;
}

export type ShareOutcome =
  | { readonly ok: true; readonly share: Share }
  /** Positions (from 0) of words that are not in the list. */
  | { readonly ok: false; readonly why: 'UNKNOWN_WORDS'; readonly positions: readonly number[] }
  /** Too few words, or a number of them that no secret has. */
  | { readonly ok: false; readonly why: 'COUNT' }
  | { readonly ok: false; readonly why: 'CHECKSUM' }
  /** The checksum holds, and yet it says what no share says. */
  | { readonly ok: false; readonly why: 'MALFORMED' };

const headWords = 4;
const leastWords = headWords + 13 + checksumWords;
/** No secret is longer than 64 bytes anywhere; without a bound a share could be of any length. */
const mostWords = headWords + 52 + checksumWords;

/**
 * The words of a share (SLIP-0039, "Format of the share mnemonic"). Ten bits a word, most significant first:
 *
 *     15 identifier | 1 extendable | 4 exponent
 *     4 group index | 4 group threshold - 1 | 4 group count - 1 | 4 member index | 4 member threshold - 1
 *     value, padded with zeros on the left to full words
 *     30 checksum
 */
export function encodeShare(share: Share): string[] {
  const head = (share.identifier << 5) | (Number(share.extendable) << 4) | share.exponent;
  const group =
    (share.groupIndex << 16) |
    ((share.groupThreshold - 1) << 12) |
    ((share.groupCount - 1) << 8) |
    (share.memberIndex << 4) |
    (share.memberThreshold - 1);
  const data = [head >> 10, head & 1023, group >> 10, group & 1023, ...valueWords(share.value)];
  return [...data, ...checksum(data, share.extendable)].map((index) => words[index] ?? '');
}

/** @param typed lower case, trimmed */
export function decodeShare(typed: readonly string[]): ShareOutcome {
  const data = typed.map(indexOfWord);
  const positions = data.flatMap((index, i) => (index < 0 ? [i] : []));
  if (positions.length > 0) return { ok: false, why: 'UNKNOWN_WORDS', positions };
  const value = data.slice(headWords, -checksumWords);
  const padding = (value.length * 10) % 16;
  if (data.length < leastWords || data.length > mostWords || padding > 8) return { ok: false, why: 'COUNT' };
  const at = (i: number): number => data[i] ?? 0;
  const head = (at(0) << 10) | at(1);
  const group = (at(2) << 10) | at(3);
  const extendable = ((head >> 4) & 1) === 1;
  if (!checksumHolds(data, extendable)) return { ok: false, why: 'CHECKSUM' };
  const bytes = valueBytes(value, padding);
  const share = {
    identifier: head >> 5,
    extendable,
    exponent: head & 15,
    groupIndex: group >> 16,
    groupThreshold: ((group >> 12) & 15) + 1,
    groupCount: ((group >> 8) & 15) + 1,
    memberIndex: (group >> 4) & 15,
    memberThreshold: (group & 15) + 1,
  };
  if (bytes === null || share.groupThreshold > share.groupCount) return { ok: false, why: 'MALFORMED' };
  return { ok: true, share: { ...share, value: bytes } };
}

function valueWords(value: Uint8Array): number[] {
  const count = Math.ceil((value.length * 8) / 10);
  const out: number[] = [];
  let bits = count * 10 - value.length * 8;
  let held = 0;
  for (const byte of value) {
    held = (held << 8) | byte;
    bits += 8;
    if (bits < 10) continue;
    bits -= 10;
    out.push(held >> bits);
    held &= (1 << bits) - 1;
  }
  return out;
}

/** @returns null when the padding is not zeros */
function valueBytes(value: readonly number[], padding: number): Uint8Array | null {
  const out = new Uint8Array((value.length * 10 - padding) / 8);
  let bits = -padding;
  let held = 0;
  let at = 0;
  for (const word of value) {
    held = (held << 10) | word;
    bits += 10;
    // Only of the first word anything can be left over: what lies in the padding.
    if (held >> bits !== 0) return null;
    while (bits >= 8) {
      bits -= 8;
      out[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return out;
}
