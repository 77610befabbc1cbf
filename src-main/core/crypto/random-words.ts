import { wordlist } from '@scure/bip39/wordlists/english.js';

/**
 * A passphrase of words that are easy to read out, 11 random bits each (the English list of BIP-39). Ten words are what age itself makes,
 * 110 bits: nobody guesses them, also not with a quantum computer, which halves the bits at best.
 */
export function randomWords(count: number, random: (n: number) => Uint8Array): string {
  const bytes = random(count * 2);
  const words = Array.from({ length: count }, (_, i) => {
    // 65,536 is a multiple of 2,048: every word is as likely as any other.
    const index = (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)) % wordlist.length;
    return wordlist[index] ?? '';
  });
  return words.join('-');
}
