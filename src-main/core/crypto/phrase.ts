import { entropyToMnemonic, mnemonicToEntropy, mnemonicToSeedSync } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';

/* BIP-39 with the English list, 24 words, no BIP-39 passphrase. */

export const phraseWords = 24;
const known = new Set(wordlist);

/** The 24 words of 32 bytes of entropy. */
export function phraseFromEntropy(entropy: Uint8Array): string[] {
  if (entropy.length !== 32) throw new RangeError(`24 words hold 32 bytes, not ${entropy.length}`);
  return entropyToMnemonic(entropy, wordlist).split(' ');
}

export type PhraseOutcome =
  | { readonly ok: true; readonly entropy: Uint8Array }
  /** Positions (0 to 23) of words that are not in the list. */
  | { readonly ok: false; readonly why: 'UNKNOWN_WORDS'; readonly positions: number[] }
  /** All words exist, but not in this order or combination. */
  | { readonly ok: false; readonly why: 'CHECKSUM' }
  | { readonly ok: false; readonly why: 'COUNT' };

/** The entropy of 24 words (lower case, trimmed), or what is wrong with them. */
export function entropyFromPhrase(words: readonly string[]): PhraseOutcome {
  if (words.length !== phraseWords) return { ok: false, why: 'COUNT' };
  const positions = words.flatMap((word, i) => (known.has(word) ? [] : [i]));
  if (positions.length > 0) return { ok: false, why: 'UNKNOWN_WORDS', positions };
  try {
    return { ok: true, entropy: mnemonicToEntropy(words.join(' '), wordlist) };
  } catch {
    return { ok: false, why: 'CHECKSUM' };
  }
}

/** The 64-byte BIP-39 seed (PBKDF2-HMAC-SHA-512, 2,048 rounds): what wallets derive from. */
export function seedFromEntropy(entropy: Uint8Array): Uint8Array {
  return mnemonicToSeedSync(entropyToMnemonic(entropy, wordlist));
}
