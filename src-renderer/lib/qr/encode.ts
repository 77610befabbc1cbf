import { Matrix, maskCount } from './matrix.ts';
import { penaltyOf } from './penalty.ts';
import { correctionOf } from './reed-solomon.ts';
import { type Level, lengthBits, type Version, versionFor } from './version.ts';

export interface QrCode {
  /** Modules along each side, without the quiet zone of four around it. */
  readonly size: number;
  isDark(x: number, y: number): boolean;
}

/**
 * A QR code (ISO/IEC 18004) of a text as UTF-8 bytes. Null when it is longer than the largest code holds: 2,331 bytes at
 * level M, 2,953 at L.
 */
export function encodeQr(text: string, level: Level = 'M'): QrCode | null {
  const bytes = [...new TextEncoder().encode(text)];
  const version = versionFor(bytes.length, level);
  if (version === null) return null;
  const matrix = new Matrix(version);
  matrix.lay(interleave(fill(bytes, version), version));
  let best = { mask: 0, penalty: Number.POSITIVE_INFINITY };
  for (let mask = 0; mask < maskCount; mask += 1) {
    matrix.mask(mask);
    matrix.format(level, mask);
    const penalty = penaltyOf(matrix);
    if (penalty < best.penalty) best = { mask, penalty };
    matrix.mask(mask);
  }
  matrix.mask(best.mask);
  matrix.format(level, best.mask);
  return matrix;
}

/** Byte mode (0100), the length, the bytes, and padding up to what the version holds. */
function fill(bytes: readonly number[], version: Version): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let i = count - 1; i >= 0; i -= 1) bits.push((value >>> i) & 1);
  };
  put(0b0100, 4);
  put(bytes.length, lengthBits(version.number));
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, version.data * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const filled = Array.from({ length: bits.length / 8 }, (_, i) =>
    bits.slice(i * 8, i * 8 + 8).reduce((value, bit) => (value << 1) | bit, 0),
  );
  while (filled.length < version.data) filled.push(filled.length % 2 === (bits.length / 8) % 2 ? 0xec : 0x11);
  return filled;
}

/** Cut into blocks, the shorter ones first, each with its correction, and take one byte of each in turn (7.6). */
function interleave(data: readonly number[], { blocks, correction, total }: Version): number[] {
  const short = Math.floor(total / blocks) - correction;
  const shortBlocks = blocks - (total % blocks);
  let at = 0;
  const parts = Array.from({ length: blocks }, (_, i) => {
    const part = data.slice(at, at + short + (i < shortBlocks ? 0 : 1));
    at += part.length;
    return { part, check: correctionOf(part, correction) };
  });
  const take = (count: number, of: (one: (typeof parts)[number]) => readonly number[]) =>
    Array.from({ length: count }, (_, i) => parts.flatMap((one) => of(one)[i] ?? [])).flat();
  return [...take(short + 1, (one) => one.part), ...take(correction, (one) => one.check)];
}
