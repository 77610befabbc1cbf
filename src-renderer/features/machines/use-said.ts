import { useCallback } from 'react';
import { useCoreWords } from '../../lib/core-words.ts';

/** What the core says of machines (of a plan, of why one is as it is, of images and of QEMU) in the person's language. */
export function useSaid(): (text: string) => string {
  const words = useCoreWords();
  return useCallback((text) => words('machines.said', text), [words]);
}
