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

/** A sentence within a sentence (`said`) is one of the same key's; of several in a row each is said again, or stays as it is. */
export function sayAgain(key: string, said: string, lookup: Lookup): string {
  const read = readSaid(key, said);
  if (read === null) return sayEach(key, said, lookup);
  const inner = read.values.said;
  const values = typeof inner === 'string' ? { ...read.values, said: sayAgain(key, inner, lookup) } : read.values;
  return lookup(read.key, values) ?? said;
}

/** So many in a row are looked at; what says more is another program's. */
const mostSentences = 12;

/** As many as go together first. */
function sayEach(key: string, said: string, lookup: Lookup): string {
  const sentences = said.split(/(?<=\.) (?=\p{Lu})/u);
  if (sentences.length < 2 || sentences.length > mostSentences) return said;
  const again: string[] = [];
  for (let at = 0; at < sentences.length; ) {
    let end = sentences.length;
    while (end > at + 1 && readSaid(key, sentences.slice(at, end).join(' ')) === null) end--;
    const part = sentences.slice(at, end).join(' ');
    again.push(readSaid(key, part) === null ? part : sayAgain(key, part, lookup));
    at = end;
  }
  return again.join(' ');
}
