/**
 * How many pieces chosen by chance, each like any other, must be asked for so that at least one of them is among the lost `share` with
 * probability `sure`: (1 - share)^n <= 1 - sure, so n >= ln(1 - sure) / ln(1 - share).
 */
export const sampleSize = (share: number, sure: number): number => Math.ceil(Math.log(1 - sure) / Math.log(1 - share));

/** A place that lost 1 % of what it has is found out within a day with 99 % certainty: ln 0.01 / ln 0.99 = 458.2, so 459. */
export const dailySamples = sampleSize(0.01, 0.99);

/** What is asked for at a time, in bytes: small, for it proves as much as a large one. */
export const blockBytes = 4096;

/** `n` numbers below `total`, each like any other, in order, without those drawn twice. */
export function draw(total: number, n: number, random: (n: number) => Uint8Array): number[] {
  const drawn = new Set<number>();
  if (total <= 0) return [];
  const bytes = random(n * 6);
  for (let i = 0; i < n; i++) {
    // 48 random bits: the remainder favours nothing by more than 2^-16 where there are 2^32 blocks (16 TiB).
    let value = 0;
    for (let j = 0; j < 6; j++) value = value * 256 + (bytes[i * 6 + j] ?? 0);
    drawn.add(value % total);
  }
  return [...drawn].sort((a, b) => a - b);
}
