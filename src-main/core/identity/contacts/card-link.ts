import { fromBase64url, toBase64url } from '#core/crypto/encoding.ts';
import { type CardOutcome, cardBytesMost, decodeCard } from './card-format.ts';

const scheme = 'hypha://contact/';
/** White space and invisible marks that mail programs and chats put into long lines. */
const clutter = /[\s\u200b-\u200f\u2060\ufeff]/gu;

/** A card as people send it: `hypha://contact/` and its bytes as base64url. What a QR code holds is the same text. */
export function cardLink(card: Uint8Array): string {
  return scheme + toBase64url(card);
}

/** Any text: what a link, a QR code or a file says, forgiving what transport does to it (line breaks, brackets around it). */
export function readCardLink(text: string): CardOutcome & { bytes?: Uint8Array } {
  const malformed = { ok: false as const, fault: 'MALFORMED' as const };
  if (text.length > cardBytesMost * 2) return malformed;
  const bare = text.replace(clutter, '').replace(/^[<("'“]+|[>)"'”.,]+$/gu, '');
  if (bare.slice(0, scheme.length).toLowerCase() !== scheme) return malformed;
  const bytes = fromBase64url(bare.slice(scheme.length));
  if (bytes === null) return malformed;
  const outcome = decodeCard(bytes);
  return outcome.ok ? { ...outcome, bytes } : outcome;
}
