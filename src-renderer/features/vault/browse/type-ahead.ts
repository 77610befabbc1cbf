/** Letters typed within this time are one word. */
const wordMs = 700;

/**
 * Jump to a row by typing the beginning of its name. The same letter again goes to the next name with it; more letters
 * narrow. Names not loaded yet are passed over.
 */
export function createTypeAhead() {
  let typed = '';
  let last = Number.NEGATIVE_INFINITY;
  return {
    /** Whether a space belongs to a word being typed, rather than to the list. */
    typing: (now: number): boolean => typed !== '' && now - last < wordMs,
    /** Index to go to, or null when nothing begins so. `now` in milliseconds. */
    press(key: string, now: number, cursor: number, count: number, nameAt: (index: number) => string | null) {
      if (now - last >= wordMs) typed = '';
      last = now;
      typed += fold(key);
      const letters = [...typed];
      const same = letters.every((letter) => letter === letters[0]);
      const wanted = same ? (letters[0] ?? '') : typed;
      // A word being narrowed may stay where it is; a single letter moves on.
      const start = same ? cursor + 1 : cursor;
      for (let i = 0; i < count; i += 1) {
        const index = (start + i) % count;
        const name = nameAt(index);
        if (name !== null && fold(name).startsWith(wanted)) return index;
      }
      return null;
    },
  };
}

/** Case and accents do not matter when jumping. */
const fold = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLocaleLowerCase();
