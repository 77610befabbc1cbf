import { ens_normalize } from '@adraffy/ens-normalize';

/*
 * Labels by ENSIP-15 (https://docs.ens.domains/ensip/15): one spelling for what looks the same, no mixed scripts, no whole-script look-alikes.
 * The contract can check none of it, so whatever is looked up or taken goes through here; a label that is not normal is found by nobody.
 */

/** As the contract counts: bytes of UTF-8. */
const [fewestBytes, mostBytes] = [3, 63];

export type LabelOutcome =
  | { readonly ok: true; readonly label: string }
  | { readonly ok: false; readonly why: 'not a name' | 'a point' | 'short' | 'long' | 'signs' };

/** @param text of one label, as somebody typed it */
export function normalLabel(text: string): LabelOutcome {
  const no = (why: Extract<LabelOutcome, { ok: false }>['why']): LabelOutcome => ({ ok: false, why });
  let label: string;
  try {
    label = ens_normalize(text.trim());
  } catch {
    return no('not a name');
  }
  if (label.includes('.')) return no('a point');
  const bytes = Buffer.byteLength(label);
  if (bytes < fewestBytes) return no('short');
  if (bytes > mostBytes) return no('long');
  // Of ASCII the contract takes letters, digits and hyphens inside; ENSIP-15 also has `_`, `$` and `'`.
  if (/[^a-z0-9\u0080-\u{10ffff}-]/u.test(label) || /^-|-$|^..--/.test(label)) return no('signs');
  return { ok: true, label };
}

/** The part behind the point for a ledger that the person calls `name`: `Tom’s ledger` is `toms-ledger`. Empty when nothing of it can stand there. */
export function ledgerLabel(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[\p{M}'’]/gu, '')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}

/** `ann.toms-ledger` in its two parts; without a point the ledger is null. */
export function splitName(text: string): { readonly name: string; readonly ledger: string | null } {
  const at = text.trim().lastIndexOf('.');
  return at < 0
    ? { name: text.trim(), ledger: null }
    : { name: text.trim().slice(0, at), ledger: text.trim().slice(at + 1) };
}
