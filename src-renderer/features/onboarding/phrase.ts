/** Number of words of a recovery phrase. */
export const phraseLength = 24;

let list: Promise<readonly string[]> | null = null;

/** The 2048 English words of BIP-39, loaded when first needed: most starts never do. */
export function loadWordList(): Promise<readonly string[]> {
  list ??= import('@scure/bip39/wordlists/english.js').then((m) => m.wordlist);
  return list;
}

/** Words out of whatever was pasted: numbered lists, commas and line breaks are no part of a phrase. */
export function splitWords(text: string): string[] {
  return text
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== '');
}

/** Put pasted words into the fields from `at` on; a whole phrase always begins at the first. */
export function fillWords(words: readonly string[], at: number, pasted: readonly string[]): string[] {
  const from = pasted.length >= phraseLength ? 0 : at;
  const next = [...words];
  pasted.slice(0, phraseLength - from).forEach((word, i) => {
    next[from + i] = word;
  });
  return next;
}

/** At most `limit` words that begin so. Four letters are enough to name any word of the list. */
export function suggest(all: readonly string[], start: string, limit = 4): string[] {
  const prefix = start.trim().toLowerCase();
  if (prefix === '') return [];
  return all.filter((word) => word.startsWith(prefix)).slice(0, limit);
}

/** The one word that was meant: itself, or the only one that begins so. */
export function complete(all: readonly string[], typed: string): string | null {
  const word = typed.trim().toLowerCase();
  if (all.includes(word)) return word;
  const found = suggest(all, word, 2);
  return word.length >= 3 && found.length === 1 ? (found[0] ?? null) : null;
}

/** Positions (from 0) of words that are in no list; empty fields are not wrong yet. */
export function unknownWords(all: readonly string[], words: readonly string[]): number[] {
  const known = new Set(all);
  return words.flatMap((word, i) => (word.trim() !== '' && !known.has(word.trim().toLowerCase()) ? [i] : []));
}
