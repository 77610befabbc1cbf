const gibibyte = 1024 ** 3;
/** zstor uses no namespace that is smaller. */
const least = 128 * 1024 * 1024;

/** As typed, with a comma or a point; null for what is too little or no number. */
export function bytesOfGib(text: string): number | null {
  const bytes = Math.round(Number(text.trim().replace(',', '.')) * gibibyte);
  return text.trim() !== '' && Number.isSafeInteger(bytes) && bytes >= least ? bytes : null;
}

export const gibOf = (bytes: number): string => String(Math.round((bytes / gibibyte) * 1000) / 1000);
