/** Whether every word of the query stands somewhere in the text: found is what was typed, not what resembles it. */
export function matches(query: string, text: string): boolean {
  const haystack = text.toLocaleLowerCase();
  return query
    .toLocaleLowerCase()
    .split(/\s+/)
    .every((word) => haystack.includes(word));
}

/** Whether the text begins as the query does: what somebody types who knows its name. */
export function beginsWith(query: string, text: string): boolean {
  const words = query.trim().toLocaleLowerCase();
  return words !== '' && text.toLocaleLowerCase().startsWith(words);
}
