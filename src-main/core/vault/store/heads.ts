import { type Head, headHash, noHead, type SignedHead, signHead } from '../format/head.ts';
import type { VaultKeys } from '../format/keys.ts';
import type { Catalogue } from './catalogue.ts';

/*
 * Heads of the catalogue's copies (docs/formats/vault.md, "Heads"): the newest that was copied to the places, or read from them.
 */

/** Signing takes some ten milliseconds: of copies that come soon after each other, the last vouches for those before it. */
const signEveryMs = 10 * 60 * 1000;

interface Kept {
  readonly generation: number;
  readonly hash: Uint8Array;
  /** When the newest one was signed that this follows on; ms since 1970. */
  readonly signed: number;
  readonly at: number;
}

const kept = (catalogue: Catalogue): Kept | null =>
  catalogue.one<Kept>('SELECT generation, hash, signed, at FROM heads') ?? null;

/** What the next copy of the catalogue follows on. */
const before = (catalogue: Catalogue): Head['before'] => {
  const last = kept(catalogue);
  // A catalogue that an earlier release has written since: what it wrote has no head.
  return last && last.generation === catalogue.vault()?.published
    ? { generation: last.generation, hash: last.hash }
    : noHead;
};

/** The newest head that the places have, for who wants to know later that they went back behind it. */
export function newestHead(catalogue: Catalogue): (Head['before'] & { readonly at: number }) | null {
  const last = kept(catalogue);
  return last && { generation: last.generation, hash: last.hash, at: last.at };
}

/** What was read from the places is not what once lay there: older, or of the same number and another. */
export const isOlder = (
  found: { readonly generation: number; readonly head: Uint8Array | null },
  known: { readonly generation: number; readonly hash: Uint8Array },
): boolean =>
  found.generation < known.generation ||
  (found.generation === known.generation && Buffer.compare(found.head ?? new Uint8Array(0), known.hash) !== 0);

/** The head of a copy that is about to be complete; signed when it holds everything, or when none was for a while. */
export function nextHead(
  catalogue: Catalogue,
  keys: VaultKeys,
  now: number,
  base: boolean,
  since: number,
  generation: number,
  parts: readonly Uint8Array[],
): SignedHead {
  const last = before(catalogue);
  const head: Head = { generation, base, previous: base ? 0 : since, at: now, parts: [...parts], before: last };
  const signedAt = last === noHead ? Number.NEGATIVE_INFINITY : (kept(catalogue)?.signed ?? 0);
  // A clock that was set back does not keep it from being signed.
  return base || Math.abs(now - signedAt) >= signEveryMs ? signHead(keys, head) : { head, signature: null };
}

/** This copy is on the places. In a transaction of the caller's. */
export function keepHead(catalogue: Catalogue, vaultId: Uint8Array, signed: SignedHead | null): void {
  const { head, signature } = signed ?? {};
  keep(catalogue, vaultId, head ?? null, head && signature ? head.at : (kept(catalogue)?.signed ?? 0));
}

/** The catalogue was read from the places: this is the head of the newest copy. In a transaction of the caller's. */
export const adoptHead = (catalogue: Catalogue, vaultId: Uint8Array, head: Head | null): void =>
  keep(catalogue, vaultId, head, 0);

function keep(catalogue: Catalogue, vaultId: Uint8Array, head: Head | null, signed: number): void {
  catalogue.run('DELETE FROM heads');
  if (!head) return;
  const { generation, at } = head;
  catalogue.run('INSERT INTO heads VALUES (1, ?, ?, ?, ?)', generation, headHash(vaultId, head), signed, at);
}
