/** The three strengths offered; the contract takes any. Shards needed to read, and shards that may be lost. */
export const profileChoices = {
  light: { k: 2, m: 1 },
  usual: { k: 4, m: 2 },
  strong: { k: 5, m: 4 },
} as const;
export type ProfileName = keyof typeof profileChoices;

/** Directories, one a line; each counts once. */
export function pathLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return [...new Set(lines.filter(Boolean))];
}
