import { concatBytes, utf8 } from '#core/crypto/bytes.ts';
import { fromBase32, toBase32 } from '#core/crypto/encoding.ts';
import { sha256 } from '#core/crypto/hash.ts';

/*
 * The bytes of a kit as lines that can be printed, read and typed: a number, base32 in groups of five, and two letters that find a line
 * with a typing error in it (all but one in 1,024).
 */

export const kitBegins = '-----BEGIN HYPHA RECOVERY KIT-----';
export const kitEnds = '-----END HYPHA RECOVERY KIT-----';
const perLine = 40;
/** Lines of a kit: far more than any has. */
const mostLines = 12_000;

const checkOf = (number: number, letters: string): string =>
  toBase32(sha256(concatBytes(utf8(`${number} `), utf8(letters)))).slice(0, 2);

/** `01 abcde fghij … xx` */
export function linesOf(bytes: Uint8Array): string[] {
  const pieces = toBase32(bytes).match(new RegExp(`.{1,${perLine}}`, 'g')) ?? [];
  return pieces.map((letters, i) => {
    const groups = (letters.match(/.{1,5}/g) ?? []).join(' ');
    return `${String(i + 1).padStart(2, '0')} ${groups} ${checkOf(i + 1, letters)}`;
  });
}

export type LinesOutcome =
  | { readonly ok: true; readonly bytes: Uint8Array }
  /** There is no kit in it. */
  | { readonly ok: false; readonly why: 'NONE' }
  /** `line`: of the kit, as numbered; it is missing or holds a typing error. */
  | { readonly ok: false; readonly why: 'LINE'; readonly line: number };

/**
 * The kit in a text: what stands between the two marks, or, where they are missing, all lines that look so. Spaces and capitals do not
 * matter, nor do 0 for o, 1 for l and 8 for b, which base32 does not have.
 */
export function bytesOfLines(text: string): LinesOutcome {
  const begin = text.indexOf(kitBegins);
  const end = text.indexOf(kitEnds);
  const inside = text.slice(begin < 0 ? 0 : begin + kitBegins.length, end < 0 ? undefined : end);
  const found = new Map<number, string>();
  for (const line of inside.split(/\r?\n/)) {
    const parts = /^[\s>]*(\d{1,5})[\s.:]+([A-Za-z0-9 \t]+)$/.exec(line.trimEnd());
    if (!parts) continue;
    const number = Number(parts[1]);
    const all = (parts[2] ?? '').replace(/\s+/g, '').toLowerCase();
    const letters = all.replaceAll('0', 'o').replaceAll('1', 'l').replaceAll('8', 'b');
    if (number < 1 || number > mostLines || letters.length < 3 || letters.length > perLine + 2) continue;
    if (found.has(number)) return { ok: false, why: 'LINE', line: number };
    found.set(number, letters);
  }
  if (found.size === 0) return { ok: false, why: 'NONE' };
  let whole = '';
  for (let number = 1; number <= Math.max(...found.keys()); number++) {
    const line = found.get(number) ?? '';
    const letters = line.slice(0, -2);
    if (letters === '' || checkOf(number, letters) !== line.slice(-2)) return { ok: false, why: 'LINE', line: number };
    whole += letters;
  }
  const bytes = fromBase32(whole);
  return bytes ? { ok: true, bytes } : { ok: false, why: 'LINE', line: found.size };
}
