import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useOptionalT } from './i18n.ts';
import { readSaid } from './summary.ts';

/**
 * What the core says of a state or of something it found, in the person's language where there are words for it and as the core
 * says it where there are none.
 *
 * @returns takes the key under which its sentences are (`mesh.said.PING`) and one of them
 */
export function useCoreWords(): (key: string, said: string) => string {
  const lookup = useOptionalT();
  const english = useTranslation().i18n.language === 'en';
  return useCallback((key, said) => (english ? said : sayAgain(key, said, lookup)), [english, lookup]);
}

type Lookup = (key: string, values?: Readonly<Record<string, string | number>>) => string | null;

/** A sentence within a sentence (`said`) is one of the same key's. */
export function sayAgain(key: string, said: string, lookup: Lookup): string {
  const read = readSaid(key, said);
  if (read === null) return said;
  const inner = read.values.said;
  const values = typeof inner === 'string' ? { ...read.values, said: sayAgain(key, inner, lookup) } : read.values;
  return lookup(read.key, values) ?? said;
}
