/** Files of the index: `<segment id>.seg`, and `.part` behind it while one is written. */
export const segmentFile = (id: string): string => `${id}.seg`;
export const segmentIdOf = (file: string): string | null => /^([0-9a-f]{32})\.seg$/.exec(file)?.[1] ?? null;
