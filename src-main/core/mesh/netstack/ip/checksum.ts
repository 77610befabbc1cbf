import { u8, u16 } from './bytes.ts';

/*
 * The internet checksum (RFC 1071): the ones' complement of the ones' complement sum of 16-bit words. Sums below are not
 * yet folded, so that parts add up: header, pseudo-header and payload each give a number and `fold` ends them.
 */

/** @returns 16-bit ones' complement sum, not yet inverted. @param sum of less than 2^48. */
function fold(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}

/**
 * Sum of `length` bytes from `at` as 16-bit words, an odd last byte taken as the high half of a word. Adding words of
 * the machine's own byte order and swapping the result is RFC 1071 section 2(B); here bytes are paired by hand, since the
 * packets of a batch lie at any offset and typed arrays of wider elements want alignment.
 */
export function sumOf(b: Uint8Array, at: number, length: number): number {
  let high = 0;
  let low = 0;
  const end = at + length;
  let i = at;
  // Eight bytes a round: the loop's own cost is then small beside the additions. 65,535 bytes stay below 2^31.
  for (const last = end - 7; i < last; i += 8) {
    high += u8(b, i) + u8(b, i + 2) + u8(b, i + 4) + u8(b, i + 6);
    low += u8(b, i + 1) + u8(b, i + 3) + u8(b, i + 5) + u8(b, i + 7);
  }
  for (; i + 1 < end; i += 2) {
    high += u8(b, i);
    low += u8(b, i + 1);
  }
  if (i < end) high += u8(b, i);
  return high * 256 + low;
}

/** Sum of the pseudo-header (RFC 8200 section 8.1). @param addresses where source and destination (32 bytes) lie in `b`. */
export function pseudoSum(b: Uint8Array, addresses: number, length: number, nextHeader: number): number {
  let sum = (length >>> 16) + (length & 0xffff) + nextHeader;
  for (let i = addresses; i < addresses + 32; i += 2) sum += u16(b, i);
  return sum;
}

/** The checksum field for a sum taken with that field as zero. */
export const finish = (sum: number): number => ~fold(sum) & 0xffff;

/** Whether a sum taken over everything, the checksum included, is right. */
export const isRight = (sum: number): boolean => fold(sum) === 0xffff;
