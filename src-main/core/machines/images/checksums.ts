import { fail } from '#shared/rpc/fail.ts';

export type HashAlgorithm = 'sha256' | 'sha512';
export const hexLength: Record<HashAlgorithm, number> = { sha256: 64, sha512: 128 };

/**
 * Find a file's hash in a vendor's checksum file. Three forms are in use: `HEX  name` and `HEX *name` (coreutils),
 * `SHA512 (name) = HEX` (BSD), and a lone `HEX` in a file made for one image. Returns lower-case hex.
 */
export function findChecksum(text: string, file: string, algorithm: HashAlgorithm): string {
  const hex = `[0-9a-fA-F]{${hexLength[algorithm]}}`;
  const lines = text.split(/\r?\n/).slice(0, 100_000);
  for (const line of lines) {
    const coreutils = new RegExp(`^(${hex}) [ *](?:\\./)?(.+)$`).exec(line);
    if (coreutils?.[2] === file && coreutils[1]) return coreutils[1].toLowerCase();
    const bsd = new RegExp(`^${algorithm.toUpperCase()} \\((.+)\\) = (${hex})$`).exec(line);
    if (bsd?.[1] === file && bsd[2]) return bsd[2].toLowerCase();
  }
  const lone = new RegExp(`^\\s*(${hex})\\s*$`).exec(text);
  if (lone?.[1]) return lone[1].toLowerCase();
  throw fail('CHECKSUM_WRONG', `The vendor's checksum file does not name ${file}.`, {
    meaning: 'The image cannot be checked, so it was not used.',
    next: 'Try again later; the vendor may be publishing a new image right now.',
  });
}
